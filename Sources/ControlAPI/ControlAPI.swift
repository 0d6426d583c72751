package import Core
import HTTPTypes
import Hummingbird
package import Logging
import NIOCore

/// Health and metrics over HTTP, for whoever watches the daemon. It only reads.
package struct ControlAPI: Sendable {
    private let host: String
    private let port: Int
    private let token: Secret<String>?
    private let status: @Sendable () -> DaemonStatus
    private let moment: @Sendable () -> Moment
    private let logger: Logger

    /// - Parameters:
    ///   - token: what `/metrics` wants as a bearer token; nil asks for none.
    ///   - moment: of the clock that `status` counts its progress by.
    package init(
        host: String, port: Int, token: Secret<String>?, logger: Logger, moment: @escaping @Sendable () -> Moment,
        status: @escaping @Sendable () -> DaemonStatus
    ) {
        self.host = host
        self.port = port
        self.token = token
        self.logger = logger
        self.moment = moment
        self.status = status
    }

    /// Serves until the task is cancelled.
    ///
    /// - Parameter ready: called with the port once it listens.
    package func run(ready: @escaping @Sendable (Int) -> Void = { _ in }) async throws {
        let router = Router()
        router.get("livez") { _, _ in answer(status().standstill(moment: moment())) }
        router.get("readyz") { _, _ in
            let status = status()
            // People who are not told are a trouble, and none that a restart or another instance would mend.
            return answer(
                status.unready,
                remarks: [status.untold.map { "people are not told: \($0)" }, status.remark].compactMap { $0 })
        }
        router.get("metrics") { request, _ in
            guard isAllowed(request.headers[.authorization]) else {
                return Response(status: .unauthorized, headers: [.wwwAuthenticate: "Bearer"])
            }
            let format = Metrics.Format.wanted(by: request.headers[.accept])
            return Response(
                status: .ok, headers: [.contentType: format.contentType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: Metrics.text(status(), as: format))))
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname(host, port: port), serverName: "zlh-controller"),
            onServerRunning: { channel in ready(channel.localAddress?.port ?? 0) }, logger: logger)
        try await application.run()
    }

    private func answer(_ trouble: String?, remarks: [String] = []) -> Response {
        Response(
            status: trouble == nil ? .ok : .serviceUnavailable,
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(
                byteBuffer: ByteBuffer(
                    string: Foreign.text(trouble ?? (["ok"] + remarks).joined(separator: "; "), limit: 500) + "\n")))
    }

    /// Compares every byte, so that the time says nothing about the token.
    private func isAllowed(_ header: String?) -> Bool {
        guard let token else { return true }
        let wanted = Array("Bearer \(token.reveal())".utf8)
        let given = Array((header ?? "").utf8)
        var difference = wanted.count ^ given.count
        for index in wanted.indices { difference |= Int(wanted[index] ^ (index < given.count ? given[index] : 0)) }
        return difference == 0
    }
}
