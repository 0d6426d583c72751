package import Core
import Synchronization

/// How this process works now, and what it last heard of how the leader does. News are told once.
package final class StanceBook: Sendable {
    private let own: Mutex<Stance>
    private let last = Mutex<StanceNews?>(nil)
    private let told: @Sendable (StanceNews) -> Void

    package init(_ stance: Stance, told: @escaping @Sendable (StanceNews) -> Void = { _ in }) {
        own = Mutex(stance)
        self.told = told
    }

    package var stance: Stance { own.withLock { $0 } }

    /// Other policies are in force: the leadership row says so with its next renewal.
    package func turn(to stance: Stance) { own.withLock { $0 = stance } }

    package func hear(_ news: StanceNews) {
        let isNew = last.withLock { last in
            defer { last = news }
            return last != news
        }
        if isNew { told(news) }
    }
}
