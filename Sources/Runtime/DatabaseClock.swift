package import Core
import Curl
package import Postgres

/// The clock of a round, of what leads to it and of what follows from it: see ``SteadyTime``.
package final class DatabaseClock: RoundClock, Sendable {
    /// Both clocks of the machine.
    package typealias Clocks = @Sendable () -> SteadyTime.Reading

    private let time: Locked<SteadyTime>
    private let clocks: Clocks
    private let database: DesiredStateReader
    /// How long it is waited for the first answer.
    private let patience: Span
    private let hasAnswered = Locked(false)

    /// How long a round waits to be told the time again. Who does not answer will not say what should be either.
    private static let again = Span.seconds(1)

    package init(
        _ database: DesiredStateReader, patience: Span, clocks: @escaping Clocks = DatabaseClock.ofThisMachine
    ) {
        self.database = database
        self.patience = patience
        self.clocks = clocks
        time = Locked(SteadyTime(clocks()))
    }

    package static let ofThisMachine: Clocks = {
        SteadyTime.Reading(steady: BootClock.now(), wall: WallClock.now())
    }

    package func now() -> Timestamp { time.withLock { $0.now(clocks()) } }

    /// Takes over the database's time; it stays as it is where that does not answer.
    package func settle() async -> Span {
        let begun = clocks().steady
        var sample: Timestamp?
        do throws(PostgresError) {
            let timeout = hasAnswered.withLock { $0 } ? min(patience, DatabaseClock.again) : patience
            sample = try await database.clock(timeout: timeout)
            hasAnswered.withLock { $0 = true }
        } catch {
            sample = nil
        }
        let said = sample
        return time.withLock { time in
            let reading = clocks()
            // It was read at some moment of the call; its middle is wrong by half of it at most.
            let half = Span(microseconds: (reading.steady - begun).microseconds / 2)
            return time.begin(with: said.map { $0 + half }, at: reading)
        }
    }

    package func isTorn() -> Bool {
        time.withLock { time in
            _ = time.now(clocks())
            return time.isTorn
        }
    }

    package func sleep(until moment: Timestamp) async { await WallClock.sleep(for: moment - now()) }
}
