import Core
import Postgres
import TestSupport
import Testing

/// Between the claim of a change of the edge and its request lies a look at the service, which may take seconds: a leader that is
/// deposed meanwhile has not heard of it, and no process need have stood still.
@Suite struct DeposedWriterTests {
    private static func withoutWrite(_ looking: @escaping @Sendable () async -> Void) -> Reach {
        Reach(looking: looking, writing: { Issue.record("it was written: \($0)") })
    }

    @Test func theRowIsAskedRightBeforeTheWrite() async throws {
        let platform = try await Platform(House())
        let house = platform.house
        let outcome = await platform.repair(
            try platform.publishing().intent,
            Self.withoutWrite {
                do {
                    try house.run("update controller.leadership set epoch = 2, holder = gen_random_uuid()")
                } catch { Issue.record(error) }
            })
        // Whoever leads now ends the attempt.
        guard case .unknown = outcome else {
            Issue.record("it ended: \(outcome)")
            return
        }
        #expect(try platform.attempts() == "open")
    }

    @Test func whereTheRowCannotBeAskedNothingIsWritten() async throws {
        let platform = try await Platform(House())
        let held = Held()
        _ = await platform.repair(
            try platform.publishing().intent,
            Self.withoutWrite {
                do {
                    await held.keep(try await platform.holdLeadership())
                } catch { Issue.record(error) }
            })
        try await held.end()
    }

    /// The same with nobody in the way, so that the others prove something.
    @Test func whoStillLeadsWrites() async throws {
        let platform = try await Platform(House())
        let (writes, write) = AsyncStream<EdgeWrite>.makeStream()
        _ = await platform.repair(try platform.publishing().intent, Reach(writing: { write.yield($0) }))
        write.finish()
        var count = 0
        for await _ in writes { count += 1 }
        #expect(count == 1)
    }

    private actor Held {
        private var transaction: HeldTransaction?

        func keep(_ new: HeldTransaction) { transaction = transaction ?? new }
        func end() async throws { try await transaction?.end() }
    }
}
