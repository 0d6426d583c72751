import Core
import TestSupport
import Testing

/// What a daemon makes of its rounds.
@Suite("A watch")
struct WatchTests {
    /// A daemon in virtual time, whose journal and ledger answer at once.
    private struct Daemon {
        var fleet: Fleet
        var controller: Controller
        var now = Fleet.now
        var reports: [Report] = []
        var journal: [JournalEntry] = []
        var intents: [Intent] = []
        var wakes: [Timestamp] = []
        var recalls: [Int64] = []
        var memory: Memory? = Memory()
        var journalWorks = true
        var ending: (Intent) -> RepairOutcome = { _ in .verified }

        init(_ fleet: Fleet, mode: Duty.Mode = .repair, kinds: [String] = ["*"], vmids: [ClosedRange<Int>]? = nil) {
            self.fleet = fleet
            controller = Controller(
                settings: fleet.settings, policies: fleet.policies,
                duty: Duty(mode: mode, kinds: kinds.map { KindPattern($0) }, vmids: vmids, cycle: .seconds(60)))
        }

        mutating func lead(_ epoch: Int64 = 1) { handle(.tenure(.acting(epoch: epoch))) }

        /// One round, a minute after the last one.
        mutating func round() {
            handle(.woke(.cycle))
            now = now + .seconds(60)
        }

        mutating func handle(_ event: Event) {
            var queue = controller.handle(event, at: now)
            while !queue.isEmpty {
                let effect = queue.removeFirst()
                switch effect {
                case .observe(let look):
                    queue += controller.handle(.observed(fleet.observation(look, at: now)), at: now)
                case .wake(.secondLook, let moment):
                    now = max(now, moment)
                    queue += controller.handle(.woke(.secondLook), at: now)
                case .wake(.cycle, let moment): wakes.append(moment)
                case .wake: break
                case .tell(.report(let report)): reports.append(report)
                case .tell: break
                case .recall(let epoch):
                    recalls.append(epoch)
                    queue += controller.handle(.recalled(memory), at: now)
                case .journal(let entries, _, _, let intents):
                    if journalWorks { journal += entries }
                    queue += controller.handle(.journaled(journalWorks, then: intents), at: now)
                case .redeem: queue += controller.handle(.redeemed(false), at: now)
                case .repair(let intent):
                    intents.append(intent)
                    queue += controller.handle(.repaired(intent, ending(intent)), at: now)
                }
            }
        }
    }

    /// One dead operation, and nothing else wrong.
    private static func stale() -> Fleet {
        var fleet = Fleet()
        fleet.observeQueues()
        fleet.addDeadBackup("op-dead", vmid: 5001)
        return fleet
    }

    @Test func aDriftIsRepairedOnceItWasSeenTwice() throws {
        var daemon = Daemon(Self.stale())
        daemon.lead()
        daemon.round()
        #expect(daemon.intents == [])
        #expect(daemon.reports.last?.decision(.operationStale)?.pending == [.notSeenLongEnough])
        #expect(daemon.journal.map(\.outcome) == [.opened])
        daemon.round()
        let intent = try #require(daemon.intents.first)
        #expect(daemon.intents.count == 1)
        #expect(intent.act.operation?.id == "op-dead" && intent.epoch == 1 && intent.attempt == 1)
        #expect(daemon.reports.last?.decision(.operationStale)?.execution == .executable)
        daemon.fleet = Fleet()
        daemon.fleet.observeQueues()
        daemon.round()
        #expect(daemon.journal.map(\.outcome) == [.opened, .closed])
    }

    @Test func aQuietRoundWritesNothing() {
        var daemon = Daemon(Self.stale(), mode: .dryRun)
        daemon.lead()
        for _ in 0..<3 { daemon.round() }
        #expect(daemon.journal.map(\.outcome) == [.opened, .wouldRepair])
        #expect(daemon.intents == [])
        let count = daemon.journal.count
        for _ in 0..<20 { daemon.round() }
        #expect(daemon.journal.count == count)
    }

    @Test func aStandbyObservesAndWritesNothing() {
        var daemon = Daemon(Self.stale())
        for _ in 0..<4 { daemon.round() }
        #expect(daemon.journal == [] && daemon.intents == [] && daemon.recalls == [])
        #expect(daemon.reports.last?.decision(.operationStale)?.execution == .notLeader)
        // What it saw meanwhile counts.
        daemon.lead()
        daemon.round()
        #expect(daemon.intents.count == 1)
    }

    @Test func whoWaitsForItsPredecessorKeepsTheJournalAndDoesNotAct() {
        var daemon = Daemon(Self.stale())
        daemon.handle(.tenure(.waiting(epoch: 4)))
        for _ in 0..<3 { daemon.round() }
        #expect(daemon.journal.map(\.outcome) == [.opened] && daemon.intents == [])
        daemon.handle(.tenure(.acting(epoch: 4)))
        daemon.round()
        #expect(daemon.intents.count == 1)
        #expect(daemon.recalls == [4])
    }

