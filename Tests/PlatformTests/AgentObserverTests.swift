import Core
import Curl
import Foundation
import Testing

@testable import Platform

@Suite struct AgentObserverTests {
    private static let token = "agent-token-0123456789"
    private let clients = AgentClients(concurrency: 256)

    private static func target(_ number: Int, _ address: String) throws -> AgentTarget {
        AgentTarget(
            key: InstanceKey(vmid: try #require(VMID(5000 + number)), externalID: ExternalID(high: 1, low: 1)),
            address: address)
    }

    private func observer(
        port: UInt16, token: String = token, timeout: Span = .seconds(5), maxHosts: Int = 8
    ) -> AgentObserver {
        AgentObserver(
            scheme: "http", port: Int(port), token: Secret(token), mayAsk: { $0.hasPrefix("127.0.0.") },
            timeout: timeout, concurrency: maxHosts, clients: clients, now: { Timestamp(seconds: 7) })
    }

    private func poll(
        port: UInt16, timeout: Span = .seconds(5)
    ) async throws -> AgentReading.Answer {
        let reading = try await observer(port: port, timeout: timeout).read([Self.target(1, "127.0.0.1")]).get()
        #expect(reading.startedAt == Timestamp(seconds: 7))
        return try #require(reading.polls.first).answer
    }

    @Test func sendsTheTokenAndKeepsNothingOfTheConfiguration() async throws {
        let body = #"""
            {"state":"Running","processRunning":true,"ready":1,"readySource":"ping","crashCount":"2","later":[1],
            "config":{"RCON_PASSWORD":"hunter2"},"lastCrashLogTail":["hunter2"],"error":"hunter2",
            "operationInProgress":false,"maintenance":null,"lastCrashExitCode":137}
            """#
        let server = try RawServer.answering { _, _ in answer("200 OK", body) }
        let polled = try await poll(port: server.port)
        let wanted = AgentStatus(
            state: .running, processRunning: true, ready: true, operationInProgress: false, crashCount: 2,
            lastCrashExitCode: 137)
        #expect(polled == .status(wanted))
        #expect(!"\(polled)".contains("hunter2"))
        #expect(server.targets == ["/status"])
        #expect(server.heads[0].contains("Authorization: Bearer \(Self.token)\r\n"))
    }

    @Test(arguments: [
        (#"{"state":"hibernating"}"#, AgentStatus(state: .other)),
        (#"{"ready":false}"#, AgentStatus(state: nil, ready: false)),
        (#"{"state":"idle","ready":"maybe"}"#, AgentStatus(state: .idle)),
        (#"{"state":null,"processRunning":0}"#, AgentStatus(state: nil, processRunning: false)),
    ])
    func readsLeniently(_ body: String, _ status: AgentStatus) {
        #expect(AgentDecoding.status(Array(body.utf8)) == status)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var answer: String
        var code: Unknown
        init(_ name: String, _ answer: String, _ code: Unknown) {
            (testDescription, self.answer, self.code) = (name, answer, code)
        }
    }

    /// Beside those of the fault matrix.
    static let faults = [
        Fault("400", answer("400 Bad Request", "{}"), .rejected),
        Fault("500", answer("500 Oops", #"{"state":"running","ready":true}"#), .serverError),
        Fault(
            "redirect", answer("302 Found", "", headers: ["Location: http://127.0.0.1:1/"]), .redirected),
        Fault("204", "HTTP/1.1 204 No Content\r\n\r\n", .malformed),
        Fault("cut JSON", answer("200 OK", #"{"state":"run"#), .malformed),
        Fault("null", answer("200 OK", "null"), .malformed),
        Fault("another object", answer("200 OK", #"{"data":{"state":"running"}}"#), .malformed),
        Fault("a state that is no word", answer("200 OK", #"{"state":{"a":1}}"#), .malformed),
        Fault("no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", .malformed),
        Fault("cut short", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"state\"", .connectionLost),
        Fault("announced too large", "HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n", .oversize),
        Fault(
            "grows too large",
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + String(repeating: " ", count: 70_000), .oversize),
    ]

    @Test(arguments: faults) func everyFaultIsUnknown(_ fault: Fault) async throws {
        let server = try RawServer { connection in
            guard connection.request() != nil else { return }
            connection.send(fault.answer)
        }
        #expect(try await poll(port: server.port) == .failed(fault.code))
    }

    @Test func aSlowOneIsAskedAgainWithTheWholeTimeout() async throws {
        let asked = Locked<[Span]>([])
        let observer = AgentObserver(
            scheme: "http", port: 1, token: Secret(Self.token), mayAsk: { _ in true }, timeout: .seconds(2),
            budget: .seconds(3600), concurrency: 1,
            send: { request, _, _ in
                let isFirst = asked.withLock { asked in
                    asked.append(request.timeout)
                    return asked.count == 1
                }
                return isFirst
                    ? .failure(HTTPFailure(.timeout, "slow"))
                    : .success(HTTPResponse(status: 200, body: Array(#"{"state":"running"}"#.utf8)))
            }, now: { Timestamp(seconds: 7) })
        let reading = try await observer.read([try Self.target(1, "127.0.0.1")]).get()
        #expect(reading.polls.map(\.answer) == [.status(AgentStatus(state: .running))])
        #expect(asked.withLock { $0 } == [.milliseconds(200), .seconds(2)])
    }

    @Test func theTokenNeverLeavesTheNetworks() async throws {
        // 127.0.0.1 stands for everything that is not ours: the listener must see nothing, not even a connection.
        let server = try RawServer.answering { _, _ in answer("200 OK", #"{"state":"running"}"#) }
        let observer = AgentObserver(
            scheme: "http", port: Int(server.port), token: Secret(Self.token), mayAsk: { $0.hasPrefix("10.70.") },
            timeout: .seconds(5), concurrency: 4, clients: clients, now: { Timestamp(seconds: 7) })
        let addresses = [
            "127.0.0.1", "0.0.0.0", "localhost", "127.0.0.1@x", "127.1", "0x7f.0.0.1", "::1", "", "127.0.0.1/",
        ]
        let reading = try await observer.read(try addresses.enumerated().map { try Self.target($0, $1) }).get()
        #expect(
            reading.polls.map(\.answer)
                == [.failed(.outsideNetworks), .failed(.outsideNetworks)]
                + Array(repeating: .failed(.addressUnknown), count: 7))
        #expect(server.connections == 0)
    }

    @Test(arguments: ["", "a b", "a\nb", "tökén"])
    func nothingIsSentWithABrokenToken(_ token: String) async throws {
        let server = try RawServer.answering { _, _ in answer("200 OK", #"{"state":"running"}"#) }
        let result = await observer(port: server.port, token: token).read([try Self.target(1, "127.0.0.1")])
        guard case .failure(let failure) = result else {
            Issue.record("accepted")
            return
        }
        #expect(failure.code == .configuration)
        #expect(token.isEmpty || !failure.detail.contains(token))
        #expect(server.connections == 0)
    }

    @Test func noTargetsAreAReading() async throws {
        #expect(try await observer(port: 1).read([]).get().polls == [])
    }
}
