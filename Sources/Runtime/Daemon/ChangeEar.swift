import Core
import Postgres

/// Hears what the database says has changed. Where it cannot, the rounds go on at their own pace; that it cannot is told once, and so
/// is that it can again: nothing else would show that changes wait.
struct ChangeEar: Sendable {
    let clock: any RoundClock
    let news: @Sendable (DaemonRun.News) -> Void
    let next: @Sendable () async throws -> Set<ChangeListener.Change>

    /// How long after a failure it is tried again.
    private static let rest = Span.seconds(5)

    /// Gives `take` all that is heard, until the task is cancelled.
    func run(_ take: (Changed) async -> Void) async {
        // Nil before the first answer.
        var hears: Bool?
        while !Task.isCancelled {
            do {
                let changes = try await next()
                if hears != true { news(.hears(again: hears == false)) }
                hears = true
                if !changes.isEmpty { await take(Changed(changes)) }
            } catch {
                if Task.isCancelled { return }
                if hears != false { news(.deaf("\(error)")) }
                hears = false
                // The first answer of a new connection is "everything".
                await clock.sleep(until: clock.now() + ChangeEar.rest)
            }
        }
    }
}
