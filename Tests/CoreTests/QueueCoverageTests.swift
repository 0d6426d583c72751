import Core
import TestSupport
import Testing

/// A queue of which only a part was looked at says so.
@Suite struct QueueCoverageTests {
    private static func fleet() -> Fleet {
        var fleet = Fleet(2)
        fleet.observeQueues()
        return fleet
    }

    @Test func theEndOfAListInOrderIsEnough() throws {
        var fleet = Self.fleet()
        fleet.queues.counts = [.wait: 12_345]
        fleet.queues.lookedAt = [.wait: 1000]
        let report = try #require(fleet.audit())
        #expect(report.status(.queues) == .complete && report.exitStatus == 0)
        let detail = report.coverage.first { $0.plane == .queues }?.detail
        #expect(
            detail?.contains("12345 waiting (looked at the 1000 of 12345 jobs in 'wait' that come next), 0 active")
                == true)
    }

    @Test func whatMayBeHiddenMakesThePlanePartial() throws {
        var fleet = Self.fleet()
        fleet.queues.counts = [.wait: 12_345, .prioritized: 700, .active: 1500]
        fleet.queues.lookedAt = [.wait: 1000, .prioritized: 50, .active: 1000]
        fleet.queues.mayHideOlder = [.wait, .prioritized]
        let report = try #require(fleet.audit())
        #expect(report.decisions == [] && report.status(.queues) == .partial && report.exitStatus == 3)
        let detail = try #require(report.coverage.first { $0.plane == .queues }?.detail)
        #expect(detail.contains("may lie behind the 1000 of 12345 jobs in 'wait'"))
        #expect(detail.contains("may have a lower priority than the first job of each of the 50 highest priorities"))
        #expect(detail.contains("later than the 1000 of 1500 jobs that were started first"))
    }

    /// What was told has not ended because the rest of a list hides it.
    @Test func aBacklogThatMayBeHiddenIsNotOver() {
        var fleet = Self.fleet()
        fleet.queues.waiting = [.init(id: "1", createdAt: Fleet.now - .minutes(60))]
        var daemon = FleetDaemon(fleet)
        daemon.lead()
        daemon.round()
        #expect(daemon.journal.map(\.outcome) == [.opened] && daemon.found == [.queueBacklog])
        daemon.fleet.queues.waiting = [.init(id: "2", createdAt: Fleet.now)]
        daemon.fleet.queues.counts = [.wait: 5000]
        daemon.fleet.queues.lookedAt = [.wait: 1000]
        daemon.fleet.queues.mayHideOlder = [.wait]
        daemon.round()
        #expect(daemon.journal.map(\.outcome) == [.opened])
        daemon.fleet.queues.mayHideOlder = []
        daemon.round()
        #expect(daemon.journal.map(\.outcome) == [.opened, .closed])
    }
}
