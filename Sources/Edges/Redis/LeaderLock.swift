package import Core

/// The lock that keeps two controllers from leading at once, under one key of Redis.
///
/// Its value names us, it lives for the TTL, and only whoever wrote it renews or releases it. The comparison and the change are
/// one script: between a GET and a DEL of ours the key could run out and become another's. The scripts are sent whole each
/// time; they are shorter than a digest would save, and a restarted or flushed Redis knows no digests.
package struct LeaderLock: Sendable {
    package let key: String
    package let token: LockToken
    let connection: RedisConnection
    private let ttl: Span
    let timeout: Span

    /// - Parameter connection: used by nothing else, since calls wait for one another.
    package init(connection: RedisConnection, key: String, token: LockToken, times: LeadTimes) {
        self.connection = connection
        self.key = key
        self.token = token
        ttl = times.ttl
        timeout = times.callTimeout
    }

    /// Sets the lock where there is none.
    ///
    /// An answer that was lost leaves it open whether the lock is ours; the next call finds that out, by the value.
    package func acquire() async -> LockAnswer {
        await answer([["SET", key, token.text, "NX", "PX", milliseconds]] + reading) { replies in
            switch replies[0] {
            case .text("OK"): .acquired
            case .nothing: nil
            case .refused(let error): .failed(error.description)
            default: .failed(LeaderLock.unexpected)
            }
        }
    }

    /// Gives the lock another TTL, if it is ours.
    package func renew() async -> LockAnswer {
        await compared(
            "if \(LeaderLock.isOurs) then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0", milliseconds,
            success: .renewed)
    }

    /// Deletes the lock, if it is ours.
    package func release() async -> LockAnswer {
        await compared(
            "if \(LeaderLock.isOurs) then return redis.call('DEL', KEYS[1]) end return 0", success: .released)
    }

    /// Who has it, for whoever only wants to know.
    package func holder() async throws(RedisError) -> LockHolder {
        let commands = reading
        let replies = try await connection.run(timeout: timeout) { session throws(RedisError) in
            try session.pipeline(commands)
        }
        return try LeaderLock.holder(replies)
    }

    // MARK: One call

    private static let unexpected = "Redis answered with something that is no answer to what was asked"

    /// An error of the GET equals no value, and is told by the reading that follows: a key that is no string, a missing right.
    private static let isOurs = "redis.pcall('GET', KEYS[1]) == ARGV[1]"

    private var milliseconds: String { String(max(1, ttl.microseconds / 1000)) }
    private var reading: [[String]] { [["GET", key], ["PTTL", key]] }

    private func compared(_ script: String, _ arguments: String..., success: LockAnswer) async -> LockAnswer {
        await answer([["EVAL", script, "1", key, token.text] + arguments] + reading) { replies in
            switch replies[0] {
            case .integer(1): success
            case .integer(0): nil
            case .refused(let error): .failed(error.description)
            default: .failed(LeaderLock.unexpected)
            }
        }
    }

    /// Sends the commands; `judge` gives nil where the reading at their end has to say who holds the lock.
    private func answer(
        _ commands: [[String]], _ judge: @Sendable ([RedisReply]) -> LockAnswer?
    ) async -> LockAnswer {
        do throws(RedisError) {
            let replies = try await connection.run(timeout: timeout) { session throws(RedisError) in
                try session.pipeline(commands)
            }
            if let answer = judge(replies) { return answer }
            return .refused(try LeaderLock.holder(Array(replies.dropFirst())))
        } catch {
            return .failed(error.description)
        }
    }

    private static func holder(_ replies: [RedisReply]) throws(RedisError) -> LockHolder {
        guard replies.count == 2, let left = replies[1].integer else {
            throw replies.compactMap(\.error).first ?? RedisError(.protocol, unexpected)
        }
        // PTTL: milliseconds, -1 without an expiry, -2 without a key. Somebody else's key may have any term.
        let expires: Span? = left >= 0 ? .milliseconds(min(left, 1 << 40)) : nil
        switch replies[0] {
        case .nothing: return LockHolder(.nobody)
        case .text(let value):
            if let token = LockToken(value) { return LockHolder(.controller(token), expires: expires) }
            return LockHolder(.foreign(bytes: value.utf8.count), expires: expires)
        case .binary(let bytes): return LockHolder(.foreign(bytes: bytes), expires: expires)
        case .refused(let error) where error.code == .wrongType: return LockHolder(.noLock, expires: expires)
        case .refused(let error): throw error
        case .integer, .list: throw RedisError(.protocol, unexpected)
        }
    }
}
