import Core

/// What is asked after the inventory, of single guests and nodes. Whatever could not be asked is left out: not asked is not known.
struct ProxmoxQuestions {
    /// Whether the token may see each guest that seems to be gone; nil where nobody wanted to know.
    var probes: [VMID: Bool]?
    /// The addresses on the interfaces of each guest; nil where nobody wanted to know.
    var addresses: [VMID: GuestAddresses]?
    /// By node: what it runs.
    var tasks: [String: [GuestTask]] = [:]

    enum Question: Equatable {
        case right(VMID)
        case addresses(VMID, node: String)
        case tasks(node: String)

        /// Who answers it; the endpoint itself has no name here.
        var node: String {
            switch self {
            case .right: ""
            case .addresses(_, let node), .tasks(let node): node
            }
        }
    }

    private enum Answer {
        case right(VMID, Bool)
        case addresses(VMID, GuestAddresses)
        case tasks(node: String, [GuestTask])
        case none(isLate: Bool)

        var isLate: Bool { if case .none(let isLate) = self { isLate } else { false } }
    }

    /// Asks what a session is to know beside the inventory, until its time is over.
    init(_ session: ProxmoxSession, _ resources: [ProxmoxReading.Resource]) async {
        probes = session.suspects.map { _ in [:] }
        addresses = session.addressesOf.isEmpty ? nil : [:]
        let questions = ProxmoxQuestions.all(session, resources)
        var lanes = NodeLanes(nodes: questions.map(\.node))
        await withTaskGroup(of: (Int, Answer).self) { group in
            func start() {
                while let index = lanes.next() {
                    let question = questions[index]
                    group.addTask { (index, await ProxmoxQuestions.ask(question, session)) }
                }
            }
            start()
            while let (index, answer) = await group.next() {
                note(answer)
                lanes.ended(index, isLate: answer.isLate)
                start()
            }
        }
    }

    /// One of each sort after the other, each in the order in which it was asked for: where time runs out, none of them goes without.
    static func all(_ session: ProxmoxSession, _ resources: [ProxmoxReading.Resource]) -> [Question] {
        var nodes: [VMID: (name: String, runs: Bool)] = [:]
        var offline: Set<String> = []
        for resource in resources {
            switch resource {
            case .guest(let row): nodes[row.vmid] = (row.node, row.type == "lxc" && row.status == "running")
            case .node(let row): if row.status != "online" { offline.insert(row.name) }
            case .pool: break
            }
        }
        let rights = (session.suspects ?? []).map(Question.right)
        let addresses = session.addressesOf.compactMap { vmid -> Question? in
            // Of a dead node's guests the list says "running" for some minutes more.
            guard let node = nodes[vmid], node.runs, !offline.contains(node.name), DNSName.isHostLabel(node.name)
            else { return nil }
            return .addresses(vmid, node: node.name)
        }
        var named: Set<String> = []
        let tasks = session.tasksOf.compactMap { vmid -> Question? in
            guard let node = nodes[vmid]?.name, !offline.contains(node), DNSName.isHostLabel(node),
                named.insert(node).inserted
            else { return nil }
            return .tasks(node: node)
        }
        let sorts = [rights, tasks, addresses]
        return (0..<(sorts.map(\.count).max() ?? 0)).flatMap { place in
            sorts.compactMap { place < $0.count ? $0[place] : nil }
        }
    }

    private static func ask(_ question: Question, _ session: ProxmoxSession) async -> Answer {
        do throws(ProxmoxFault) {
            switch question {
            case .right(let vmid): return .right(vmid, try await session.mayAudit(vmid))
            case .addresses(let vmid, let node):
                return .addresses(vmid, try await session.addresses(of: vmid, on: node))
            case .tasks(let node): return .tasks(node: node, try await session.tasks(on: node))
            }
        } catch {
            return .none(isLate: error.code == .timeout)
        }
    }

    private mutating func note(_ answer: Answer) {
        switch answer {
        case .right(let vmid, let mayAudit): probes?[vmid] = mayAudit
        case .addresses(let vmid, let own): addresses?[vmid] = own
        case .tasks(let node, let running): tasks[node] = running
        case .none: break
        }
    }
}
