import Core
import Curl

@testable import Platform

/// What a node says of guest 5001 on demand, within a reading of a healthy cluster.
struct NodeWitness: Witness {
    let name: String
    /// The guard that holds whatever waits for it.
    let guardian: Reason
    let path: String
    /// The answer that shows the thing, the same as if it were cut, and the same with the thing in it twice.
    let shown: String
    let truncated: String
    let twice: String
    let whyNoCopy: String
    /// Whether the thing is known, and there.
    let isSeen: @Sendable (Facts) -> Bool?

    private static let lists = [
        "/api2/json/cluster/resources":
            #"{"data":[{"type":"lxc","vmid":5001,"node":"n1","status":"running","name":"a"},"#
            + #"{"type":"node","node":"n1","status":"online"}]}"#,
        "/api2/json/cluster/status":
            #"{"data":[{"type":"cluster","name":"prod","quorate":1},{"type":"node","name":"n1"}]}"#,
        "/api2/json/access/permissions": #"{"data":{"/":{"VM.Audit":1,"Sys.Audit":1}}}"#,
    ]

    private func at(_ fault: Serving) -> Serving {
        .at(path, fault, others: { target in answer("200 OK", Self.lists[target] ?? "") })
    }

    var healthy: Serving { at(.json(shown)) }

    func cell(_ fault: Fault) -> Cell {
        switch fault {
        case .refused: .held(guardian, at(.nobody))
        case .hang: .held(guardian, at(.hangs))
        case .resetInBody: .held(guardian, at(.httpReset))
        case .slowDrip: .held(guardian, at(.httpDrip))
        case .serverError: .held(guardian, at(.answers(answer("595 No route to host"))))
        case .unauthorized: .held(guardian, at(.http401))
        case .forbidden: .held(guardian, at(.http403))
        case .notFound: .held(guardian, at(.http404))
        case .tooMany: .held(guardian, at(.http429))
        case .empty: .held(guardian, at(.httpEmpty))
        case .truncatedList: .held(guardian, at(.json(truncated)))
        case .lostPage: .cannotHappen("one answer, without pages")
        case .duplicates: .seen(at(.json(twice)))
        case .staleCopy: .cannotHappen(whyNoCopy)
        case .wrongPlace: .held(guardian, at(.json(#"{"status":"ok"}"#)))
        case .malformed: .held(guardian, at(.httpPage))
        case .wrongType: .held(guardian, at(.json(#"{"data":{}}"#)))
        case .oversize: .held(guardian, at(.httpOversize))
        }
    }

    /// The call has a deadline of its own, which is shorter: a `timeout` for the whole reading would end that.
    func look(at ports: [UInt16], timeout: Span, isPermitted: Bool) async throws -> Seen {
        guard let port = ports.last, let guest = VMID(5001) else { return .absent }
        let observer = ProxmoxObserver(
            urls: ["http://127.0.0.1:\(port)"], token: Secret("u@pve!t=s"), timeout: .seconds(20), client: HTTPClient(),
            now: { Timestamp(seconds: 7) })
        let isAboutTasks = guardian == .foreignTask
        let reading = await observer.read(
            addressesOf: isAboutTasks ? [] : [guest], tasksOf: isAboutTasks ? [guest] : [])
        let inventory = reading.judged { Inventory.judge($0, expecting: .init(cluster: "prod", canary: nil)) }
        let facts = Facts(desired: .none, inventory: Looks(of: [inventory]))
        // Whatever became of the one call, the reading stands.
        guard case .present? = facts.container(guest, recordedNode: "n1", isExpected: true) else { return .absent }
        return isSeen(facts).map { $0 ? .present : .absent } ?? .held(guardian)
    }
}

extension NodeWitness {
    private static let link = #"{"name":"eth0","ip-addresses":[{"ip-address":"10.70.0.1"}]}"#

    static let interfaces = NodeWitness(
        name: "interfaces", guardian: .addressUnconfirmed, path: "/api2/json/nodes/n1/lxc/5001/interfaces",
        shown: #"{"data":[\#(link)]}"#, truncated: #"{"data":[{"name":"lo"},"#, twice: #"{"data":[\#(link),\#(link)]}"#,
        whyNoCopy: "the guest's own node looks into the guest for each answer",
        isSeen: { facts in
            guard let guest = VMID(5001) else { return false }
            let row = DesiredInstance(
                key: InstanceKey(vmid: guest, externalID: ExternalID(high: 1, low: 1)), customer: nil, ctype: .game,
                hostname: "a", node: "n1", address: "10.70.0.1", game: nil, variant: nil, port: nil, power: .running,
                status: .active)
            if facts.hasLostAddress(row) { return false }
            return facts.addressDoubt(of: row) == nil ? true : nil
        })

    private static let backup = #"{"type":"vzdump","id":"5001","user":"root@pam"}"#

    private static let console = #"{"type":"vncproxy","id":"9","user":"root@pam"}"#

    static let tasks = NodeWitness(
        name: "tasks", guardian: .foreignTask, path: "/api2/json/nodes/n1/tasks", shown: #"{"data":[\#(backup)]}"#,
        truncated: #"{"data":[\#(Array(repeating: console, count: 500).joined(separator: ","))]}"#,
        twice: #"{"data":[\#(backup),\#(backup)]}"#,
        whyNoCopy: "the node reads its own list of what runs for each answer",
        isSeen: { facts in
            guard let guest = VMID(5001), let inventory = facts.inventory.latest.value,
                case .present(let seen, _) = inventory.container(guest, recordedNode: nil)
            else { return false }
            return inventory.foreignTasks(on: seen).map { !$0.isEmpty }
        })
}
