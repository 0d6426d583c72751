import Glibc
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix

/// One listening port on loopback.
final class LabPort: Sendable {
    static let reasonHeader = "x-lab-reason"

    struct Rules: Sendable {
        var serverName: String?
        var idleSeconds: Int64?
        var requestLimit: Int?
        var closesOnErrors: Bool
    }

    typealias Responder = @Sendable (LabRequest) async -> LabAnswer

    let port: Int
    private let running: Task<Void, any Error>

    private init(port: Int, running: Task<Void, any Error>) {
        self.port = port
        self.running = running
    }

    /// Listens on a free port, or on `wanted`.
    static func open(
        rules: Rules, host: String = "127.0.0.1", wanted: Int = 0, respond: @escaping Responder
    ) async throws -> LabPort {
        let (ready, continuation) = AsyncThrowingStream<Int, any Error>.makeStream()
        let responder = LabResponder(serverName: rules.serverName, respond: respond)
        // Not hummingbird's `Application`: each of those wakes once a second to write down the date, and an estate has ten
        // thousand agents.
        let server = Server(
            childChannelSetup: HTTP1Channel(
                responder: { (request, writer: consuming ResponseWriter, channel) in
                    let response = try await responder.response(to: request, channel)
                    try await writer.write(response: response.head, body: response.body)
                },
                configuration: .init(
                    additionalChannelHandlers: [
                        ConnectionRules(requestLimit: rules.requestLimit, closesOnErrors: rules.closesOnErrors)
                    ], idleTimeout: rules.idleSeconds.map { .seconds($0) })),
            configuration: .init(address: .hostname(host, port: wanted)),
            onServerRunning: { channel in
                continuation.yield(channel.localAddress?.port ?? 0)
                continuation.finish()
            },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "lab", factory: { _ in SwiftLogNoOpLogHandler() }))
        let running = Task {
            do {
                try await server.run()
            } catch {
                continuation.finish(throwing: error)
                throw error
            }
        }
        for try await port in ready { return LabPort(port: port, running: running) }
        throw LabError(code: .cannotListen, message: "the port closed before it was open")
    }

    /// Cuts every connection and stops listening.
    func close() async {
        running.cancel()
        // Cancelled is how it ends; an error of the last moment has nobody left to hear it.
        _ = await running.result
    }
}

private struct Interrupted: Error {}

private struct LabResponder: Sendable {
    let serverName: String?
    let respond: LabPort.Responder

    /// What it throws closes the connection.
    func response(to request: Request, _ channel: any Channel) async throws -> Response {
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        let body = try await request.body.collect(upTo: 16 << 20)
        let answer = await respond(
            LabRequest(
                method: request.method.rawValue, target: request.head.path ?? "/", headers: headers,
                body: Array(body.readableBytesView)))
        if answer.delay > .zero { try await Task.sleep(for: answer.delay) }
        switch answer.delivery {
        case .never:
            try await Task.sleep(for: .seconds(3600))
            throw Interrupted()
        case .resetAtOnce:
            try await abort(channel)
            throw Interrupted()
        case .whole, .resetInBody, .truncated, .drip: break
        }
        return Response(
            status: .init(code: answer.status), headers: fields(of: answer), body: self.body(of: answer, channel))
    }

    private func fields(of answer: LabAnswer) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        if let reason = answer.reason, let name = HTTPField.Name(LabPort.reasonHeader) {
            // A status line holds one line of visible text.
            let line = reason.split(separator: "\n").first.map(String.init) ?? ""
            fields[name] = line
        }
        fields[.date] = HTTPDate.text(LabClock.now())
        fields[.server] = serverName
        return fields
    }

    private func body(of answer: LabAnswer, _ channel: any Channel) -> ResponseBody {
        let bytes = answer.body
        let delivery = answer.delivery
        if delivery == .whole { return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)) }
        return ResponseBody(contentLength: bytes.count) { writer in
            if delivery == .drip {
                for start in stride(from: 0, to: bytes.count, by: 8) {
                    try await writer.write(ByteBuffer(bytes: bytes[start..<min(bytes.count, start + 8)]))
                    try await Task.sleep(for: .milliseconds(500))
                }
                return try await writer.finish(nil)
            }
            try await writer.write(ByteBuffer(bytes: bytes.prefix(bytes.count / 2)))
            if delivery == .resetInBody { try await abort(channel) }
            throw Interrupted()
        }
    }
}

/// Closes with a reset instead of an orderly end.
private func abort(_ channel: any Channel) async throws {
    if let socket = channel as? any SocketOptionProvider {
        try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    }
    try await channel.close()
}
