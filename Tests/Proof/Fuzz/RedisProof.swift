import Core
import Curl
import Dispatch
import Platform
import Redis

/// The reader of queues against a server that sends the bytes and closes: parser, session and reader as one.
enum RedisProof {
    private static let job = JobReference(queue: "q", id: "1")
    /// INFO, ROLE, TIME, CLIENT LIST; 15 about the queue; twice three sets and three lists, each list with its length.
    private static let fewest = 4 + 15 + 9 + 9

    /// There is one server, which sends one thing at a time.
    private static let turn = Locked(())

    static func outcome(_ bytes: [UInt8]) -> Decoder.Outcome {
        let reading: Result<QueueReading, ReadFailure>
        do {
            reading = try turn.withLock { _ in Result { try read(bytes) } }.get()
        } catch {
            return .violated("the proof's own server failed: \(error)")
        }
        guard case .success(let reading) = reading, case .read(let queues) = Queues.judge(reading) else {
            return .refused
        }
        switch queues.job(job) {
        case .unknown: return .refused
        case .present: return .read
        case .absent:
            guard let replies = RESP.replies(bytes), replies.count >= fewest else {
                return .violated("believed to be gone after fewer answers than there are questions")
            }
            let refusals = replies[..<fewest].enumerated().filter { $0.offset != 3 && $0.element.isError }
            return refusals.isEmpty ? .gone : .violated("believed to be gone, although an answer was an error")
        }
    }

    private static func read(_ bytes: [UInt8]) throws -> Result<QueueReading, ReadFailure> {
        let server = try ByteServer.shared.get()
        server.bytes.withLock { $0 = bytes }
        let connection = try RedisConnection(RedisTarget(host: "127.0.0.1", port: server.port))
        let observer = QueueObserver(
            connection: connection, prefix: "bull", names: ["q"], timeout: .seconds(20), now: { Decoder.moment })
        let done = DispatchSemaphore(value: 0)
        let box = Box()
        Task.detached {
            let result = await observer.read(jobs: [job])
            box.result.withLock { $0 = result }
            done.signal()
        }
        done.wait()
        return box.result.withLock { $0 } ?? .failure(ReadFailure(.internalFault, "nothing", at: Decoder.moment))
    }

    private final class Box: Sendable {
        let result = Locked<Result<QueueReading, ReadFailure>?>(nil)
    }
}

/// RESP2, as far as telling replies apart: a second reader of what hiredis reads.
struct RESP {
    struct Reply {
        var isError: Bool
    }

    /// Nil when the bytes do not even begin with a reply; the whole replies at the beginning otherwise.
    static func replies(_ bytes: [UInt8]) -> [Reply]? {
        var reader = RESP(bytes: bytes)
        var replies: [Reply] = []
        while let reply = reader.reply(depth: 0) { replies.append(reply) }
        return replies.isEmpty ? nil : replies
    }

    private let bytes: [UInt8]
    private var at = 0

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func reply(depth: Int) -> Reply? {
        guard at < bytes.count, depth < 10 else { return nil }
        let sign = bytes[at]
        at += 1
        guard let line = line() else { return nil }
        switch sign {
        case UInt8(ascii: "+"): return Reply(isError: false)
        case UInt8(ascii: "-"): return Reply(isError: true)
        case UInt8(ascii: ":"): return Int64(line) == nil ? nil : Reply(isError: false)
        case UInt8(ascii: "$"):
            guard let length = Int(line) else { return nil }
            if length < 0 { return Reply(isError: false) }
            guard bytes.count - at >= 2, length <= bytes.count - at - 2 else { return nil }
            at += length + 2
            return Reply(isError: false)
        case UInt8(ascii: "*"):
            guard let count = Int(line) else { return nil }
            var isError = false
            var left = count
            while left > 0 {
                guard let element = reply(depth: depth + 1) else { return nil }
                isError = isError || element.isError
                left -= 1
            }
            return Reply(isError: isError)
        default: return nil
        }
    }

    private mutating func line() -> String? {
        guard let end = bytes[at...].firstIndex(of: 13), end + 1 < bytes.count, bytes[end + 1] == 10 else { return nil }
        defer { at = end + 2 }
        return String(decoding: bytes[at..<end], as: UTF8.self)
    }
}
