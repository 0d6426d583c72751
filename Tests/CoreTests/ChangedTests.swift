import Core
import TestSupport
import Testing

/// A round for what has changed: it costs what has changed, and believes of the rest what was seen of late.
@Suite("A round for a change")
struct ChangedTests {
    private static func vmid(_ number: Int) -> VMID { VMID(number)! }
    private static func change(_ number: Int) -> Event { .desiredChanged(.instances([vmid(number)])) }

    /// A daemon of six servers with agents that has looked at all of them.
    private static func settled(_ change: (inout Fleet) -> Void = { _ in }) -> FleetDaemon {
        var fleet = Fleet.withHosts(6)
        change(&fleet)
        var daemon = FleetDaemon(fleet)
        daemon.lead()
        daemon.round()
        return daemon
    }

    /// Whose agents the last round asked.
    private func asked(_ daemon: FleetDaemon) -> [Int] {
        daemon.looks.filter { $0.plane == .agents }.flatMap(\.agents).map { Int($0.key.vmid.number) }
    }

    @Test func onlyTheAgentsOfWhatChangedAreAsked() {
        var daemon = Self.settled()
        #expect(asked(daemon).count == 6)
        daemon.round(Self.change(5003))
        #expect(asked(daemon) == [5003] && daemon.reports.last?.isComplete == true)
        // What is at another address now is not known yet.
        daemon.now = Fleet.now + .seconds(80)
        daemon.fleet.changeRow(5002) { $0.address = "10.70.9.9" }
        daemon.round(Self.change(5003))
        #expect(asked(daemon) == [5002, 5003])
        daemon.round(.desiredChanged(.everything))
        #expect(asked(daemon).count == 6)
    }

    @Test func itTellsAtOnceAndTheNextWholeRoundIsDueWhenItWas() throws {
        var daemon = Self.settled()
        let due = try #require(daemon.wakes.last)
        daemon.now = due - .seconds(40)
        daemon.fleet.changeRow(5003) { $0.node = "n2" }
        daemon.handle(Self.change(5003))
        #expect(daemon.journal.map(\.drift.kind) == [.containerNodeChanged])
        #expect(daemon.wakes.last == due)
    }

