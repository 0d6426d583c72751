import Core
import Curl
import Testing

@testable import Platform

/// What runs on the nodes of guests that are to be touched.
@Suite struct ProxmoxTasksTests {
    private static let path = "/api2/json/nodes/n1/tasks?source=active&limit=500"
    private static let guest = VMID(5001)!

    /// A healthy cluster whose node n1 gives one answer about its tasks.
    private func read(_ tasks: String, tasksOf: [VMID] = [guest]) async throws -> (ProxmoxReading, [String]) {
        let server = try RawServer.answering { target, _ in
            switch target {
            case "/api2/json/cluster/resources":
                answer(
                    "200 OK",
                    #"{"data":[{"type":"lxc","vmid":5001,"node":"n1","status":"running","name":"a"},"#
                        + #"{"type":"lxc","vmid":5002,"node":"n2","status":"running","name":"b"},"#
                        + #"{"type":"node","node":"n1","status":"online"},"#
                        + #"{"type":"node","node":"n2","status":"offline"}]}"#)
            case "/api2/json/cluster/status":
                answer(
                    "200 OK",
                    #"{"data":[{"type":"cluster","name":"prod","quorate":1},{"type":"node","name":"n1"},"#
                        + #"{"type":"node","name":"n2"}]}"#)
            case "/api2/json/access/permissions": answer("200 OK", #"{"data":{"/":{"VM.Audit":1,"Sys.Audit":1}}}"#)
            case Self.path: tasks
            default: answer("501 Method 'GET' not implemented")
            }
        }
        let observer = ProxmoxObserver(
            urls: [server.url], token: Secret("u@pve!ctl=0f0f"), timeout: .seconds(20), client: HTTPClient(),
            now: { Timestamp(seconds: 7) })
        return (try await observer.read(tasksOf: tasksOf).get(), server.targets)
    }

    private static func row(_ fields: String) -> String {
        #"{"upid":"UPID:n1:1:1:1:t:5001:root@pam:","node":"n1","type":"vzdump","id":"5001","user":"root@pam"\#(fields)}"#
    }

    @Test func whatRunsIsTold() async throws {
        let (reading, _) = try await read(
            answer(
                "200 OK",
                #"{"data":["# + Self.row("") + "," + Self.row(#","status":"RUNNING""#)
                    + #",{"type":"vzstart","id":"5001","user":"u@pve","tokenid":"ctl"}"#
                    + #",{"type":"vzstop","id":5002,"user":"u@pve!ctl"}"#
                    + #",{"type":"vzstop","id":"5002","user":"u@pve","tokenid":"other"}"#
                    + #",{"type":"startall","id":"","user":"root@pam"}]}"#))
        #expect(
            reading.tasks == [
                "n1": [
                    GuestTask(vmid: Self.guest, type: "vzdump"), GuestTask(vmid: Self.guest, type: "vzdump"),
                    GuestTask(vmid: Self.guest, type: "vzstart", isOurs: true),
                    GuestTask(vmid: VMID(5002), type: "vzstop", isOurs: true),
                    GuestTask(vmid: VMID(5002), type: "vzstop"), GuestTask(vmid: nil, type: "startall"),
                ]
            ])
    }

    @Test func whatHasEndedIsNot() async throws {
        let (reading, _) = try await read(
            answer(
                "200 OK",
                #"{"data":["# + Self.row(#","status":"OK","endtime":1752721611"#) + ","
                    + Self.row(#","endtime":1752721611"#) + "," + Self.row(#","status":"unexpected status""#) + "]}"))
        #expect(reading.tasks == ["n1": []])
    }

    @Test func onlyNodesOfTheGuestsAreAskedAndNoneThatIsDown() async throws {
        let none = answer("200 OK", #"{"data":[]}"#)
        let (unasked, first) = try await read(none, tasksOf: [])
        #expect(unasked.tasks == [:] && !first.contains { $0.contains("tasks") })
        let (reading, second) = try await read(none, tasksOf: [Self.guest, VMID(5002)!, VMID(5009)!])
        #expect(reading.tasks == ["n1": []])
        #expect(second.filter { $0.contains("tasks") } == [Self.path])
    }

    @Test(
        "Whatever is no list of tasks makes them unknown, and costs nothing else",
        arguments: [
            answer("401 No ticket"), answer("403 Permission check failed"), answer("404 Not Found"),
            answer("429 Slow Down"), answer("500 got timeout"), answer("501 Not implemented"),
            answer("595 No route to host"), answer(), answer("200 OK", #"{"data":null}"#),
            answer("200 OK", #"{"data":{}}"#), answer("200 OK", #"{"data":[{"type""#), answer("200 OK", "<html>"),
            answer("200 OK", #"{"data":[{"type":"vzdump"}]}"#), answer("200 OK", #"{"data":[7]}"#),
            answer("200 OK", #"{"data":[{"type":7,"user":"root@pam"}]}"#),
            answer("200 OK", #"{"data":["# + Array(repeating: row(""), count: 500).joined(separator: ",") + "]}"),
        ])
    func faults(_ tasks: String) async throws {
        let (reading, _) = try await read(tasks)
        #expect(reading.tasks == [:])
        #expect(reading.resources.count == 4)
    }
}
