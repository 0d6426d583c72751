internal import Blocking
internal import Core
internal import Glibc

/// What one call does on the connection, one pipeline after the other, on the connection's own thread.
package final class RedisSession {
    /// The most that the answers of one part of a call may come to. A queue's ids and numbers are some kilobytes.
    static let mostBytes = 16 << 20

    private let target: RedisTarget
    private let password: Secret<String>?
    private var link: Link?
    private var limit: CallLimit?
    private var received = 0

    /// Shares the one handle between the uses of a session: an optional of a noncopyable type cannot be borrowed in place.
    private final class Link {
        let handle: RedisHandle
        init(_ handle: consuming RedisHandle) { self.handle = handle }
    }

    init(_ target: RedisTarget, password: Secret<String>?) {
        self.target = target
        self.password = password
    }

    /// Runs `body` within `limit`, connecting first where there is no connection that still lives.
    func perform<T>(
        within limit: CallLimit, _ body: (RedisSession) throws(RedisError) -> T
    ) throws(RedisError) -> T {
        self.limit = limit
        received = 0
        defer { self.limit = nil }
        try connectWhereNeeded(limit)
        return try body(self)
    }

    /// Sends commands in one go and gives their replies, one for each. An error of the server for one command is that
    /// command's reply; when the connection fails, all of it fails.
    package func pipeline(_ commands: [[String]]) throws(RedisError) -> [RedisReply] {
        guard let link, let limit else { throw RedisError(.lost, "a Redis session was used outside its call") }
        return try exchange(commands, link, limit)
    }

    /// Begins what has its own share of bytes: what one part was answered takes nothing from the next.
    package func beginPart() { received = 0 }

    func close() { link = nil }

    // MARK: One exchange

    private func exchange(
        _ commands: [[String]], _ link: Link, _ limit: CallLimit
    ) throws(RedisError) -> [RedisReply] {
        var output: [UInt8] = []
        for command in commands {
            guard let bytes = RedisHandle.format(command) else { throw fail(.lost, "no memory for a command to Redis") }
            output += bytes
        }
        var rest = output[...]
        var replies: [RedisReply] = []
        while replies.count < commands.count {
            switch link.handle.nextReply() {
            case .reply(let reply):
                replies.append(reply)
                continue
            case .broken: throw fail(.protocol, "what answers at \(target.place) does not speak Redis's protocol")
            case .incomplete: break
            }
            // Reading goes on while there is something to send, or both sides could wait for each other.
            let events = try wait(link, for: rest.isEmpty ? POLLIN : POLLIN | POLLOUT, limit)
            if Int32(events) & POLLOUT != 0, !rest.isEmpty {
                switch link.handle.send(rest) {
                case .bytes(let count): rest = rest.dropFirst(count)
                case .wouldBlock: break
                case .closed(let why):
                    // A server that turns us away says why before it closes: that is still to be read.
                    if Int32(events) & POLLIN == 0 { throw fail(.lost, "the connection to Redis broke", why) }
                    rest = []
                }
            }
            guard Int32(events) & (POLLIN | POLLHUP | POLLERR) != 0 else { continue }
            switch link.handle.receive() {
            case .bytes(let count):
                received += count
                if received > RedisSession.mostBytes {
                    throw fail(.oversize, "Redis answered with more than \(RedisSession.mostBytes >> 20) MB")
                }
            case .wouldBlock: break
            case .closed(let why): throw fail(.lost, "the connection to Redis broke", why)
            }
        }
        return replies
    }

    private func wait(_ link: Link, for events: Int32, _ limit: CallLimit) throws(RedisError) -> Int16 {
        // Looked at first: a server that sends without end is always ready.
        switch Readiness.poll(limit) {
        case .cancelled: throw fail(.cancelled, "the call to Redis was cancelled")
        case .expired: throw fail(.timeout, "Redis at \(target.place) did not answer in time")
        case .ready: break
        }
        switch Readiness.wait(link.handle.descriptor, for: events, within: limit) {
        case .ready(let events): return events
        case .cancelled: throw fail(.cancelled, "the call to Redis was cancelled")
        case .expired: throw fail(.timeout, "Redis at \(target.place) did not answer in time")
        }
    }

    /// Closes, so that no late answer is taken for that of the next call.
    private func fail(_ code: RedisError.Code, _ message: String, _ cause: String? = nil) -> RedisError {
        close()
        return RedisError(code, message, cause: cause)
    }

    // MARK: Connecting

    private func connectWhereNeeded(_ limit: CallLimit) throws(RedisError) {
        // Nothing is ever under way between calls, so whatever is there to be read is an end-of-file or a farewell.
        if let link, !Readiness.isReadable(link.handle.descriptor) { return }
        close()
        let host = target.host
        let addresses = try RedisError.from { () throws(BlockingError) in
            try HostLookup.addresses(of: host, within: limit)
        }
        var failure = RedisError(.unreachable, "the host name has no address")
        for address in addresses {
            do throws(RedisError) {
                let link = try connect(to: address, limit)
                self.link = link
                try greet(link, limit)
                return
            } catch {
                close()
                guard error.code == .refused || error.code == .unreachable else { throw error }
                failure = error
            }
        }
        throw failure
    }

    private func connect(to address: String, _ limit: CallLimit) throws(RedisError) -> Link {
        guard let handle = RedisHandle(connectingTo: address, port: target.port) else {
            throw RedisError(.unreachable, "no memory for a connection to Redis")
        }
        let link = Link(handle)
        // Asked once before and once after the wait, and not again: SO_ERROR is forgotten as soon as it is read.
        var failure = link.handle.connectFailure()
        if failure == nil {
            _ = try wait(link, for: POLLOUT, limit)
            failure = link.handle.connectFailure()
        }
        if let why = failure {
            let code: RedisError.Code = why.contains("refused") ? .refused : .unreachable
            throw RedisError(code, "no connection to Redis at \(target.place)", cause: why)
        }
        return link
    }

    private func greet(_ link: Link, _ limit: CallLimit) throws(RedisError) {
        var greeting: [[String]] = []
        if let password = password?.reveal(), !password.isEmpty {
            greeting.append(["AUTH"] + (target.user.map { [$0] } ?? []) + [password])
        }
        // An ACL user that only reads needs no right to SELECT for the database that it is in anyway.
        if target.database != 0 { greeting.append(["SELECT", String(target.database)]) }
        if greeting.isEmpty { return }
        for reply in try exchange(greeting, link, limit) {
            if let error = reply.error { throw error }
        }
    }
}