    @Test func anAgentThatIsSilentStaysSoUnasked() {
        var daemon = Self.settled { $0.agents[5004] = .failed(.refused) }
        #expect(daemon.found == [.agentUnreachable])
        daemon.now = Fleet.now + .seconds(20)
        daemon.round(Self.change(5003))
        #expect(asked(daemon) == [5003])
        #expect(daemon.reports.last?.decisions.map(\.drift.evidence.looks) == [2])
        // It says when it was asked, and not when somebody else was.
        #expect(
            daemon.reports.last?.decisions.first?.drift.evidence.observedAt ?? daemon.now < Fleet.now + .seconds(10))
        #expect(daemon.journal.map(\.outcome) == [.opened])
        daemon.fleet.agents[5004] = .status(Fleet.well)
        daemon.now = Fleet.now + .seconds(80)
        daemon.round(Self.change(5003))
        #expect(asked(daemon) == [5003])
        #expect(daemon.journal.count == 1)
        daemon.round()
        #expect(daemon.journal.map(\.outcome) == [.opened, .closed])
    }

    /// Whoever has changed is asked twice before its silence means anything.
    @Test func theSilenceOfWhatChangedIsHeardTwice() {
        var daemon = Self.settled()
        daemon.fleet.agents[5003] = .failed(.timeout)
        daemon.round(Self.change(5003))
        #expect(asked(daemon) == [5003, 5003] && daemon.found == [.agentUnreachable])
    }

    /// Evidence that nothing could be done by any more is none to tell by.
    @Test func whatWasSaidLongAgoIsAskedAgain() {
        var daemon = Self.settled()
        daemon.now = Fleet.now + .seconds(95)
        daemon.round(Self.change(5003))
        #expect(asked(daemon).count == 6)
        daemon.now = daemon.now - .minutes(60)
        daemon.round(Self.change(5003))
        #expect(asked(daemon).count == 6)
    }

    @Test func afterARoundThatSawNothingAllAreAsked() {
        var daemon = Self.settled()
        daemon.fleet.desiredFailure = ReadFailure(.timeout, "no answer", at: daemon.now)
        daemon.round(Self.change(5003))
        daemon.fleet.desiredFailure = nil
        daemon.round(Self.change(5003))
        #expect(asked(daemon).count == 6)
    }

    /// Two looks are two rounds that look.
    @Test func itIsNoLookAtTheOthersAndRepairsNoneOfThem() {
        var daemon = Self.settled()
        daemon.fleet.removeRecord("s5004")
        daemon.round()
        #expect(daemon.found == [.publicSRVMissing] && daemon.intents.isEmpty)
        let begun = daemon.now
        for second in 0..<5 {
            daemon.now = begun + .seconds(Int64(second))
            daemon.round(Self.change(5003))
        }
        #expect(daemon.found == [.publicSRVMissing] && daemon.intents.isEmpty)
        daemon.round()
        #expect(daemon.intents.map(\.drift.vmid) == [Self.vmid(5004)])
    }

    @Test func aRoundIsGivenUpOnlyWhileWholeOnesComeToTheirEnd() {
        var fleet = Fleet.withHosts(6)
        fleet.agents[5003] = .status(Fleet.well)
        let daemon = FleetDaemon(fleet)
        var controller = daemon.controller
        let now = daemon.now
        _ = controller.handle(.woke(.cycle), at: now)
        #expect(!controller.yields(at: now), "the first one comes to its end")
        var settled = Self.settled()
        let later = settled.now
        _ = settled.controller.handle(.woke(.cycle), at: later)
        #expect(settled.controller.yields(at: later))
        #expect(settled.controller.yields(at: later + .seconds(59)))
        #expect(!settled.controller.yields(at: later + .minutes(3)))
        // One for a change is not given up for the next.
        _ = settled.controller.handle(.interrupted, at: later)
        _ = settled.controller.handle(Self.change(5003), at: later)
        #expect(!settled.controller.yields(at: later))
    }

    @Test func whatWasGivenUpIsDueAgainAndItsAnswersReachNobody() throws {
        var daemon = Self.settled()
        let effects = daemon.controller.handle(.woke(.cycle), at: daemon.now)
        guard case .observe(let look)? = effects.last else {
            Issue.record("\(effects)")
            return
        }
        let late = daemon.fleet.observation(look, at: daemon.now)
        #expect(daemon.controller.handle(.interrupted, at: daemon.now) == [.wake(.cycle, at: daemon.now)])
        #expect(daemon.controller.handle(.observed(late), at: daemon.now) == [])
        #expect(daemon.controller.handle(.interrupted, at: daemon.now) == [])
        let begun = daemon.now
        daemon.handle(Self.change(5003))
        #expect(daemon.wakes.last == begun, "the whole one is due still")
    }

    @Test func whatIsPutOffIsDecidedAnewAndWasNoAttempt() throws {
        var daemon = Self.settled()
        daemon.fleet.removeRecord("s5004")
        daemon.round()
        daemon.putsOff = true
        daemon.round()
        let begun = daemon.now - .seconds(60)
        #expect(daemon.intents.isEmpty)
        #expect(try #require(daemon.wakes.last) <= begun + .seconds(5))
        daemon.putsOff = false
        daemon.now = begun + .seconds(5)
        daemon.round()
        #expect(daemon.intents.map(\.attempt) == [1])
    }

    // MARK: How often

    @Test(arguments: [1, 60, 600])
    func aStormOfChangesBeginsABoundedNumberOfRounds(cycle: Int) {
        var haste = Haste(cycle: .seconds(Int64(cycle)))
        let start = Timestamp(seconds: 1_000_000)
        var begun: [Timestamp] = []
        var now = start
        while now < start + .minutes(60) {
            now = max(now + .milliseconds(100), haste.soonest(at: now))
            haste.begins(at: now)
            begun.append(now)
        }
        let interval: Int64 = max(1_000_000, Int64(cycle) * 1_000_000 / 12)
        let window = Span(microseconds: interval * 12)
        for (index, first) in begun.enumerated() {
            let count = begun[index...].prefix { $0 - first < window }.count
            #expect(count <= 10 + 12)
        }
        let most = Int(3_600_000_000 / interval) + 10
        #expect(begun.count <= most)
        // One that comes alone after that waits for nothing.
        #expect(haste.soonest(at: now + .minutes(120)) == now + .minutes(120))
    }

    @Test func aClockThatIsSetBackKeepsNobodyWaiting() {
        var haste = Haste(cycle: .seconds(60))
        let start = Timestamp(seconds: 1_000_000)
        for _ in 0..<30 { haste.begins(at: start) }
        #expect(haste.soonest(at: start - .minutes(600)) == start - .minutes(600) + .seconds(5))
    }

    @Test func changesThatComeTogetherAreOne() {
        let some = Changed.instances([Self.vmid(5001)])
        #expect(some.joined(nil) == some)
        #expect(some.joined(.instances([Self.vmid(5002)])) == .instances([Self.vmid(5001), Self.vmid(5002)]))
        #expect(some.joined(.everything) == .everything && Changed.everything.joined(some) == .everything)
        #expect(Changed(Set((0..<51).map { Self.vmid(5000 + $0) })) == .everything)
    }
}