    @Test func nothingIsDoneThatWasNotWrittenDown() {
        var daemon = Daemon(Self.stale())
        daemon.lead()
        daemon.journalWorks = false
        for _ in 0..<3 { daemon.round() }
        #expect(daemon.intents == [])
        daemon.journalWorks = true
        daemon.round()
        #expect(daemon.journal.map(\.outcome) == [.opened])
        #expect(daemon.intents.count == 1)
    }

    @Test func aRepairInVainIsTriedLaterAndLaterAndThenLeft() throws {
        var daemon = Daemon(Self.stale())
        daemon.ending = { _ in .notVerified("still running") }
        daemon.lead()
        for _ in 0..<200 { daemon.round() }
        #expect(daemon.intents.map(\.attempt) == [1, 2, 3, 4, 5])
        let last = try #require(daemon.reports.last?.decision(.operationStale))
        #expect(last.verdict == .held && last.reason == .quarantined)
        #expect(daemon.journal.map(\.outcome) == [.opened, .quarantined])
    }

    @Test func whatWasRefusedDoesNotCountAsAnAttempt() {
        var daemon = Daemon(Self.stale())
        daemon.ending = { _ in .refused("moved") }
        daemon.lead()
        for _ in 0..<10 { daemon.round() }
        #expect(Set(daemon.intents.map(\.attempt)) == [1])
    }

    @Test func aScopedGoLiveActsOnNothingElse() {
        for (kinds, vmids) in [(["dns.*"], nil), (["*"], [5002...5999])] as [([String], [ClosedRange<Int>]?)] {
            var daemon = Daemon(Self.stale(), kinds: kinds, vmids: vmids)
            daemon.lead()
            for _ in 0..<3 { daemon.round() }
            #expect(daemon.intents == [])
            #expect(daemon.reports.last?.decision(.operationStale)?.execution == .notEnabled)
        }
    }

    @Test func whatIsNotSeenBecauseThePlaneFailedHasNotEnded() {
        var daemon = Daemon(Self.stale(), mode: .dryRun)
        daemon.lead()
        daemon.round()
        let queues = daemon.fleet.queues
        daemon.fleet.queues.failure = ReadFailure(.timeout, "no answer", at: Fleet.now)
        for _ in 0..<3 { daemon.round() }
        #expect(daemon.journal.map(\.outcome) == [.opened])
        daemon.fleet.queues = queues
        daemon.round()
        #expect(daemon.journal.map(\.outcome) == [.opened])
    }

    @Test func aRestartOpensNothingAnew() {
        var first = Daemon(Self.stale(), mode: .dryRun)
        first.lead()
        first.round()
        var second = Daemon(Self.stale(), mode: .dryRun)
        second.memory = Memory(open: first.journal.map(\.drift))
        second.lead(2)
        second.round()
        #expect(second.journal == [])
    }

    @Test(arguments: [Duty.Mode.dryRun, .repair])
    func whatThisVersionCannotDoIsDecidedAndNeitherDoneNorPromised(mode: Duty.Mode) {
        var fleet = Fleet()
        fleet.removeRecord("s5001")
        var daemon = Daemon(fleet, mode: mode)
        daemon.lead()
        for _ in 0..<4 { daemon.round() }
        let decision = daemon.reports.last?.decision(.publicSRVMissing)
        #expect(decision?.verdict == .repair && decision?.execution == .notEnabled)
        #expect(daemon.journal.map(\.outcome) == [.opened] && daemon.intents == [])
    }

    /// Found by the simulation: leadership passed on and came back while a repair ran, and no round was due any more.
    @Test func aRepairThatOutlivesItsEpochDoesNotStopTheRounds() {
        var daemon = Daemon(Self.stale())
        daemon.lead()
        daemon.round()
        daemon.round()
        let intent = daemon.intents[0]
        daemon.handle(.tenure(.acting(epoch: 3)))
        let wakes = daemon.wakes.count
        daemon.handle(.repaired(intent, .unknown("another controller leads")))
        #expect(daemon.wakes.count == wakes + 1)
    }

    @Test func theBudgetBoundsWhatBeginsInAMinute() {
        var fleet = Fleet()
        fleet.observeQueues()
        for (index, row) in fleet.instances.prefix(3).enumerated() {
            fleet.addDeadBackup("op-\(index)", vmid: Int(row.vmid.number))
        }
        fleet.policies.brakes.budgetPerMinute = 2
        var daemon = Daemon(fleet)
        daemon.lead()
        daemon.round()
        daemon.round()
        #expect(daemon.intents.count == 2)
        #expect(daemon.reports.last?.decisions.last?.pending == [.budgetSpent])
    }

    @Test func backoffDoublesUpToItsMostAndIsTheSameForTheSame() {
        let retry = Policy.Retry(attempts: 5, backoff: .seconds(30), max: .minutes(3))
        let spans = (1...6).map { RepairPlan.backoff(retry, $0, "0123456789abcdef") }
        for (span, base) in zip(spans, [30, 60, 120, 180, 180, 180] as [Int64]) {
            #expect(span >= .seconds(base) && span <= .seconds(base + base / 4))
        }
        #expect(spans == (1...6).map { RepairPlan.backoff(retry, $0, "0123456789abcdef") })
    }
}
