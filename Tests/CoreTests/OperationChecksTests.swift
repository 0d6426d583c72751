import Core
import TestSupport
import Testing

@Suite("Operations and their jobs")
struct OperationChecksTests {
    private func fleet(_ change: (inout Fleet) -> Void = { _ in }) -> Fleet {
        var fleet = Fleet()
        fleet.observeQueues()
        change(&fleet)
        return fleet
    }

    private static let dead: @Sendable (inout Fleet) -> Void = { $0.addDeadBackup("op1", vmid: 5001) }

    @Test func aSilentOperationWithoutAJobIsStale() throws {
        let report = try #require(fleet(Self.dead).audit())
        #expect(report.kinds == ["operation.stale 5001"])
        let decision = report.decisions[0]
        #expect((decision.verdict, decision.reason) == (.repair, .policyMatched))
        #expect(decision.action == .clearStaleOperationLock)
        #expect(decision.drift.evidence.looks == 2)
        #expect(decision.drift.observed.contains("heartbeat and lease expired"))
        #expect(report.status(.queues) == .complete)
        #expect(report.summary.drifted == 1)
    }

    @Test func aHeartbeatOrALeaseAloneIsEnough() throws {
        var one = fleet(Self.dead)
        one.changeOperation("op1") { $0.leaseExpiresAt = nil }
        #expect(try #require(one.audit()).kinds == ["operation.stale 5001"])
        one = fleet(Self.dead)
        one.changeOperation("op1") { ($0.heartbeatAt, $0.status) = (nil, .queued) }
        #expect(try #require(one.audit()).kinds == ["operation.stale 5001"])
    }

