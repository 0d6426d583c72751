import Core

/// Redis and the database as leadership sees them: a key that runs out, and one row.
struct LeadStores {
    typealias Key = (value: String, expires: Int64?)

    /// Of the Redis that all share, and of another one, where somebody was pointed at that by mistake.
    private var keys: [Key?] = [nil, nil]
    var key: Key? {
        get { keys[0] }
        set { keys[0] = newValue }
    }
    private(set) var row = LeadRecord(epoch: 0, holder: nil, isClosed: true)
    var isRedisUp = true
    var isDatabaseUp = true
    /// When each epoch was taken, and whether its predecessor was closed then.
    private(set) var taken: [Int64: (at: Int64, afterClosed: Bool)] = [:]

    /// What one call does and is answered, when it gets there; nil when there is nobody to answer.
    mutating func perform(
        _ effect: LeadEffect, by token: LockToken, ttl: Span, redis number: Int, at now: Int64
    ) -> LeadEvent? {
        if let held = keys[number], let expires = held.expires, expires <= now { keys[number] = nil }
        switch effect {
        case .acquireLock, .renewLock, .releaseLock:
            return isRedisUp ? .lock(LeadStores.redis(&keys[number], effect, token, ttl, now)) : nil
        case .readRow, .takeRow, .closeRow:
            return isDatabaseUp ? .row(database(effect, token.holder, now)) : nil
        case .wake, .ended: return nil
        }
    }

    /// A claim's transaction: it commits only for whom the row names.
    func claims(_ permit: ActPermit) -> Bool {
        row.epoch == permit.epoch && row.holder == permit.holder && !row.isClosed
    }

    private static func redis(
        _ key: inout Key?, _ effect: LeadEffect, _ token: LockToken, _ ttl: Span, _ now: Int64
    ) -> LockAnswer {
        switch effect {
        case .acquireLock where key == nil:
            key = (token.text, now + ttl.microseconds)
            return .acquired
        case .renewLock where key?.value == token.text:
            key?.expires = now + ttl.microseconds
            return .renewed
        case .releaseLock where key?.value == token.text:
            key = nil
            return .released
        default:
            guard let key else { return .refused(LockHolder(.nobody)) }
            let expires = key.expires.map { Span(microseconds: $0 - now) }
            guard let other = LockToken(key.value) else {
                return .refused(LockHolder(.foreign(bytes: key.value.utf8.count), expires: expires))
            }
            return .refused(LockHolder(.controller(other), expires: expires))
        }
    }

    private mutating func database(_ effect: LeadEffect, _ holder: HolderID, _ now: Int64) -> RowAnswer {
        switch effect {
        case .takeRow(let seen):
            guard row.epoch == seen else { return .refused }
            let wasClosed = row.isClosed
            row = LeadRecord(epoch: seen + 1, holder: holder, isClosed: false)
            taken[row.epoch] = (now, wasClosed)
            return .taken(epoch: row.epoch, predecessorClosed: wasClosed)
        case .closeRow(let epoch):
            guard row.epoch == epoch, row.holder == holder else { return .refused }
            row.isClosed = true
            return .closed
        default: return .read(row)
        }
    }
}
