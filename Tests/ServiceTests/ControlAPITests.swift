import ControlAPI
import Core
import Curl
import Foundation
import Logging
import Settings
import TestSupport
import Testing

/// Health and metrics as they are served.
@Suite struct ControlAPITests {
    private func served(
        _ status: DaemonStatus, after span: Span, on host: String = "127.0.0.1",
        _ body: (String, HTTPClient) async throws -> Void
    ) async throws {
        let api = ControlAPI(
            host: host, port: 0, token: Secret("scrape"),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            moment: { Moment(microseconds: 0) + span }, status: { status })
        let ports = AsyncStream<Int>.makeStream()
        let client = HTTPClient()
        defer { client.shutdown() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await api.run { ports.continuation.yield($0) } }
            var iterator = ports.stream.makeAsyncIterator()
            let place = host.contains(":") ? "[\(host)]" : host
            try await body("http://\(place):\(try #require(await iterator.next()))", client)
            group.cancelAll()
        }
    }

    private func get(_ url: String, _ headers: [(String, String)] = []) -> HTTPRequest {
        HTTPRequest(.get, url, headers: headers.map { .init($0.0, $0.1) }, timeout: .seconds(20))
    }

    @Test func aDaemonThatWorksIsAliveAndReady() async throws {
        let status = try MetricsTests.busy()
        try await served(status, after: .seconds(30)) { url, client in
            for path in ["/livez", "/readyz"] {
                let answer = try await client.send(get(url + path))
                #expect(answer.status == 200, "\(path): \(String(decoding: answer.body, as: UTF8.self))")
                #expect(answer.headers["cache-control"] == "no-store")
            }
            #expect(try await client.send(get(url + "/")).status == 404)
        }
    }

    /// As the configuration gives it: with the brackets of the URL nobody could listen.
    @Test func itListensOnTheLoopbackOfIPv6() async throws {
        let text = "id: x\npostgres: { url: \"postgres://u@h/d\" }\nhttp: { bind: \"[::1]:9180\" }\n"
        let configuration = try Configuration.read(
            Array(text.utf8), file: "config.yaml", folder: "/", hasPolicyFolder: false)
        let host = try #require(configuration.http?.host)
        try #require(host == "::1")
        // A machine without IPv6 has nothing to listen on.
        let addresses = try String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8)
        guard addresses.contains("00000000000000000000000000000001 ") else { return }
        try await served(try MetricsTests.busy(), after: .seconds(30), on: host) { url, client in
            let answer = try await client.send(get(url + "/livez"))
            #expect(answer.status == 200)
        }
    }

    @Test func oneThatStandsStillIsNotAliveAndOneWithoutARoundIsNotReady() async throws {
        let fresh = DaemonStatus(startedAt: Moment(microseconds: 0), mode: .repair, cycle: .seconds(60))
        try await served(fresh, after: .minutes(4)) { url, client in
            let alive = try await client.send(get(url + "/livez"))
            #expect(alive.status == 503)
            #expect(String(decoding: alive.body, as: UTF8.self).contains("no round has begun or ended"))
            let ready = try await client.send(get(url + "/readyz"))
            #expect(ready.status == 503)
            #expect(String(decoding: ready.body, as: UTF8.self) == "the first round has not ended yet\n")
        }
    }

    @Test func metricsWantTheToken() async throws {
        let status = try MetricsTests.busy()
        try await served(status, after: .seconds(0)) { url, client in
            for header in [nil, "", "Bearer", "Bearer scrap", "Bearer scrapes", "Basic scrape"] {
                let answer = try await client.send(get(url + "/metrics", header.map { [("Authorization", $0)] } ?? []))
                #expect(answer.status == 401)
                #expect(answer.headers["www-authenticate"] == "Bearer")
                #expect(answer.body.isEmpty)
            }
            for format in [Metrics.Format.openMetrics, .prometheus] {
                let answer = try await client.send(
                    get(url + "/metrics", [("Authorization", "Bearer scrape"), ("Accept", format.contentType)]))
                #expect(answer.status == 200)
                #expect(answer.headers["content-type"] == format.contentType)
                #expect(String(decoding: answer.body, as: UTF8.self) == Metrics.text(status, as: format))
            }
        }
    }
}
