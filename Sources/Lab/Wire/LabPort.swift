import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

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
        let application = Application(
            responder: LabResponder(respond: respond),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [
                        ConnectionRules(requestLimit: rules.requestLimit, closesOnErrors: rules.closesOnErrors)
                    ], idleTimeout: rules.idleSeconds.map { .seconds($0) })),
            configuration: .init(address: .hostname(host, port: wanted), serverName: rules.serverName),
            onServerRunning: { channel in
                continuation.yield(channel.localAddress?.port ?? 0)
                continuation.finish()
            },
            logger: Logger(label: "lab", factory: { _ in SwiftLogNoOpLogHandler() }))
        let running = Task {
            do {
                try await application.run()
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

private struct LabContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

private struct Interrupted: Error {}

private struct LabResponder: HTTPResponder {
    let respond: LabPort.Responder

    func respond(to request: Request, context: LabContext) async throws -> Response {
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
            try await abort(context.channel)
            throw HTTPChannelAbort.aborted
        case .whole, .resetInBody, .truncated, .drip: break
        }
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        if let reason = answer.reason, let name = HTTPField.Name(LabPort.reasonHeader) {
            // A status line holds one line of visible text.
            let line = reason.split(separator: "\n").first.map(String.init) ?? ""
            fields[name] = line
        }
        return Response(
            status: .init(code: answer.status), headers: fields, body: self.body(of: answer, context.channel))
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

private enum HTTPChannelAbort: Error { case aborted }

/// Closes with a reset instead of an orderly end.
private func abort(_ channel: any Channel) async throws {
    if let socket = channel as? any SocketOptionProvider {
        try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    }
    try await channel.close()
}