    @Test("What still lives is not stale", arguments: 0...5)
    func living(which: Int) throws {
        let now = Fleet.now
        var fleet = fleet(Self.dead)
        fleet.changeOperation("op1") {
            switch which {
            case 0: $0.heartbeatAt = now - .minutes(10)
            case 1: $0.leaseExpiresAt = now
            case 2: ($0.heartbeatAt, $0.leaseExpiresAt) = (nil, nil)
            case 3: $0.status = .ready
            case 4: $0.vmid = VMID(9500)
            default: ($0.heartbeatAt, $0.leaseExpiresAt) = (now - .seconds(1), nil)
            }
        }
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.unknown == [])
    }

    @Test("A job that is in any list keeps its operation", arguments: QueueReading.Place.allCases)
    func listed(place: QueueReading.Place) throws {
        var fleet = fleet(Self.dead)
        fleet.queues.jobs["op1"] = .listed([place])
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.unknown == [])
        #expect(report.exitStatus == 0)
    }

    @Test func theJobsOwnNameCounts() throws {
        var fleet = fleet(Self.dead)
        fleet.changeOperation("op1") { $0.jobID = "77" }
        fleet.queues.jobs["77"] = .listed([.active])
        #expect(try #require(fleet.audit()).kinds == [])
    }

    @Test func aJobBetweenTwoListsInOneLookIsNoAbsence() throws {
        let first = fleet(Self.dead)
        var second = first
        second.queues.jobs["op1"] = .listed([.active])
        #expect(try #require(first.audit(second: second)).kinds == [])
        // The other way about, only the last look lacks it.
        let report = try #require(second.audit(second: first))
        #expect(report.kinds == [])
    }

    @Test("Each of these makes an absence unbelievable", arguments: 0...8)
    func doubts(which: Int) throws {
        let at = Fleet.now
        var fleet = fleet(Self.dead)
        let reason: Unknown
        switch which {
        case 0: (fleet.queues.exists, reason) = (false, .queueMissing)
        case 1: (fleet.queues.isPaused, reason) = (true, .queuePaused)
        case 2: (fleet.queues.role, reason) = ("slave", .replica)
        case 3: (fleet.queues.version, reason) = ("bullmq:7.0.0", .unknownLayout)
        case 4: (fleet.queues.version, reason) = ("bullmq-pro:5.1.0", .unknownLayout)
        case 5: (fleet.queues.failure, reason) = (ReadFailure(.refused, "no", at: at), .refused)
        case 6: (fleet.queues.queueFailure, reason) = (ReadFailure(.forbidden, "NOPERM", at: at), .forbidden)
        case 7: (fleet.queues.jobs["op1"], reason) = (.listTooLong(.wait), .listTooLong)
        default:
            fleet.changeOperation("op1") { $0.queue = "elsewhere" }
            reason = .queueNotListed
        }
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.unknown.contains(UnknownFact(vmid: VMID(5001), plane: .queues, reason: reason)))
        #expect(report.exitStatus == 3)
        // And it stays in flight: nobody else may touch its server.
        fleet.removeRecord("s5001")
        #expect(try #require(fleet.audit()?.decision(.publicSRVMissing)).reason == .operationInFlight)
    }

    @Test func aRestartBetweenTheLooksProvesNothing() throws {
        let first = fleet(Self.dead)
        var second = first
        second.queues.runID = "run-2"
        let report = try #require(first.audit(second: second))
        #expect(report.kinds == [])
        #expect(report.unknown == [UnknownFact(vmid: VMID(5001), plane: .queues, reason: .serverRestarted)])
    }

    @Test func aSecondLookThatFailsProvesNothing() throws {
        let first = fleet(Self.dead)
        var second = first
        second.queues.failure = ReadFailure(.timeout, "no answer", at: Fleet.now)
        let report = try #require(first.audit(second: second))
        #expect(report.kinds == [])
        #expect(report.unknown == [UnknownFact(vmid: VMID(5001), plane: .queues, reason: .timeout)])
        #expect(report.status(.queues) == .partial)
    }

    @Test func aPlaneThatIsNotConfiguredIsSaid() throws {
        var fleet = Fleet()
        fleet.addDeadBackup("op1", vmid: 5001)
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.notEvaluated.contains { $0.kind == .operationStale && $0.why.contains("not configured") })
    }

    @Test func aDeadOperationOwnsNothing() throws {
        var fleet = fleet(Self.dead)
        fleet.removeRecord("s5001")
        let alone = try #require(fleet.audit()?.decision(.publicSRVMissing))
        #expect((alone.verdict, alone.reason) == (.repair, .policyMatched))
        // Another that lives still does.
        fleet.addOperation("op2", .restart, vmid: 5001, status: .running)
        fleet.changeOperation("op2") { $0.heartbeatAt = Fleet.now }
        let held = try #require(fleet.audit()?.decision(.publicSRVMissing))
        #expect((held.verdict, held.reason) == (.held, .operationInFlight))
        #expect(try #require(fleet.audit()?.decision(.operationStale)).verdict == .repair)
    }

    @Test func manyAtOnceAreHeld() throws {
        var fleet = Fleet(20)
        fleet.observeQueues()
        for vmid in 5001...5006 { fleet.addDeadBackup("op\(vmid)", vmid: vmid) }
        let report = try #require(fleet.audit())
        #expect(report.decisions.count == 6)
        #expect(report.decisions.allSatisfy { $0.reason == .massChange })
    }

    // MARK: Stuck

    @Test(arguments: [nil, 5900]) func aCreateThatNeverBeganIsStuck(vmid: Int?) throws {
        var fleet = fleet { $0.addStuckCreate("op1", vmid: vmid) }
        // A second look asks Proxmox whether the token could see the guest that is not there.
        fleet.probes = [VMID(5900)!: true]
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["operation.stuck \(vmid.map(String.init) ?? "-")"])
        let decision = report.decisions[0]
        #expect((decision.verdict, decision.action) == (.repair, .failStuckOperation))
    }

    @Test("What has begun, or may have, is not stuck", arguments: 0...6)
    func begun(which: Int) throws {
        let now = Fleet.now
        var fleet = fleet { $0.addStuckCreate("op1", vmid: nil) }
        fleet.changeOperation("op1") {
            switch which {
            case 0: $0.phase = "clone"
            case 1: $0.heartbeatAt = now - .minutes(2)
            case 2: $0.enqueuedAt = now - .minutes(15)
            case 3: $0.kind = .start
            case 4: $0.vmid = VMID(5001)
            case 5: $0.status = .failed
            default: break
            }
        }
        if which == 6 { fleet.queues.jobs["op1"] = .listed([.delayed]) }
        #expect(try #require(fleet.audit()).kinds == [])
    }

    /// The jobs that each look at the queues asks for.
    private func asked(_ fleet: Fleet, _ request: Request = .audit) -> [[String]] {
        var controller = Controller(settings: fleet.settings, policies: fleet.policies)
        var queue = controller.handle(.operatorAsked(request), at: Fleet.now)
        var asked: [[String]] = []
        while !queue.isEmpty {
            switch queue.removeFirst() {
            case .wake(.secondLook, let at): queue += controller.handle(.woke(.secondLook), at: at)
            case .observe(let look):
                if look.plane == .queues { asked.append(look.jobs.map(\.id)) }
                queue += controller.handle(.observed(fleet.observation(look, at: Fleet.now)), at: Fleet.now)
            default: break
            }
        }
        return asked
    }

    /// The lists of a busy Redis are searched for nobody whose job matters to nothing.
    @Test func onlyTheJobsOfLateOperationsAreSearchedFor() {
        var fleet = fleet()
        for (id, silent) in [("op1", 1), ("op2", 9), ("op3", 30)] {
            fleet.addOperation(id, .backup, vmid: 5001, status: .running)
            fleet.changeOperation(id) { $0.heartbeatAt = Fleet.now - .minutes(Int64(silent)) }
        }
        #expect(asked(fleet) == [["op3"], ["op3"]])
        // What may be late by the time of a second look has to have been in the first one.
        fleet.changeOperation("op2") { $0.heartbeatAt = Fleet.now - .minutes(10) + .seconds(40) }
        #expect(asked(fleet) == [["op2", "op3"], ["op2", "op3"]])
        fleet.addStuckCreate("op4", vmid: nil)
        #expect(asked(fleet) == [["op2", "op3", "op4"], ["op2", "op3", "op4"]])
        // Who asks about one server wants to see all of its jobs.
        #expect(asked(fleet, .explain(VMID(5001)!)).first == ["op1", "op2", "op3"])
    }

    @Test func aHeartbeatAsOldAsTheOrderIsNoProgress() throws {
        var fleet = fleet { $0.addStuckCreate("op1", vmid: nil) }
        // It has a heartbeat, and it is past: that is stale by the contract, and stuck only while a lease still holds.
        fleet.changeOperation("op1") { $0.heartbeatAt = $0.enqueuedAt }
        #expect(try #require(fleet.audit()).kinds == ["operation.stale -"])
        fleet.changeOperation("op1") { $0.leaseExpiresAt = Fleet.now + .minutes(5) }
        #expect(try #require(fleet.audit()).kinds == ["operation.stuck -"])
    }

    @Test func aListingThatLacksTooManyMakesNothingStuck() throws {
        var fleet = Fleet(20)
        fleet.observeQueues()
        fleet.addStuckCreate("op1", vmid: 5900)
        fleet.probes = [VMID(5900)!: true]
        #expect(try #require(fleet.audit()).kinds == ["operation.stuck 5900"])
        for vmid in 5001...5010 {
            fleet.removeGuest(vmid)
            fleet.probes?[VMID(vmid)!] = true
        }
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.unknown.filter { $0.vmid == VMID(5900) }.map(\.reason) == [.bulkAbsence])
    }

    @Test func aGuestThatMayBeHiddenMakesNothingStuck() throws {
        var fleet = fleet { $0.addStuckCreate("op1", vmid: 5900) }
        fleet.probes = [VMID(5900)!: false]
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.unknown.map(\.vmid) == [VMID(5900)])
        #expect(report.unknown.map(\.plane) == [.proxmox])
        fleet.isQuorate = false
        #expect(try #require(fleet.audit()).kinds == [])
    }

    @Test func withoutProxmoxOnlyACreateWithoutAVMIDIsStuck() throws {
        var fleet = fleet {
            $0.addStuckCreate("op1", vmid: 5900)
            $0.addStuckCreate("op2", vmid: nil)
        }
        fleet.settings.proxmox = nil
        #expect(try #require(fleet.audit()).kinds == ["operation.stuck -"])
    }

    // MARK: Backlog

    private func waiting(_ minutes: Int64, delay: Int64 = 0, processed: Int64? = nil) -> QueueReading.Waiting {
        QueueReading.Waiting(
            id: "1", createdAt: Fleet.now - .minutes(minutes), delay: .minutes(delay),
            processedOn: processed.map { Fleet.now - .minutes($0) })
    }

    @Test func aJobThatWaitsTooLongIsABacklog() throws {
        let fleet = fleet { $0.queues.waiting = [waiting(16)] }
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["queue.backlog -"])
        #expect((report.decisions[0].verdict, report.decisions[0].drift.subject.queue) == (.report, "provisioning"))
        #expect(report.summary.drifted == 0)
    }

    @Test("Whose age is not certain is no backlog", arguments: 0...5)
    func young(which: Int) throws {
        var job = waiting(30)
        switch which {
        case 0: job = waiting(15)
        case 1: job = waiting(30, delay: 20)
        case 2: job = waiting(30, processed: 3)
        case 3: job.queuedAt = Fleet.now - .minutes(1)
        case 4: job.createdAt = nil
        default: job.mayBeNewer = true
        }
        let report = try #require(fleet { $0.queues.waiting = [job] }.audit())
        #expect(report.kinds == [])
        #expect(report.unknown.isEmpty == (which < 5))
    }

    @Test func whatNeedsHistoryIsSaid() throws {
        let report = try #require(fleet().audit())
        for kind in [DriftKind.queueStalled, .queueNoWorker] {
            #expect(report.notEvaluated.contains { $0.kind == kind && $0.why == "needs history" })
        }
        #expect(!report.notEvaluated.contains { $0.kind == .queueBacklog })
        #expect(report.exitStatus == 0)
    }
}
