import Core
import TestSupport
import Testing

@Suite("Agents")
struct AgentChecksTests {
    private func audit(_ fleet: Fleet, second: Fleet? = nil) throws -> Report {
        try #require(fleet.audit(second: second))
    }

    @Test func aFleetThatIsWellIsInSync() throws {
        let report = try audit(.withHosts())
        #expect(report.kinds == [])
        #expect(report.unknown == [])
        #expect(report.exitStatus == 0)
        #expect(report.status(.agents) == .complete)
        #expect(report.status(.velocity) == .complete)
    }

    @Test(arguments: [Unknown.refused, .timeout])
    func silenceInTwoLooksWhileTheContainerRunsIsUnreachable(_ reason: Unknown) throws {
        var fleet = Fleet.withHosts()
        fleet.agents[5002] = .failed(reason)
        let report = try audit(fleet)
        #expect(report.kinds == ["agent.unreachable 5002"])
        let decision = report.decisions[0]
        #expect((decision.verdict, decision.reason, decision.level) == (.manual, .noAction, .disruptive))
        #expect(decision.drift.evidence.looks == 2)
        #expect(report.unknown == [])
    }

    @Test func anAgentThatAnswersTheSecondTimeWasNeverUnreachable() throws {
        var first = Fleet.withHosts()
        first.agents[5002] = .failed(.timeout)
        let report = try audit(first, second: .withHosts())
        #expect(report.kinds == [])
        #expect(report.exitStatus == 0)
    }

    @Test(
        "What is no silence is unknown, never unreachable",
        arguments: [
            Unknown.unauthorized, .forbidden, .notFound, .rateLimited, .serverError, .malformed, .oversize, .redirected,
            .connectionLost, .unreachable, .tls, .notRead, .outsideNetworks,
        ])
    func whatIsNoSilenceIsUnknown(_ reason: Unknown) throws {
        var fleet = Fleet.withHosts()
        fleet.agents[5002] = .failed(reason)
        let report = try audit(fleet)
        #expect(report.kinds == [])
        #expect(report.unknown == [UnknownFact(vmid: VMID(5002), plane: .agents, reason: reason)])
        #expect(report.status(.agents) == .partial)
        #expect(report.exitStatus == 3)
    }

    @Test func silenceThenAnErrorIsUnknown() throws {
        var first = Fleet.withHosts()
        first.agents[5002] = .failed(.refused)
        var second = first
        second.agents[5002] = .failed(.serverError)
        let report = try audit(first, second: second)
        #expect(report.kinds == [])
        #expect(report.unknown.map(\.reason) == [.serverError])
    }

    @Test func aFailedSecondLookConfirmsNothing() throws {
        var first = Fleet.withHosts()
        first.agents[5002] = .failed(.refused)
        var second = first
        second.agentsFailure = ReadFailure(.configuration, "no token", at: Fleet.now)
        let report = try audit(first, second: second)
        #expect(report.kinds == [])
        #expect(report.unknown.map(\.reason) == [.configuration])
        #expect(report.status(.agents) == .partial)
    }

