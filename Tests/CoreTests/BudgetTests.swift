import Core
import TestSupport
import Testing

/// How much a daemon begins, and how soon it asks again for what came to nothing.
@Suite("A budget, and the pauses after a refusal")
struct BudgetTests {
    /// Three dead operations, and a budget of two.
    private static func three() -> Fleet {
        var fleet = Fleet()
        fleet.observeQueues()
        for (index, row) in fleet.instances.prefix(3).enumerated() {
            fleet.addDeadBackup("op-\(index)", vmid: Int(row.vmid.number))
        }
        fleet.policies.brakes.budgetPerMinute = 2
        return fleet
    }

    @Test func theBudgetBoundsWhatBeginsInAMinute() {
        var daemon = FleetDaemon(Self.three())
        daemon.lead()
        daemon.round()
        daemon.round()
        #expect(daemon.intents.count == 2)
        #expect(daemon.reports.last?.decisions.last?.pending == [.budgetSpent])
    }

    /// Others do not wait a minute for what was never begun.
    @Test func whatWasRefusedTakesNothingFromTheBudget() {
        var daemon = FleetDaemon(Self.three())
        daemon.ending = { _ in .refused("the service takes no changes") }
        daemon.lead()
        daemon.round()
        daemon.now = daemon.now - .seconds(55)
        daemon.round()
        #expect(daemon.intents.count == 2)
        daemon.now = daemon.now - .seconds(55)
        daemon.round()
        #expect(Set(daemon.intents.map(\.drift.id)).count == 3)
    }

    /// The ledger counts what others have begun, or what was claimed and came to nothing: all that is left waits, as if it had been so
    /// from the first, and nothing of it is put off for longer.
    @Test func aBudgetThatOnlyTheLedgerKnowsIsWaitedFor() {
        var daemon = FleetDaemon(Self.three())
        daemon.ending = { _ in .overBudget }
        daemon.lead()
        daemon.round()
        daemon.now = daemon.now - .seconds(50)
        daemon.round()
        #expect(daemon.intents.count == 2)
        daemon.now = daemon.now - .seconds(50)
        daemon.round()
        #expect(daemon.intents.count == 2)
        #expect(daemon.reports.last?.decisions.allSatisfy { $0.pending == [.budgetSpent] } == true)
        daemon.ending = { _ in .verified }
        daemon.round()
        #expect(daemon.intents.count == 4)
    }

    /// As many as its own, and later ones.
    @Test func whatAnotherLeaderHasBegunCountsTowardsTheBudget() {
        var daemon = FleetDaemon(Self.three())
        daemon.lead()
        daemon.round()
        daemon.round()
        daemon.handle(.tenure(.none(why: "another one leads")))
        daemon.memory = Memory(spent: [daemon.now - .seconds(5), daemon.now - .seconds(4)])
        daemon.lead(3)
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

    /// A leader whose one repair always comes to nothing.
    private static func refusing() -> FleetDaemon {
        var fleet = Fleet()
        fleet.removeRecord("s5001")
        var daemon = FleetDaemon(fleet)
        daemon.ending = { _ in .refused("nothing was done") }
        daemon.lead()
        return daemon
    }

    /// A repair that always comes to nothing is asked for again later each time, and no round is hurried for it.
    @Test func whatIsRefusedIsNotAskedForWithoutAPause() {
        var daemon = Self.refusing()
        for _ in 0..<30 { daemon.round() }
        #expect((3...7).contains(daemon.intents.count))
        #expect(daemon.reports.last?.decision(.publicSRVMissing)?.pending == [.backoff])
        for (wake, next) in zip(daemon.wakes, daemon.wakes.dropFirst()) where next > wake {
            #expect(next - wake >= .seconds(50))
        }
    }

    @Test func aNewEpochAsksAgainForWhatWasRefusedUnderTheOld() {
        var daemon = Self.refusing()
        for _ in 0..<20 { daemon.round() }
        let begun = daemon.intents.count
        #expect(daemon.reports.last?.decision(.publicSRVMissing)?.pending == [.backoff])
        daemon.lead(2)
        daemon.round()
        daemon.round()
        #expect(daemon.intents.count > begun)
    }
}
