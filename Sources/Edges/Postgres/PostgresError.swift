internal import Blocking

/// What went wrong between this process and PostgreSQL. Its description is safe to show: it holds no password, no row
/// and no `DETAIL` of the server, which quotes rows.
package struct PostgresError: Error, Equatable, Sendable {
    package enum Code: Equatable, Sendable {
        /// The URL or the environment is not usable as it is.
        case configuration
        /// No connection came about: refused, unreachable, no such socket, the server is starting or full.
        case connect
        /// The server does not accept this user or this password (class 28).
        case authentication
        /// The role lacks a privilege (42501).
        case permission
        /// A database, schema, table, column or function is missing (3D000, 3F000, 42P01, 42703, 42883, 42704).
        case undefinedObject
        case timeout
        case cancelled
        /// The connection broke while it was in use.
        case lost
        /// What answers there does not speak PostgreSQL's protocol.
        case stranger
        /// A standby: it may lag, so what it lacks may be there.
        case standby
        /// Somebody else holds what it would have to lock (55P03): nothing was done, and later it may be free.
        case busy
        /// It sends more than is taken in.
        case oversize
        /// Any other error of the server, by its SQLSTATE.
        case server(String)
        /// The answer is not what was asked for.
        case `protocol`
    }

    package var code: Code
    package var message: String
    /// What the library or the server said, in one line.
    package var cause: String?
    /// As the server sent it; nil when the error is not the server's.
    package var sqlstate: String?
    /// A `commit` was sent and its answer not seen: whether it took effect has to be read, not assumed.
    package var isCommitUnknown = false

    /// Met on the way to a connection, whatever its code says: nothing can be kept there.
    package var isUnconnected = false

    package init(_ code: Code, _ message: String, cause: String? = nil, sqlstate: String? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
        self.sqlstate = sqlstate
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String { cause.map { "\(message): \($0)" } ?? message }
}

extension PostgresError.Code {
    /// The code that an SQLSTATE stands for (PostgreSQL 15, appendix A).
    init(sqlstate: String) {
        switch sqlstate {
        case "42501": self = .permission
        case "3D000", "3F000", "42P01", "42703", "42883", "42704": self = .undefinedObject
        case "57014": self = .timeout
        case "55P03": self = .busy
        case "57P01", "57P02", "57P05", "25P03", "08006", "08003": self = .lost
        case "57P03", "53300": self = .connect
        default: self = sqlstate.hasPrefix("28") ? .authentication : .server(sqlstate)
        }
    }
}

extension PostgresError {
    /// What stopped a call before the database had a say.
    init(_ error: BlockingError) {
        switch error.code {
        case .exhausted: self.init(.connect, "no room for a call to the database", cause: error.cause)
        case .noAddress: self.init(.connect, "the host name of postgres.url has no address", cause: error.cause)
        case .timeout:
            self.init(.timeout, "the host name of postgres.url was not looked up in time", cause: error.cause)
        case .cancelled: self.init(.cancelled, "the call to the database was cancelled")
        }
    }

    /// Runs `body` and makes this edge's error of what stopped it.
    static func from<T: ~Copyable>(_ body: () throws(BlockingError) -> T) throws(PostgresError) -> T {
        do throws(BlockingError) {
            return try body()
        } catch {
            throw PostgresError(error)
        }
    }
}
