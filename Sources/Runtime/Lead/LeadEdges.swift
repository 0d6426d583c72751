package import Core
package import Postgres
package import Redis

/// Does what leadership asks of Redis and the database. One connection of its own to each.
package struct LeadEdges: Sendable {
    private let lock: LeaderLock
    private let row: LeadershipRow

    package init(lock: LeaderLock, row: LeadershipRow) {
        self.lock = lock
        self.row = row
    }

    /// The answer to an effect that is a call; nil for one that is none.
    package func perform(_ effect: LeadEffect) async -> LeadEvent? {
        switch effect {
        case .acquireLock: .lock(await lock.acquire())
        case .renewLock: .lock(await lock.renew())
        case .releaseLock: .lock(await lock.release())
        case .readRow: .row(await row.read())
        case .takeRow(let seen): .row(await row.take(after: seen))
        case .closeRow(let epoch): .row(await row.close(epoch: epoch))
        case .wake, .ended: nil
        }
    }
}
