import Core
import Curl
import Glibc
import Testing

@testable import Platform

/// A healthy cluster of two nodes; parts are replaced by what a test is about.
private struct Answers: Sendable {
    static let nodes = #"{"type":"node","node":"n1","status":"online"},{"type":"node","node":"n2","status":"online"}"#
    var resources = answer(
        "200 OK", #"{"data":[{"type":"lxc","vmid":5001,"node":"n1","status":"running","name":"a"},"# + nodes + "]}")
    var status = Answers.status(quorate: 1)
    var permissions = answer("200 OK", #"{"data":{"/":{"Sys.Audit":1,"VM.Audit":"0"},"/vms":{"VM.Audit":1}}}"#)

    static func status(quorate: Int) -> String {
        answer(
            "200 OK",
            #"{"data":[{"type":"cluster","name":"prod","quorate":\#(quorate)},{"type":"node","name":"n1"},"#
                + #"{"type":"node","name":"n2"}]}"#)
    }

    func serve() throws -> RawServer {
        try RawServer.answering { target, _ in
            switch target {
            case "/api2/json/cluster/resources": resources
            case "/api2/json/cluster/status": status
            case "/api2/json/access/permissions": permissions
            default: answer("501 Method 'GET' not implemented")
            }
        }
    }
}

@Suite struct ProxmoxObserverTests {
    private let client = HTTPClient()
    private static let secret = "0f0f0f0f-secret"
    private static let paths = ["/cluster/resources", "/cluster/status", "/access/permissions"].map {
        "/api2/json" + $0
    }

    private func read(
        _ urls: String..., place: String? = nil, timeout: Span = .seconds(20), token: String = "u@pve!ctl=" + secret
    ) async -> Result<ProxmoxReading, ReadFailure> {
        let observer = ProxmoxObserver(
            urls: urls, token: Secret(token), timeout: timeout, client: client, now: { Timestamp(seconds: 7) })
        let result = await observer.read(place: place)
        if case .failure(let failure) = result { #expect(!failure.detail.contains(Self.secret)) }
        return result
    }

    @Test func readsThreeAnswersInOrder() async throws {
        let server = try Answers().serve()
        let reading = try await read(server.url + "/").get()
        #expect(server.targets == Self.paths)
        #expect(server.connections == 1)
        #expect(server.heads.allSatisfy { $0.contains("Authorization: PVEAPIToken=u@pve!ctl=\(Self.secret)\r\n") })
        #expect(reading.endpoint == server.url)
        #expect(reading.startedAt == Timestamp(seconds: 7))
        #expect(reading.status == .init(name: "prod", isQuorate: true, nodes: ["n1", "n2"]))
        #expect(reading.permissions == ["/": ["Sys.Audit": true, "VM.Audit": false], "/vms": ["VM.Audit": true]])
        #expect(reading.resources.count == 3)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var answer: String
        var code: Unknown
        var triesNext: Bool
        init(_ name: String, _ answer: String, _ code: Unknown, triesNext: Bool) {
            (testDescription, self.answer, self.code, self.triesNext) = (name, answer, code, triesNext)
        }
    }

    static let faults = [
        Fault("500", answer("500 got timeout", #"{"data":null}"#), .serverError, triesNext: true),
        Fault("595", answer("595 No route to host"), .serverError, triesNext: true),
        Fault("401", answer("401 No ticket \(secret)"), .unauthorized, triesNext: false),
        Fault("403", answer("403 Permission check failed"), .forbidden, triesNext: false),
        Fault("404", answer("404 Not Found"), .notFound, triesNext: false),
        Fault("429", answer("429 Slow Down"), .rateLimited, triesNext: false),
        Fault(
            "redirect", answer("301 Moved", headers: ["Location: http://127.0.0.1:1/"]), .redirected, triesNext: true),
        Fault("empty", answer(), .malformed, triesNext: true),
        Fault("null", answer("200 OK", #"{"data":null}"#), .malformed, triesNext: true),
        Fault("cut JSON", answer("200 OK", #"{"data":[{"type""#), .malformed, triesNext: true),
        Fault("a map", answer("200 OK", #"{"data":{}}"#), .malformed, triesNext: true),
        Fault("a bare list", answer("200 OK", "[]"), .malformed, triesNext: true),
        Fault("HTML", answer("200 OK", "<html>login</html>"), .malformed, triesNext: true),
        Fault(
            "cut body", "HTTP/1.1 200 OK\r\nContent-Length: 999\r\nConnection: close\r\n\r\n{", .timeout,
            triesNext: true),
        Fault("too large", "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", .oversize, triesNext: true),
    ]

    @Test(arguments: faults, [0, 1, 2]) func everyFaultOfEveryAnswer(_ fault: Fault, position: Int) async throws {
        var answers = Answers()
        switch position {
        case 0: answers.resources = fault.answer
        case 1: answers.status = fault.answer
        default:
            answers.permissions = fault.answer
            // No rights at all are a fact, not a fault.
            if fault.testDescription == "a map" { return }
        }
        let bad = try answers.serve()
        let good = try Answers().serve()
        let timeout = fault.code == .timeout ? Span.milliseconds(400) : .seconds(20)
        guard case .failure(let failure) = await read(bad.url, timeout: timeout) else {
            Issue.record("the fault was read as a fact")
            return
        }
        #expect(failure.code == fault.code)
        #expect(failure.detail.contains(bad.url))
        let second = await read(bad.url, good.url, timeout: fault.code == .timeout ? .seconds(2) : .seconds(20))
        if fault.triesNext {
            #expect(try second.get().endpoint == good.url)
        } else {
            #expect(throws: ReadFailure.self) { try second.get() }
            #expect(good.connections == 0)
        }
    }

    @Test func aRefusedAndAHungEndpointLeaveTimeForTheNext() async throws {
        let (socket, port) = try RawServer.bound()
        defer { close(socket) }
        let hung = try RawServer { $0.waitForClose() }
        let good = try Answers().serve()
        let reading = try await read("http://127.0.0.1:\(port)", hung.url, good.url, timeout: .seconds(3)).get()
        #expect(reading.endpoint == good.url)
        guard case .failure(let failure) = await read("http://127.0.0.1:\(port)", hung.url, timeout: .seconds(1)) else {
            Issue.record("nobody answered")
            return
        }
        #expect(failure.code == .refused)
        #expect(failure.detail.contains(hung.url) && failure.detail.contains(":\(port)"))
    }

    @Test func aSecondLookGoesToTheSamePlaceOnly() async throws {
        let first = try Answers().serve()
        let second = try Answers().serve()
        #expect(try await read(first.url, second.url, place: second.url).get().endpoint == second.url)
        #expect(first.connections == 0)
        let elsewhere = await read(first.url, place: "http://127.0.0.1:1")
        #expect(throws: ReadFailure.self) { try elsewhere.get() }
    }

    @Test func prefersAQuorateEndpoint() async throws {
        var lost = Answers()
        lost.status = Answers.status(quorate: 0)
        let bad = try lost.serve()
        let good = try Answers().serve()
        #expect(try await read(bad.url, good.url).get().endpoint == good.url)
        let alone = try await read(bad.url).get()
        #expect(alone.status.isQuorate == false)
    }

    @Test func aStumbleOfTheFileSystemIsReadAgain() async throws {
        let healthy = Answers()
        let asked = Locked(0)
        let server = try RawServer.answering { target, _ in
            switch target {
            case Self.paths[0]:
                let count = asked.withLock { count in
                    count += 1
                    return count
                }
                return count == 1
                    ? answer("200 OK", #"{"data":[{"type":"node","node":"n1","status":"online"}]}"#) : healthy.resources
            case Self.paths[1]: return healthy.status
            default: return healthy.permissions
            }
        }
        #expect(try await read(server.url).get().resources.count == 3)
        #expect(server.targets == Self.paths.prefix(2) + Self.paths)
    }

    @Test func aLastingDisagreementIsNoReading() async throws {
        var answers = Answers()
        answers.resources = answer("200 OK", #"{"data":[{"type":"node","node":"n1","status":"online"}]}"#)
        let bad = try answers.serve()
        let good = try Answers().serve()
        #expect(try await read(bad.url, good.url).get().endpoint == good.url)
        guard case .failure(let failure) = await read(bad.url) else {
            Issue.record("an inventory of half a cluster was believed")
            return
        }
        #expect(failure.code == .partialListing)
    }

    @Test(arguments: ["", "u@pve!ctl", "u!ctl=s", "u@pve=s", "@pve!ctl=s", "u@pve!=s", "u@pve!ctl=", "u@pve!ctl=a b"])
    func aTokenOfAnotherFormIsSaidWithoutShowingIt(_ token: String) async throws {
        let server = try Answers().serve()
        guard case .failure(let failure) = await read(server.url, token: token) else {
            Issue.record("accepted")
            return
        }
        #expect(failure.code == .configuration)
        #expect(token.isEmpty || !failure.detail.contains(token))
        #expect(server.connections == 0)
    }
}

@Suite struct ProxmoxDecodingTests {
    @Test func rowsAreReadAsLooselyAsTheyAreWritten() throws {
        let inventory = try ProxmoxDecoding.inventory(
            Array(
                #"""
                {"data":[
                 {"type":"lxc","vmid":"5001","node":"n1","status":"running","name":"a",
                  "template":"0","lock":"backup","hastate":"started","pool":"games","new":{"x":[1]}},
                 {"type":"lxc","vmid":5002.0,"node":"n2","status":"unknown","template":true},
                 {"type":"future","vmid":5003,"node":"n2"},
                 {"type":"lxc","vmid":5003,"node":"n2","status":"stopped","name":"","lock":""},
                 {"type":"lxc","vmid":"x","node":"n2"}, {"type":"lxc","vmid":5004}, {"type":"lxc","node":"n1"},
                 {"vmid":5005,"node":"n1"}, {"type":"lxc","vmid":7,"node":"n1"}, "row", null,
                 {"type":"node","node":"n1","status":"online","cpu":"0.00"}, {"type":"node","node":"n2"},
                 {"type":"pool","pool":"games","maxcpu":"2.5"}, {"type":"storage","storage":"local"}, 
                 {"type":"sdn"}, {"type":"later"}
                ],"total":1}
                """#.utf8))
        #expect(inventory.unreadableRows == 7)
        #expect(inventory.nodes == ["n1", "n2"])
        let two = try #require(VMID(5002))
        let three = try #require(VMID(5003))
        #expect(
            inventory.resources == [
                .guest(
                    .init(
                        vmid: try #require(VMID(5001)), type: "lxc", node: "n1", status: "running", name: "a",
                        lock: "backup", haState: "started", pool: "games")),
                .guest(.init(vmid: two, type: "lxc", node: "n2", status: "unknown", name: nil, isTemplate: true)),
                .guest(.init(vmid: three, type: "future", node: "n2", status: "unknown", name: nil)),
                .guest(.init(vmid: three, type: "lxc", node: "n2", status: "stopped", name: nil)),
                .node(.init(name: "n1", status: "online")), .node(.init(name: "n2", status: "unknown")),
                .pool(name: "games", runningCPUs: 2.5),
            ])
    }

    @Test(arguments: ["1", "\"1\"", "true", "1.0"]) func quorateInAnySpelling(_ yes: String) throws {
        let body =
            #"{"data":[{"type":"cluster","name":"c","quorate":\#(yes)},{"type":"node","name":"n"},{"type":"x"}]}"#
        #expect(try ProxmoxDecoding.status(Array(body.utf8)) == .init(name: "c", isQuorate: true, nodes: ["n"]))
    }

    @Test func aStandaloneNodeHasNoClusterRow() throws {
        let body = #"{"data":[{"type":"node","name":"n","local":1}]}"#
        #expect(try ProxmoxDecoding.status(Array(body.utf8)) == .init(name: nil, isQuorate: nil, nodes: ["n"]))
    }

    @Test(arguments: [
        #"{"data":[]}"#, #"{"data":[{"type":"cluster","name":"c","quorate":1}]}"#,
        #"{"data":[{"type":"cluster","name":"c"},{"type":"node","name":"n"}]}"#,
        #"{"data":[{"type":"cluster","name":"c","quorate":2},{"type":"node","name":"n"}]}"#,
        #"{"data":[{"type":"node"}]}"#, #"{"data":[{"name":"n"}]}"#,
    ])
    func halfAStatusIsNone(_ body: String) {
        #expect(throws: (any Error).self) { try ProxmoxDecoding.status(Array(body.utf8)) }
    }

    @Test func noRightsAreAMapOrAList() throws {
        for body in [#"{"data":{}}"#, #"{"data":[]}"#] {
            #expect(try ProxmoxDecoding.permissions(Array(body.utf8)).isEmpty)
        }
        let inner = Array(#"{"data":{"/":[],"/vms":{"VM.Audit":"1","X":0}}}"#.utf8)
        #expect(try ProxmoxDecoding.permissions(inner) == ["/": [:], "/vms": ["VM.Audit": true, "X": false]])
        #expect(throws: (any Error).self) { try ProxmoxDecoding.permissions(Array(#"{"data":["x"]}"#.utf8)) }
        #expect(throws: (any Error).self) { try ProxmoxDecoding.permissions(Array(#"{"data":null}"#.utf8)) }
    }
}
