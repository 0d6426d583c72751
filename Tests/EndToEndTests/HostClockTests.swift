import Core
import Runtime
import Synchronization
import TestSupport
import Testing

/// The daemon on a machine whose clock is wrong, and set while it works.
@Suite("A machine whose clock is wrong", .serialized)
struct HostClockTests {
    private final class Offset: Sendable {
        private let span = Mutex(Span.minutes(125))
        func set(_ new: Span) { span.withLock { $0 = new } }
        func add(_ more: Span) { span.withLock { $0 = Span(microseconds: $0.microseconds + more.microseconds) } }
        var reading: SteadyTime.Reading {
            var reading = DatabaseClock.ofThisMachine()
            reading.wall = reading.wall + span.withLock { $0 }
            return reading
        }
    }

    @Test func theDatabaseSaysWhatIsLate() async throws {
        let scene = try await Scene()
        let offset = Offset()
        let daemon = try await RunningDaemon(scene, clocks: { offset.reading })
        func verified() throws -> String {
            try scene.sql(
                """
                select count(*) from controller.repair_event
                 where outcome = 'verified' and action = 'clear_stale_operation_lock'
                """)
        }
        try await eventually("healed") { try verified() == "1" }
        // Two hours ahead every worker of this estate would be dead.
        #expect(
            try scene.sql(
                """
                select string_agg(distinct vmid::text, ' ') from controller.repair_event where drift_kind like 'operation.%'
                """) == "5002")
        for (count, minutes) in [("2", -240), ("3", 600)] as [(String, Int64)] {
            offset.set(.minutes(minutes))
            _ = try scene.sql(
                """
                update platform.provisioning_operation
                   set status = 'running', finished_at = null, attempts = attempts + 1,
                       heartbeat_at = now() - interval '11 minutes', lease_expires_at = now() - interval '10 minutes'
                 where id = 'op-restart-5002'
                """)
            try await eventually("healed again") { try verified() == count }
        }
        // What is written down is of the database's time, whatever the machine takes it to be.
        #expect(
            try scene.sql(
                """
                select count(*) from controller.open_drift where since not between now() - interval '30 minutes' and now()
                """) == "0")
        #expect(
            daemon.news.contains { if case .clockSet = $0 { true } else { false } }, "it is said that the two part")
        await daemon.stop()
        await scene.end()
    }

    /// Nothing that such a round saw is told, written down or done; what changes meanwhile is taken up as soon as one counts.
    @Test func aRoundInWhichAClockIsSetCountsForNothing() async throws {
        let scene = try await Scene()
        let (offset, torn) = (Offset(), Tally())
        let daemon = try await RunningDaemon(
            scene, clocks: { offset.reading },
            hearing: { news in
                if case .roundTorn = news { torn.add() }
                if case .roundBegan = news, torn.count < 3 { offset.add(.minutes(3)) }
            })
        try await eventually("three torn rounds") { torn.count >= 3 }
        let early = daemon.news.prefix { if case .roundEnded = $0 { false } else { true } }
        #expect(early.count { if case .roundTorn = $0 { true } else { false } } == 3)
        #expect(!early.contains { if case .journaled = $0 { true } else { false } })
        #expect(!early.contains { if case .repaired = $0 { true } else { false } })
        try await eventually("healed") {
            try scene.sql(
                """
                select count(*) from controller.repair_event
                 where outcome = 'verified' and action = 'clear_stale_operation_lock'
                """) == "1"
        }
        await daemon.stop()
        await scene.end()
    }
}

private final class Tally: Sendable {
    private let number = Mutex(0)
    func add() { number.withLock { $0 += 1 } }
    var count: Int { number.withLock { $0 } }
}
