import Core
import TestSupport
import Testing

/// Somebody else acts on the guest: a running task, or the HA manager.
@Suite("Guards of a guest")
struct GuestGuardTests {
    private static let guest = VMID(5001)!

    private static func lacksSRV(_ tasks: [String: [GuestTask]]?) -> Fleet {
        var fleet = Fleet()
        fleet.removeRecord("s5001")
        fleet.tasks = tasks
        return fleet
    }

    @Test(arguments: [
        GuestTask(vmid: guest, type: "vzdump"), GuestTask(vmid: guest, type: "vzmigrate"),
        GuestTask(vmid: nil, type: "startall"), GuestTask(vmid: guest, type: "a-task-of-a-later-version"),
    ])
    func aForeignTaskHolds(task: GuestTask) throws {
        let decision = try #require(Self.lacksSRV(["n1": [task], "n2": []]).audit()?.decision(.publicSRVMissing))
        #expect((decision.verdict, decision.reason) == (.held, .foreignTask))
        #expect(decision.detail == "a task runs on it: \(task.type)")
    }

    @Test(arguments: [
        [], [GuestTask(vmid: VMID(5002), type: "vzdump")], [GuestTask(vmid: guest, type: "vzstart", isOurs: true)],
        [GuestTask(vmid: guest, type: "vncproxy")], [GuestTask(vmid: nil, type: "vzdump")],
    ])
    func whatDoesNotConcernTheGuestDoesNotHold(tasks: [GuestTask]) throws {
        let decision = try #require(Self.lacksSRV(["n1": tasks]).audit()?.decision(.publicSRVMissing))
        #expect((decision.verdict, decision.reason) == (.repair, .policyMatched))
    }

    @Test func whatNobodyKnowsHolds() throws {
        let silent = try #require(Self.lacksSRV(["n2": []]).audit()?.decision(.publicSRVMissing))
        #expect((silent.verdict, silent.reason) == (.held, .foreignTask))
        #expect(silent.detail == "whether a task runs on guest 5001 is not known")
        // Without the right Proxmox lists the token's own tasks alone: an empty list says nothing.
        for permissions in [
            ["/": ["VM.Audit": true]], ["/": ["VM.Audit": true, "Sys.Audit": false]],
            ["/": ["VM.Audit": true, "Sys.Audit": true], "/nodes": [:]],
            ["/": ["VM.Audit": true, "Sys.Audit": true], "/nodes/n1": ["Sys.Modify": true]],
        ] {
            var fleet = Self.lacksSRV(nil)
            fleet.permissions = permissions
            #expect(fleet.audit()?.decision(.publicSRVMissing)?.reason == .foreignTask)
        }
        var fleet = Self.lacksSRV(nil)
        fleet.permissions = ["/": ["VM.Audit": true], "/nodes/n1": ["Sys.Audit": false]]
        #expect(fleet.audit()?.decision(.publicSRVMissing)?.verdict == .repair)
    }

    @Test func whoActsByHandIsTold() throws {
        for (kind, tasks, words) in [
            (.containerRunning, ["n1": [GuestTask(vmid: Self.guest, type: "vzdump")]], "a task runs on it: vzdump"),
            (.containerRunning, [:], "whether a task runs on guest 5001 is not known"),
            (.containerStopped, [:], "whether a task runs on guest 5001 is not known"),
        ] as [(DriftKind, [String: [GuestTask]], String)] {
            var fleet = Fleet()
            if kind == .containerStopped { fleet.changeGuest(5001) { $0.status = "stopped" } }
            if kind == .containerRunning { fleet.changeRow(5001) { $0.power = .stopped } }
            fleet.tasks = tasks
            let decision = try #require(fleet.audit()?.decision(kind))
            #expect((decision.verdict, decision.reason) == (.manual, .noAction))
            #expect(decision.detail?.hasSuffix("mind: \(words)") == true)
        }
    }

    /// A migration stops a guest before it locks it: its task is all that is seen of it.
    @Test(arguments: [true, false])
    func aGuestThatATaskActsOnIsNotStopped(isOfTheWholeNode: Bool) throws {
        var fleet = Fleet()
        fleet.changeGuest(5001) { $0.status = "stopped" }
        fleet.tasks = [
            "n1": [
                isOfTheWholeNode
                    ? GuestTask(vmid: nil, type: "stopall") : GuestTask(vmid: Self.guest, type: "vzmigrate")
            ]
        ]
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.unknown == [UnknownFact(vmid: Self.guest, plane: .proxmox, reason: .actedOn)])
        // Somebody who looks at its console, and what the controller itself asked for, stop nothing.
        fleet.tasks = [
            "n1": [
                GuestTask(vmid: Self.guest, type: "vncproxy"),
                GuestTask(vmid: Self.guest, type: "vzstart", isOurs: true),
            ]
        ]
        #expect(try #require(fleet.audit()).kinds == ["container.stopped 5001"])
    }

    @Test func haHoldsNoRecordAndIsToldToWhoActs() throws {
        var fleet = Self.lacksSRV(nil)
        fleet.changeGuest(5001) { $0.haState = "started" }
        #expect(fleet.audit()?.decision(.publicSRVMissing)?.verdict == .repair)
        fleet.changeGuest(5001) { $0.status = "stopped" }
        let detail = try #require(fleet.audit()?.decision(.containerStopped)?.detail)
        #expect(detail.contains("managed by Proxmox HA (state started)"))
        fleet.changeGuest(5001) { $0.haState = "ignored" }
        #expect(fleet.audit()?.decision(.containerStopped)?.detail == nil)
    }

    /// What the second look at Proxmox asks; nil when there is none.
    private func asked(_ fleet: Fleet) -> [VMID]? {
        var controller = Controller(settings: fleet.settings, policies: fleet.policies)
        var queue = controller.handle(.operatorAsked(.audit), at: Fleet.now)
        var asked: [VMID]?
        while !queue.isEmpty {
            switch queue.removeFirst() {
            case .wake(.secondLook, let at): queue += controller.handle(.woke(.secondLook), at: at)
            case .observe(let look):
                if look.plane == .proxmox, look.number == 2 { asked = look.tasksOf }
                queue += controller.handle(.observed(fleet.observation(look, at: Fleet.now)), at: Fleet.now)
            default: break
            }
        }
        return asked
    }

    @Test func onlyGuestsThatSomethingIsToBeDoneAboutAreAskedFor() {
        var fleet = Fleet()
        fleet.tasks = [:]
        #expect(asked(fleet) == nil)
        fleet.changeGuest(5002) { $0.node = "n2" }
        #expect(asked(fleet) == nil, "what is only reported needs no question")
        fleet.removeRecord("s5001")
        fleet.changeGuest(5003) { $0.status = "stopped" }
        #expect(asked(fleet) == [Self.guest, VMID(5003)!])
    }

    @Test func aDatabaseRepairWaitsForNoTask() throws {
        var fleet = Fleet()
        fleet.observeQueues()
        fleet.addDeadBackup("op-dead", vmid: 5001)
        fleet.tasks = [:]
        #expect(fleet.audit()?.decision(.operationStale)?.verdict == .repair)
    }
}
