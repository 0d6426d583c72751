internal import Blocking

/// What went wrong between this process and Redis. Its description is safe to show: it holds no password, no value and of
/// the server's words only those that repeat nothing of what was sent.
package struct RedisError: Error, Equatable, Sendable {
    package enum Code: Equatable, Sendable {
        /// Nobody listens there.
        case refused
        /// No connection came about for another reason: no route, no such host.
        case unreachable
        case timeout
        case cancelled
        /// The connection broke while it was in use.
        case lost
        /// NOAUTH, WRONGPASS, or a password where none is set.
        case authentication
        /// NOPERM: the ACL user lacks a command or a key.
        case permission
        /// LOADING or MASTERDOWN: it is there and has nothing to say yet.
        case loading
        /// A key holds another type than was asked for.
        case wrongType
        /// The command is not known there.
        case unknownCommand
        /// Any other error of the server, by the word it begins with.
        case server(String)
        /// The answer is not what was asked for, or not Redis's protocol.
        case `protocol`
        /// The answers are larger than any that is asked for here.
        case oversize
    }

    package var code: Code
    package var message: String
    /// What the system or the server said, in one line.
    package var cause: String?

    package init(_ code: Code, _ message: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }
}

extension RedisError: CustomStringConvertible {
    package var description: String { cause.map { "\(message): \($0)" } ?? message }
}

extension RedisError {
    /// Judges an error reply by its first word.
    ///
    /// Only NOPERM's own words are kept. "ERR unknown command" repeats the arguments, and a password may be among them.
    init(reply: String) {
        let word = String(reply.prefix { ("A"..."Z").contains($0) }.prefix(20))
        switch word {
        case "NOAUTH": self.init(.authentication, "Redis asks for a password (NOAUTH)")
        case "WRONGPASS": self.init(.authentication, "Redis does not accept this user or password (WRONGPASS)")
        case "NOPERM":
            let said = reply.dropFirst(6).prefix(160).filter { !$0.isNewline }
            self.init(.permission, "the Redis user lacks a right (NOPERM)", cause: said.trimmed)
        case "DENIED": self.init(.authentication, "Redis is in protected mode and refuses strangers (DENIED)")
        case "LOADING": self.init(.loading, "Redis is still loading its data (LOADING)")
        case "MASTERDOWN": self.init(.loading, "this Redis is a replica that has lost its master (MASTERDOWN)")
        case "WRONGTYPE": self.init(.wrongType, "a key holds another type than a queue has there (WRONGTYPE)")
        case "ERR" where reply.hasPrefix("ERR unknown command"):
            self.init(.unknownCommand, "Redis does not know a command")
        case "ERR" where reply.hasPrefix("ERR AUTH <password> called without any password"),
            "ERR" where reply.hasPrefix("ERR Client sent AUTH, but no password is set"):
            self.init(.authentication, "a password is configured, and this Redis has none")
        case "ERR" where reply.hasPrefix("ERR max number of clients"):
            self.init(.server(word), "Redis takes no more clients (maxclients)")
        case "ERR" where reply.hasPrefix("ERR DB index is out of range"):
            self.init(.server(word), "Redis has no database of that number")
        default: self.init(.server(word), "Redis refused a command (\(word.isEmpty ? "no code" : word))")
        }
    }

    /// What stopped a call before Redis had a say.
    init(_ error: BlockingError) {
        switch error.code {
        case .exhausted: self.init(.unreachable, "no room for a call to Redis", cause: error.cause)
        case .noAddress: self.init(.unreachable, "the host name has no address", cause: error.cause)
        case .timeout: self.init(.timeout, "the host name was not looked up in time", cause: error.cause)
        case .cancelled: self.init(.cancelled, "the call to Redis was cancelled")
        }
    }

    /// Runs `body` and makes this edge's error of what stopped it.
    static func from<T>(_ body: () throws(BlockingError) -> T) throws(RedisError) -> T {
        do throws(BlockingError) {
            return try body()
        } catch {
            throw RedisError(error)
        }
    }
}

extension StringProtocol {
    fileprivate var trimmed: String { String(drop { $0.isWhitespace }) }
}
