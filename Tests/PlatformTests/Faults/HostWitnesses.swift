import Core
import Curl

@testable import Platform

/// Guest 5001 of a cluster of two nodes.
struct ProxmoxWitness: HTTPWitness {
    let name = "proxmox"

    private static let guest = #"{"type":"lxc","vmid":5001,"node":"n1","status":"running","name":"a"}"#
    private static let other = #"{"type":"lxc","vmid":5002,"node":"n2","status":"running","name":"b"}"#
    private static let nodes =
        #"{"type":"node","node":"n1","status":"online"},{"type":"node","node":"n2","status":"online"}"#

    private static func serving(_ rows: String, cluster: String = "prod", quorate: Int = 1) -> Serving {
        .answersBy { target, _ in
            switch target {
            case "/api2/json/cluster/resources": answer("200 OK", #"{"data":[\#(rows)]}"#)
            case "/api2/json/cluster/status":
                answer(
                    "200 OK",
                    #"{"data":[{"type":"cluster","name":"\#(cluster)","quorate":\#(quorate)},"#
                        + #"{"type":"node","name":"n1"},{"type":"node","name":"n2"}]}"#)
            default: answer("200 OK", #"{"data":{"/":{"VM.Audit":1,"Sys.Audit":1}}}"#)
            }
        }
    }

    var healthy: Serving { Self.serving("\(Self.guest),\(Self.other),\(Self.nodes)") }

    func cell(of fault: AnswerFault) -> Cell {
        let lacking = "\(Self.other),\(Self.nodes)"
        return switch fault {
        case .truncatedList:
            .unknown(.partialListing, Self.serving(Self.other + #",{"type":"node","node":"n2","status":"online"}"#))
        case .lostPage: .cannotHappen("one answer, without pages")
        case .duplicates: .unknown(.partialListing, Self.serving("\(Self.other),\(lacking)"))
        case .staleCopy: .unknown(.noQuorum, Self.serving(lacking, quorate: 0))
        case .wrongPlace: .unknown(.wrongCluster, Self.serving(lacking, cluster: "lab"))
        case .wrongType: .unknown(.malformed, .json(#"{"data":"none"}"#))
        }
    }

    func look(at ports: [UInt16], timeout: Span, isPermitted: Bool) async throws -> Seen {
        var looks: [PlaneFact<Inventory>] = []
        for port in ports {
            let observer = ProxmoxObserver(
                urls: ["http://127.0.0.1:\(port)"], token: Secret("u@pve!t=s"), timeout: timeout, client: HTTPClient(),
                now: { Timestamp(seconds: 7) })
            looks.append(
                await observer.read().judged { Inventory.judge($0, expecting: .init(cluster: "prod", canary: nil)) })
        }
        guard let guest = VMID(5001) else { return .absent }
        let facts = Facts(desired: .none, inventory: Looks(of: looks), isConfirming: looks.count > 1)
        return facts.container(guest, recordedNode: "n1", isExpected: true).map { Seen($0) } ?? .absent
    }
}

/// The agent of server 5001.
struct AgentWitness: HTTPWitness {
    let name = "agents"
    var healthy: Serving { .json(#"{"state":"running","ready":true}"#) }

    func cell(of fault: AnswerFault) -> Cell {
        switch fault {
        case .truncatedList: .cannotHappen("one object, no list")
        case .lostPage: .cannotHappen("one object, no list")
        case .duplicates: .cannotHappen("one object, no list; rows that share an address are told apart by no answer")
        case .staleCopy: .cannotHappen("the agent is asked itself, by address; nothing in between keeps copies")
        case .wrongPlace: .notAsked(.outsideNetworks)
        case .wrongType: .unknown(.malformed, .json("[]"))
        }
    }

    /// The poll's own word: that silence may be an absence, and when, is judged with the container (``AgentAnswers``).
    func look(at ports: [UInt16], timeout: Span, isPermitted: Bool) async throws -> Seen {
        guard let vmid = VMID(5001), let port = ports.last else { return .absent }
        let observer = AgentObserver(
            scheme: "http", port: Int(port), token: Secret("agent-token"), mayAsk: { _ in isPermitted },
            timeout: timeout, concurrency: 1, clients: AgentClients(concurrency: 1), now: { Timestamp(seconds: 7) })
        let target = AgentTarget(
            key: InstanceKey(vmid: vmid, externalID: ExternalID(high: 1, low: 1)), address: "127.0.0.1")
        switch await observer.read([target]) {
        case .failure(let failure): return .unknown(failure.code)
        case .success(let reading):
            switch reading.polls.first?.answer {
            case .status?: return .present
            case .failed(let reason)?: return .unknown(reason)
            case nil: return .absent
            }
        }
    }
}

/// The backend `a` of a proxy.
struct VelocityWitness: HTTPWitness {
    let name = "velocity"
    private static let entry = #"{"name":"a","address":"10.70.0.1","port":25565}"#
    private static let other = #"{"name":"b","address":"10.70.0.2","port":25565}"#
    private static func list(_ rows: String) -> Serving { .json(#"{"servers":[\#(rows)]}"#) }
    var healthy: Serving { Self.list("\(Self.entry),\(Self.other)") }

    func cell(of fault: AnswerFault) -> Cell {
        switch fault {
        case .truncatedList: .unknown(.malformed, .json(#"{"servers":[\#(Self.other),"#))
        case .lostPage: .cannotHappen("one answer, without pages")
        case .duplicates: .seen(Self.list("\(Self.entry),\(Self.entry),\(Self.other)"))
        case .staleCopy: .unknownInSecondLook(.notConfirmed, first: healthy, second: Self.list(Self.other))
        case .wrongPlace: .unknown(.malformed, .json(#"{"status":"ok"}"#))
        case .wrongType: .unknown(.malformed, .json(#"{"servers":{}}"#))
        }
    }

    func look(at ports: [UInt16], timeout: Span, isPermitted: Bool) async throws -> Seen {
        var looks: [PlaneFact<ProxyList>] = []
        for port in ports {
            let observer = VelocityObserver(
                url: "http://127.0.0.1:\(port)", secret: Secret("shared"), timeout: timeout, client: HTTPClient(),
                now: { Timestamp(seconds: 7) })
            looks.append(await observer.read().judged { ProxyList.judge($0) })
        }
        var facts = Facts(desired: .none, isConfirming: looks.count > 1)
        facts.proxy = Looks(of: looks)
        if facts.proxy.latest.value?.backends(named: "a").isEmpty == false { return .present }
        return Seen(facts.confirmAbsence(fromProxy: { $0.backends(named: "a").isEmpty }))
    }
}

extension DesiredState {
    static let none = DesiredState(
        instances: [], operations: [], billing: [], retired: [], unreadable: [], pauses: [], accepted: [],
        readAt: Timestamp(seconds: 7))
}

extension Looks {
    /// The first look, and what the ones after it add.
    init(of facts: [PlaneFact<Value>]) {
        self.init(facts.first ?? .notConfigured)
        for fact in facts.dropFirst() { add(second: fact) }
    }
}
