import Core
import Curl
import Testing

@testable import Platform

/// What is asked of single guests and nodes: several at once, few of one node, and everybody in turn.
@Suite struct ProxmoxQuestionsTests {
    @Test func noNodeIsAskedMuchAtOnceAndTheOrderIsKept() {
        var lanes = NodeLanes(nodes: ["a", "a", "a", "b", "a", "c", "c", "d", "e", "e", "f"])
        var running: [Int] = []
        while let index = lanes.next() { running.append(index) }
        #expect(running == [0, 1, 3, 5, 6, 7, 8, 9])
        lanes.ended(3, isLate: false)
        #expect(lanes.next() == 10)
        #expect(lanes.next() == nil)
        lanes.ended(0, isLate: false)
        #expect(lanes.next() == 2)
    }

    @Test func aNodeThatIsLateTwiceInARowIsAskedNothingMore() {
        var lanes = NodeLanes(nodes: ["a", "a", "a", "a", "a", "b", "b", "b"])
        #expect((0..<4).map { _ in lanes.next() } == [0, 1, 5, 6])
        lanes.ended(0, isLate: true)
        #expect(lanes.next() == 2)
        // One answer, and it may go on.
        lanes.ended(1, isLate: false)
        #expect(lanes.next() == 3)
        lanes.ended(2, isLate: true)
        lanes.ended(3, isLate: true)
        lanes.ended(5, isLate: true)
        #expect(lanes.next() == 7)
        #expect(lanes.next() == nil)
    }

    /// A cluster of four nodes with 20 guests each, the first of which hangs.
    private struct Cluster: Sendable {
        static let nodes = ["n1", "n2", "n3", "n4"]
        let running = Locked<[String: Int]>([:])
        let most = Locked<[String: Int]>([:])

        static func node(of vmid: Int) -> String { nodes[vmid % 4] }

        func serve(hanging: String? = nil) throws -> RawServer {
            let rows = (5000..<5080).map {
                #"{"type":"lxc","vmid":\#($0),"node":"\#(Self.node(of: $0))","status":"running","name":"g\#($0)"}"#
            }
            let nodes = Self.nodes.map { #"{"type":"node","node":"\#($0)","status":"online"}"# }
            let named = Self.nodes.map { #"{"type":"node","name":"\#($0)"}"# }
            let resources = answer("200 OK", #"{"data":["# + (rows + nodes).joined(separator: ",") + "]}")
            let status = answer(
                "200 OK",
                #"{"data":[{"type":"cluster","name":"prod","quorate":1},"# + named.joined(separator: ",") + "]}")
            return try RawServer { connection in
                while let head = connection.request() {
                    let target = String(head.split(separator: " ").dropFirst().first ?? "")
                    let parts = target.split(separator: "/")
                    guard parts.count > 3, parts[2] == "nodes" else {
                        let said =
                            target.hasSuffix("/resources")
                            ? resources
                            : target.hasSuffix("/status")
                                ? status : answer("200 OK", #"{"data":{"/":{"VM.Audit":1,"Sys.Audit":1}}}"#)
                        guard connection.send(said) else { return }
                        continue
                    }
                    let node = String(parts[3])
                    if node == hanging { return connection.waitForClose() }
                    let now = running.withLock { running in
                        running[node, default: 0] += 1
                        return running[node, default: 0]
                    }
                    most.withLock { $0[node] = max($0[node] ?? 0, now) }
                    let said =
                        target.contains("/tasks?")
                        ? #"{"data":[]}"# : #"{"data":[{"name":"eth0","ip-addresses":[{"ip-address":"10.0.0.1"}]}]}"#
                    running.withLock { $0[node, default: 1] -= 1 }
                    guard connection.send(answer("200 OK", said)) else { return }
                }
            }
        }
    }

    private static let guests = (5000..<5080).compactMap { VMID($0) }

    private func read(_ server: RawServer) async throws -> ProxmoxReading {
        let observer = ProxmoxObserver(
            urls: [server.url], token: Secret("u@pve!ctl=0f0f"), timeout: .seconds(20), client: HTTPClient(),
            now: { Timestamp(seconds: 7) })
        return try await observer.read(
            suspects: [VMID(5900)!], addressesOf: Self.guests, tasksOf: Self.guests
        ).get()
    }

    @Test func eachIsAskedOnce() async throws {
        let cluster = Cluster()
        let server = try cluster.serve()
        let reading = try await read(server)
        #expect(Set(reading.addresses?.keys.map { $0 } ?? []) == Set(Self.guests))
        #expect(Set(reading.tasks.keys) == Set(Cluster.nodes))
        #expect(reading.probes == [VMID(5900)!: true])
        #expect(server.targets.count == 88)
        #expect(Set(server.targets).count == server.targets.count)
        #expect(cluster.most.withLock { $0.values.allSatisfy { $0 <= NodeLanes.perNode } })
    }

    @Test func aNodeThatHangsCostsNoOtherItsTurn() async throws {
        let server = try Cluster().serve(hanging: "n1")
        let reading = try await read(server)
        #expect(Set(reading.tasks.keys) == ["n2", "n3", "n4"])
        let own = Set(Self.guests.filter { Cluster.node(of: Int($0.number)) != "n1" })
        #expect(Set(reading.addresses?.keys.map { $0 } ?? []) == own)
        #expect(reading.probes == [VMID(5900)!: true])
        #expect(server.targets.count { $0.contains("/nodes/n1/") } <= NodeLanes.perNode + 1)
    }

    @Test func eachSortHasItsTurnInTheOrderOfTheLook() throws {
        let session = ProxmoxSession(
            endpoint: try #require(BaseURL("http://127.0.0.1:1")), token: try #require(ProxmoxToken(Secret("u@p!t=s"))),
            deadline: .now, suspects: [VMID(5009)!, VMID(5008)!], addressesOf: [VMID(5002)!, VMID(5001)!, VMID(5003)!],
            tasksOf: [VMID(5003)!, VMID(5002)!, VMID(5001)!, VMID(5007)!], client: HTTPClient(),
            now: { Timestamp(seconds: 7) })
        func guest(_ vmid: Int, _ node: String, _ status: String = "running") -> ProxmoxReading.Resource {
            .guest(.init(vmid: VMID(vmid)!, type: "lxc", node: node, status: status, name: "a"))
        }
        let questions = ProxmoxQuestions.all(
            session,
            [
                guest(5001, "n1"), guest(5002, "n2"), guest(5003, "n1", "stopped"),
                .node(.init(name: "n1", status: "online")), .node(.init(name: "n2", status: "online")),
            ])
        #expect(
            questions == [
                .right(VMID(5009)!), .tasks(node: "n1"), .addresses(VMID(5002)!, node: "n2"), .right(VMID(5008)!),
                .tasks(node: "n2"), .addresses(VMID(5001)!, node: "n1"),
            ])
    }
}