    struct Doubt: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var apply: @Sendable (inout Fleet) -> Void
        var kinds: [String]
    }

    static let doubts = [
        Doubt(
            testDescription: "stopped", apply: { $0.changeGuest(5002) { $0.status = "stopped" } },
            kinds: ["container.stopped 5002"]),
        Doubt(testDescription: "gone", apply: { $0.removeGuest(5002) }, kinds: ["container.missing 5002"]),
        Doubt(
            testDescription: "another guest", apply: { $0.changeGuest(5002) { $0.name = "mc-lobby-5402" } },
            kinds: ["container.identity_mismatch 5002"]),
        Doubt(testDescription: "power unknown", apply: { $0.changeGuest(5002) { $0.status = "unknown" } }, kinds: []),
        Doubt(testDescription: "name unknown", apply: { $0.changeGuest(5002) { $0.name = nil } }, kinds: []),
        Doubt(testDescription: "locked", apply: { $0.changeGuest(5002) { $0.lock = "backup" } }, kinds: []),
        Doubt(
            testDescription: "node offline", apply: { $0.nodes[0].status = "offline" },
            kinds: ["container.node_offline -"]),
        Doubt(testDescription: "no quorum", apply: { $0.isQuorate = false }, kinds: []),
        Doubt(testDescription: "no Proxmox", apply: { $0.settings.proxmox = nil }, kinds: []),
    ]

    @Test("Only while the container certainly runs does silence mean anything", arguments: doubts)
    func silenceNeedsACertainContainer(_ doubt: Doubt) throws {
        var fleet = Fleet.withHosts()
        fleet.agents[5002] = .failed(.timeout)
        doubt.apply(&fleet)
        let report = try audit(fleet)
        #expect(report.kinds == doubt.kinds)
        if doubt.kinds.isEmpty { #expect(report.unknown.contains { $0.vmid == VMID(5002) }) }
    }

    @Test func aContainerThatStopsBetweenTheLooksIsNotUnreachable() throws {
        var first = Fleet.withHosts()
        first.agents[5002] = .failed(.timeout)
        var second = first
        second.changeGuest(5002) { $0.status = "stopped" }
        let report = try audit(first, second: second)
        #expect(report.kinds == [])
        #expect(report.unknown == [UnknownFact(vmid: VMID(5002), plane: .proxmox, reason: .notConfirmed)])
    }

    @Test(arguments: [AgentStatus.State.crashed, .error])
    func theAgentsOwnWordIsEnoughForACrash(_ state: AgentStatus.State) throws {
        var fleet = Fleet.withHosts()
        fleet.agents[5001] = .status(
            AgentStatus(state: state, processRunning: false, ready: false, lastCrashExitCode: 137))
        let report = try audit(fleet)
        #expect(report.kinds == ["agent.crashed 5001"])
        #expect(report.decisions[0].drift.observed == "state \(state.word), exit code 137")
        #expect(report.decisions[0].verdict == .manual)
    }

    @Test(arguments: [
        AgentStatus(state: .idle, processRunning: false, ready: false), AgentStatus(state: .installing, ready: false),
        AgentStatus(state: .stopped, processRunning: false, ready: false), AgentStatus(state: .other, ready: false),
    ])
    func idleIsNotOfflineAndNotReadyNeedsHistory(_ status: AgentStatus) throws {
        var fleet = Fleet.withHosts()
        fleet.agents[5001] = .status(status)
        let report = try audit(fleet)
        #expect(report.kinds == [])
        #expect(report.exitStatus == 0)
        #expect(report.notEvaluated.contains { $0.kind == .agentNotReady && $0.why == "needs history" })
    }

    @Test func whoMendsACrashIsToldThatTheAgentIsAtIt() throws {
        var fleet = Fleet.withHosts()
        fleet.agents[5001] = .status(AgentStatus(state: .crashed, operationInProgress: true))
        let decision = try #require(try audit(fleet).decision(.agentCrashed))
        #expect((decision.verdict, decision.reason) == (.manual, .noAction))
        #expect(decision.detail?.contains("; mind: ") == true)
    }

    @Test func moreThanHalfSilentIsMoreLikelyUs() throws {
        var fleet = Fleet.withHosts(11)
        for vmid in 5001...5006 { fleet.agents[vmid] = .failed(.timeout) }
        let report = try audit(fleet)
        #expect(report.kinds == [])
        #expect(report.status(.agents) == .failed)
        #expect(report.unknown.count { $0.plane == .agents && $0.reason == .cutOff } == 11)

        fleet = Fleet.withHosts(12)
        for vmid in 5001...5006 { fleet.agents[vmid] = .failed(.timeout) }
        #expect(try audit(fleet).kinds.count == 6, "half is not more than half")

        fleet = Fleet.withHosts(5)
        for vmid in 5001...5005 { fleet.agents[vmid] = .failed(.timeout) }
        #expect(try audit(fleet).kinds.count == 5, "five is the floor and not over it")
    }

    /// Six of eleven are silent, whoever else has an address that the token may not go to.
    @Test(arguments: [Unknown.outsideNetworks, .addressUnknown])
    func whoIsNeverAskedIsNoneOfThoseThatMightAnswer(_ reason: Unknown) throws {
        var fleet = Fleet.withHosts(21)
        for vmid in 5001...5006 { fleet.agents[vmid] = .failed(.timeout) }
        for vmid in 5012...5021 { fleet.agents[vmid] = .failed(reason) }
        let report = try audit(fleet)
        #expect(report.kinds == [])
        #expect(report.status(.agents) == .failed)
        #expect(report.coverage.first { $0.plane == .agents }?.detail?.contains("6 of 11 agents do not answer") == true)
        // Where more than half of those that are asked do answer, the silent ones are silent.
        for vmid in 5012...5013 { fleet.agents[vmid] = .status(Fleet.well) }
        #expect(try audit(fleet).kinds.count == 6)
    }

    @Test func whatThisProcessLacksIsNotBlamedOnTheNetwork() throws {
        var fleet = Fleet.withHosts(11)
        for vmid in 5001...5006 { fleet.agents[vmid] = .failed(.internalFault) }
        let report = try audit(fleet)
        #expect(report.kinds == [])
        #expect(report.unknown.count { $0.plane == .agents && $0.reason == .internalFault } == 11)
        // One that could not be asked is unknown by itself, and no drift.
        fleet = Fleet.withHosts(11)
        fleet.agents[5001] = .failed(.internalFault)
        #expect(try audit(fleet).kinds == [])
        #expect(try audit(fleet).unknown.count { $0.reason == .internalFault } == 1)
    }

    @Test func onlyThoseThatShouldRunAreAsked() throws {
        var fleet = Fleet.withHosts(5)
        fleet.agents = [5001: .status(Fleet.well)]
        fleet.changeRow(5002) { $0.power = .stopped }
        fleet.changeGuest(5002) { $0.status = "stopped" }
        fleet.changeRow(5003) { $0.status = .provisioning }
        fleet.changeRow(5004) { $0.status = .failed }
        fleet.billing = [BillingRow(customer: "c5005", status: .suspended, serverState: .suspendedShutdown)]
        fleet.changeGuest(5005) { $0.status = "stopped" }
        let report = try audit(fleet)
        #expect(report.kinds == [])
        #expect(report.unknown == [])
        #expect(report.coverage.first { $0.plane == .agents }?.detail == "1 of 1 agents answered")
    }

    @Test func anAddressThatTwoRowsClaimSaysNothingAboutEither() throws {
        var fleet = Fleet.withHosts()
        let shared = fleet.instances[0].address
        fleet.changeRow(5002) { $0.address = shared }
        fleet.agents[5001] = .status(AgentStatus(state: .crashed))
        let report = try audit(fleet)
        #expect(report.kinds == ["allocation.duplicate_ip -"])
        #expect(report.unknown.count { $0.plane == .agents && $0.reason == .addressUnknown } == 2)
    }

    /// Its server is not ours to judge, and it may be the one that answers.
    @Test func anAddressThatARowOutsideScopeClaimsSaysNothingEither() throws {
        var fleet = Fleet.withHosts()
        fleet.addServer(9500)
        let shared = fleet.instances[0].address
        fleet.changeRow(9500) { $0.address = shared }
        fleet.agents[5001] = .status(AgentStatus(state: .crashed))
        fleet.unregister("mc-paper-5001")
        let report = try audit(fleet)
        #expect(report.kinds == [])
        #expect(Set(report.unknown.map(\.reason)) == [.addressUnknown])
        // One that failed claims nothing.
        fleet.changeRow(9500) { $0.status = .failed }
        #expect(try audit(fleet).kinds == ["agent.crashed 5001"])
    }

    @Test func aRowWithoutAnAddressIsUnknown() throws {
        var fleet = Fleet.withHosts()
        fleet.changeRow(5002) { $0.address = nil }
        fleet.unregister("mc-paper-5002")
        let report = try audit(fleet)
        #expect(report.kinds == [])
        #expect(report.unknown.map(\.plane) == [.agents, .velocity])
    }

    /// Another customer's server may have the address by now.
    @Test func whoAnswersAtAnAddressThatTheGuestHasLostSaysNothing() throws {
        var fleet = Fleet.withHosts()
        fleet.agents[5002] = .status(AgentStatus(state: .crashed))
        fleet.addresses[VMID(5002)!] = GuestAddresses(ipv4: ["10.70.9.9"], isWhole: true)
        let report = try audit(fleet)
        #expect(report.kinds == ["container.address_changed 5002"])
        #expect(report.unknown.contains { $0.vmid == VMID(5002) && $0.reason == .addressUnknown })

        let own = try #require(fleet.instances.first { $0.vmid == VMID(5002) }?.address)
        fleet.addresses[VMID(5002)!] = GuestAddresses(ipv4: [own], isWhole: true)
        #expect(try audit(fleet).kinds == ["agent.crashed 5002"])
    }

    @Test func aCrashIsHeldWhileNobodyKnowsWhoseAgentSpoke() throws {
        var fleet = Fleet.withHosts()
        fleet.agents[5002] = .status(AgentStatus(state: .crashed))
        let own = try #require(fleet.addresses[VMID(5002)!])
        let doubts = [
            nil, GuestAddresses(ipv4: [], isWhole: true), GuestAddresses(ipv4: ["10.70.9.9"], isWhole: false),
        ]
        for addresses in doubts {
            fleet.addresses[VMID(5002)!] = addresses
            let decision = try #require(try audit(fleet).decision(.agentCrashed))
            #expect((decision.verdict, decision.reason) == (.held, .addressUnconfirmed))
        }
        // A second look that fails confirms nothing, whatever it would have shown.
        var second = fleet
        fleet.addresses[VMID(5002)!] = own
        second.addresses = [:]
        #expect(try audit(fleet, second: second).decision(.agentCrashed)?.reason == .addressUnconfirmed)
        #expect(try audit(fleet).decision(.agentCrashed)?.verdict == .manual)
        fleet.settings.proxmox = nil
        fleet.addresses = [:]
        // Who leaves Proxmox out is not held by it.
        #expect(try audit(fleet).decision(.agentCrashed)?.verdict == .manual)
    }

    /// Right after a start a bridge inside the guest has its address, and the guest's own interface has none yet.
    @Test func aGuestThatStillWaitsForItsAddressHasLostNone() throws {
        var fleet = Fleet.withHosts()
        fleet.agents[5002] = .failed(.refused)
        fleet.addresses[VMID(5002)!] = GuestAddresses(ipv4: ["172.17.0.1"], isWhole: true, isOutside: true)
        #expect(try audit(fleet).kinds == ["agent.unreachable 5002"])
        fleet.addresses[VMID(5002)!]?.ipv4.append("10.70.9.9")
        fleet.addresses[VMID(5002)!]?.isOutside = false
        #expect(try audit(fleet).decision(.containerAddressChanged) != nil)
    }

    /// Of a guest's interfaces only the IPv4 addresses are read: a row with another one cannot be held against them.
    @Test func aRowWithAnIPv6AddressHasLostNone() throws {
        var fleet = Fleet.withHosts()
        fleet.changeRow(5002) { $0.address = "fd00::5002" }
        fleet.addresses[VMID(5002)!] = GuestAddresses(ipv4: ["10.70.9.9"], isWhole: true)
        fleet.agents[5002] = .failed(.refused)
        #expect(try audit(fleet).decision(.containerAddressChanged) == nil)
        // What it says of its workload is believed no more than before.
        fleet.agents[5002] = .status(AgentStatus(state: .crashed))
        let crash = try #require(try audit(fleet).decision(.agentCrashed))
        #expect((crash.verdict, crash.reason) == (.held, .addressUnconfirmed))
        #expect(crash.detail?.contains("fd00::5002 is no IPv4 address") == true)
    }

    @Test func onlyAddressesInTheNetworksAreLookedFor() {
        let own = ["172.17.0.1", "10.70.9.9"]
        var reading = Fleet(1).proxmoxReading
        let cases: [([String], Bool)] = [([], false), ([own[0]], true), ([own[1]], false), (own, false)]
        for (ipv4, isOutside) in cases {
            reading.addresses = [VMID(5001)!: GuestAddresses(ipv4: ipv4, isWhole: true)]
            reading.markOutside { $0.hasPrefix("10.70.") }
            #expect(reading.addresses?[VMID(5001)!]?.isOutside == isOutside)
        }
    }

    @Test func anotherAddressExplainsTheSilence() throws {
        var fleet = Fleet.withHosts()
        fleet.agents[5002] = .failed(.timeout)
        fleet.addresses[VMID(5002)!] = GuestAddresses(ipv4: ["10.70.9.9"], isWhole: true)
        let report = try audit(fleet)
        #expect(report.kinds == ["container.address_changed 5002", "agent.unreachable 5002"])
        let cause = try #require(report.decision(.containerAddressChanged))
        let decision = try #require(report.decision(.agentUnreachable))
        #expect(decision.drift.causedBy == cause.drift.id)
        #expect((decision.verdict, decision.reason) == (.held, .causedBy))

        fleet.addresses[VMID(5002)!] = GuestAddresses(ipv4: ["10.70.9.9"], isWhole: false)
        #expect(try audit(fleet).kinds == ["agent.unreachable 5002"], "an older Proxmox shows the last address only")
    }
}
