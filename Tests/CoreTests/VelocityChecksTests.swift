import Core
import TestSupport
import Testing

@Suite("The proxy's backends")
struct VelocityChecksTests {
    private func audit(_ fleet: Fleet, second: Fleet? = nil) throws -> Report {
        try #require(fleet.audit(second: second))
    }

    private static var lost: Fleet {
        var fleet = Fleet.withHosts()
        fleet.unregister("mc-paper-5002")
        return fleet
    }

    @Test func aReadyServerThatTheProxyLacksInTwoLooksIsMissing() throws {
        let report = try audit(Self.lost)
        #expect(report.kinds == ["velocity.missing 5002"])
        let decision = report.decisions[0]
        #expect((decision.verdict, decision.reason) == (.repair, .policyMatched))
        #expect(decision.action == .edgeRepublish)
        #expect(decision.drift.evidence.looks == 2)
        #expect(decision.drift.desired == "backend 'mc-paper-5002' at 10.70.20.2:25565")
    }

    @Test func aBackendThatComesBackWasNeverMissing() throws {
        let report = try audit(Self.lost, second: .withHosts())
        #expect(report.kinds == [])
        #expect(report.exitStatus == 0)
        #expect(
            try audit(.withHosts(), second: Self.lost).kinds == [], "nothing was suspicious, so there is no second look"
        )
    }

    @Test func aWrongAddressOrPortIsWrong() throws {
        var fleet = Fleet.withHosts()
        fleet.register("mc-paper-5001", "10.70.99.1")
        fleet.register("MC-Paper-5002", "10.70.20.2", port: 25566)
        let report = try audit(fleet)
        #expect(report.kinds == ["velocity.wrong_address 5001", "velocity.wrong_address 5002"])
        #expect(report.decisions.map(\.verdict) == [.repair, .repair])
        #expect(report.decisions[0].drift.observed == "10.70.99.1:25565")
        #expect(try audit(fleet, second: .withHosts()).kinds == [])
    }

    @Test func aNameThatOnlyTheProxyCanResolveIsUnknown() throws {
        var fleet = Fleet.withHosts()
        fleet.register("mc-paper-5001", "mc-paper-5001.internal")
        let report = try audit(fleet)
        #expect(report.kinds == [])
        #expect(report.unknown.map(\.plane) == [.velocity])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var apply: @Sendable (inout Fleet) -> Void
        /// Of velocity.missing 5002; nil when there has to be none.
        var reason: Reason?
        var isUnknown = false
    }

    private static func says(_ status: AgentStatus) -> @Sendable (inout Fleet) -> Void {
        { $0.agents[5002] = .status(status) }
    }

    static let cases: [Case] = [
        Case(
            testDescription: "not ready: nothing is expected yet",
            apply: says(AgentStatus(state: .starting, ready: false))),
        Case(
            testDescription: "readiness not told", apply: says(AgentStatus(state: .running)), isUnknown: true),
        Case(
            testDescription: "the agent refuses the token", apply: { $0.agents[5002] = .failed(.unauthorized) },
            isUnknown: true),
        Case(
            testDescription: "agents are not configured", apply: { $0.settings.agents = false }, isUnknown: true),
        Case(
            testDescription: "an operation in the agent",
            apply: says(AgentStatus(state: .running, ready: true, operationInProgress: true)), reason: .agentBusy),
        Case(
            testDescription: "maintenance", apply: says(AgentStatus(state: .running, ready: true, maintenance: true)),
            reason: .agentBusy),
        Case(
            testDescription: "ready but verifying", apply: says(AgentStatus(state: .verifying, ready: true)),
            reason: .agentBusy),
        Case(
            testDescription: "ready but no process",
            apply: says(AgentStatus(state: .running, processRunning: false, ready: true)), reason: .agentNotReady),
        Case(
            testDescription: "ready but stopped", apply: says(AgentStatus(state: .stopped, ready: true)),
            reason: .agentNotReady),
        Case(
            testDescription: "ready but crashed", apply: says(AgentStatus(state: .crashed, ready: true)),
            reason: .causedBy),
        Case(
            testDescription: "the guest's addresses were not read", apply: { $0.addresses = [:] },
            reason: .addressUnconfirmed),
        Case(
            testDescription: "the guest has no address yet",
            apply: { $0.addresses[VMID(5002)!] = GuestAddresses(ipv4: [], isWhole: true) },
            reason: .addressUnconfirmed),
        Case(
            testDescription: "the guest has another address",
            apply: { $0.addresses[VMID(5002)!] = GuestAddresses(ipv4: ["10.70.1.1"], isWhole: true) },
            reason: .causedBy),
        Case(
            testDescription: "an older Proxmox shows another address",
            apply: { $0.addresses[VMID(5002)!] = GuestAddresses(ipv4: ["10.70.1.1"], isWhole: false) },
            reason: .addressUnconfirmed),
        Case(
            testDescription: "who the guest is, is unknown", apply: { $0.changeGuest(5002) { $0.name = nil } },
            reason: .evidenceUnknown),
        Case(
            testDescription: "Proxmox is not configured", apply: { $0.settings.proxmox = nil }, reason: .evidenceUnknown
        ),
        Case(
            testDescription: "a live operation",
            apply: { $0.addOperation("op", .backup, vmid: 5002, status: .running) }, reason: .operationInFlight),
        Case(
            testDescription: "locked", apply: { $0.changeGuest(5002) { $0.lock = "backup" } }, reason: .proxmoxLocked),
        Case(testDescription: "stopped", apply: { $0.changeGuest(5002) { $0.status = "stopped" } }),
        Case(
            testDescription: "should be stopped",
            apply: { fleet in
                fleet.changeRow(5002) { $0.power = .stopped }
                fleet.changeGuest(5002) { $0.status = "stopped" }
            }),
        Case(
            testDescription: "suspended",
            apply: { fleet in
                fleet.billing = [BillingRow(customer: "c5002", status: .suspended, serverState: .suspendedShutdown)]
                fleet.changeGuest(5002) { $0.status = "stopped" }
            }),
        Case(testDescription: "no Minecraft", apply: { $0.changeRow(5002) { $0.game = "rust" } }),
        Case(
            testDescription: "the proxy cannot be read",
            apply: { $0.proxyFailure = ReadFailure(.unauthorized, "401", at: Fleet.now) }, isUnknown: true),
        Case(testDescription: "no list", apply: { $0.proxy.servers = nil }, isUnknown: true),
        Case(testDescription: "an entry that cannot be read", apply: { $0.proxy.unreadableRows = 1 }, isUnknown: true),
    ]

    @Test("What stands against it, or makes it unknown", arguments: cases)
    func missing(_ test: Case) throws {
        var fleet = Self.lost
        test.apply(&fleet)
        let report = try audit(fleet)
        #expect(report.decision(.velocityMissing)?.reason == test.reason)
        if test.reason != nil { #expect(report.decision(.velocityMissing)?.verdict == .held) }
        let isUnknown = report.unknown.contains { $0.plane == .velocity && $0.vmid == VMID(5002) }
        #expect(isUnknown == test.isUnknown)
    }

    /// What it does is no obstacle here; that the address is not the server's is one.
    @Test func theAgentOfAnotherHoldsNothing() throws {
        var fleet = Self.lost
        Self.says(AgentStatus(state: .running, ready: true, operationInProgress: true))(&fleet)
        func holds() throws -> [Reason] {
            let known = try #require(fleet.audit(.explain(VMID(5002)!))?.explanation)
            return try #require(known.cases.first { $0.decision.drift.kind == .velocityMissing }).holds.map(\.reason)
        }
        #expect(try holds() == [.agentBusy])
        fleet.addresses[VMID(5002)!] = GuestAddresses(ipv4: ["10.70.1.1"], isWhole: true)
        #expect(try holds() == [.causedBy, .addressUnconfirmed])
    }

    @Test func aRightBackendNeedsNoAgent() throws {
        var fleet = Fleet.withHosts()
        fleet.settings.agents = false
        let report = try audit(fleet)
        #expect(report.kinds == [])
        #expect(report.unknown == [])
    }

    @Test func aProxyRestartIsOneQuestionAndNotTwentyRepairs() throws {
        var fleet = Fleet.withHosts(20)
        fleet.proxy.servers = []
        let report = try audit(fleet)
        #expect(report.decisions.count == 20)
        #expect(report.decisions.allSatisfy { $0.drift.kind == .velocityMissing && $0.reason == .massChange })
        // The plugin registers everything again by itself.
        #expect(try audit(fleet, second: .withHosts(20)).kinds == [])
    }

    // MARK: Ghosts

    private func ghosts(_ change: (inout Fleet) -> Void) throws -> Report {
        var fleet = Fleet.withHosts()
        change(&fleet)
        return try audit(fleet)
    }

    @Test func aBackendOfNoServerIsAGhost() throws {
        let report = try ghosts { $0.register("mc-paper-5077", "10.70.20.2") }
        #expect(report.kinds == ["velocity.ghost 5077"])
        let decision = report.decisions[0]
        #expect((decision.verdict, decision.reason, decision.level) == (.manual, .noAction, .disruptive))
        #expect(decision.drift.evidence.looks == 2)
    }

    @Test func theFullNameIsAGhostBesideTheShortOne() throws {
        let report = try ghosts { $0.register("mc-paper-5002.example.net", "10.70.20.2") }
        #expect(report.kinds == ["velocity.ghost 5002"])
        #expect(report.summary.inSync == 3)
    }

    @Test func theFullNameAloneIsAGhostAndTheServerIsMissing() throws {
        let report = try ghosts { fleet in
            fleet.unregister("mc-paper-5002")
            fleet.register("mc-paper-5002.example.net", "10.70.20.2")
        }
        #expect(report.kinds == ["velocity.missing 5002", "velocity.ghost 5002"])
    }

    @Test func aRetiredHostNameIsOurs() throws {
        let report = try ghosts { fleet in
            fleet.retired = [
                RetiredInstance(
                    vmid: VMID(5055)!, externalID: nil, customer: "c9", hostname: "old-style-name", game: nil,
                    deletedAt: Fleet.now - .minutes(60))
            ]
            fleet.register("old-style-name", "10.70.20.2")
        }
        #expect(report.kinds == ["velocity.ghost 5055"])
        #expect(report.decisions[0].drift.subject.customer == "c9")
    }

    @Test(
        "None of these is a ghost",
        arguments: [
            { @Sendable fleet in fleet.register("lobby", "10.0.0.20") },
            { fleet in fleet.register("hub-1", "10.0.0.21") },
            { fleet in fleet.register("mc-paper-9001", "10.0.0.22") },
            { fleet in fleet.register("mc-paper-5002.another.example", "10.0.0.22") },
            { fleet in fleet.changeRow(5002) { $0.power = .stopped } },
            { fleet in fleet.changeRow(5002) { $0.status = .provisioning } },
            { fleet in fleet.changeRow(5002) { $0.status = .failed } },
            { fleet in
                fleet.billing = [BillingRow(customer: "c5002", status: .suspended, serverState: .allowed)]
            },
            { fleet in
                fleet.register("mc-paper-5077", "10.70.20.2")
                fleet.addOperation("op", .create, vmid: 5077, status: .running)
            },
        ] as [@Sendable (inout Fleet) -> Void])
    func noGhost(_ change: @Sendable (inout Fleet) -> Void) throws {
        #expect(try ghosts(change).decision(.velocityGhost) == nil)
    }

    @Test func aGhostHasToBeSeenTwice() throws {
        var first = Fleet.withHosts()
        first.register("mc-paper-5077", "10.70.20.2")
        #expect(try audit(first, second: .withHosts()).kinds == [])
        var made = first
        made.addServer(5077)
        made.addHosts()
        #expect(try audit(first, second: made).decision(.velocityGhost) == nil, "its row was on the way")
    }

    @Test(
        "While rows are in doubt nothing is a ghost",
        arguments: [
            (
                { @Sendable fleet in
                    fleet.unreadable = [
                        UnreadableRow(table: .instance, vmid: nil, externalID: nil, hostname: nil, why: "x")
                    ]
                }, Unknown.unreadableRow
            ),
            ({ fleet in fleet.addOperation("op", .create, vmid: nil, status: .queued) }, .createWithoutVMID),
            ({ fleet in fleet.instances = [] }, .bulkOrphans),
        ] as [(@Sendable (inout Fleet) -> Void, Unknown)])
    func doubtedRows(_ change: @Sendable (inout Fleet) -> Void, _ reason: Unknown) throws {
        let report = try ghosts { fleet in
            fleet.register("mc-paper-5077", "10.70.20.2")
            change(&fleet)
        }
        #expect(report.decision(.velocityGhost) == nil)
        #expect(report.unknown.contains { $0.vmid == VMID(5077) && $0.reason == reason })
    }

    @Test func backendsOfRowsThatAreGoneTogetherAreNoGhosts() throws {
        var fleet = Fleet.withHosts(20)
        for vmid in 5001...5010 { fleet.removeRow(vmid) }
        let report = try audit(fleet)
        #expect(report.kinds == [])
        #expect(report.unknown.contains { $0.vmid == VMID(5001) && $0.reason == .bulkOrphans })
    }

    @Test func twoRowsWithOneHostNameExplainTheirBackend() throws {
        var fleet = Fleet.withHosts()
        fleet.changeRow(5002) { $0.hostname = "mc-paper-5001" }
        fleet.changeGuest(5002) { $0.name = "mc-paper-5001" }
        fleet.register("mc-paper-5001", "10.70.99.1")
        let report = try audit(fleet)
        let wrong = report.decisions.filter { $0.drift.kind == .velocityWrongAddress }
        #expect(wrong.count == 2)
        // Only one of the two names fits its VMID; both follow from the claim.
        #expect(wrong.allSatisfy { $0.verdict == .held && $0.drift.causedBy != nil })
    }
}
