package import Core

extension ProxmoxSession {
    /// A node that does not answer holds such a call for half a minute; the reading itself is complete by then.
    private static let tasksTimeout = Span.seconds(2)
    /// Each node is one request, which it has to answer itself.
    private static let mostNodes = 32

    /// What runs on the nodes of the guests that were asked about. A node that does not say is left out.
    func tasks(_ resources: [ProxmoxReading.Resource]) async -> [String: [GuestTask]] {
        let wanted = Set(tasksOf)
        var nodes: Set<String> = []
        for case .guest(let row) in resources where wanted.contains(row.vmid) { nodes.insert(row.node) }
        for case .node(let row) in resources where row.status != "online" { nodes.remove(row.name) }
        var found: [String: [GuestTask]] = [:]
        for node in nodes.sorted().prefix(Self.mostNodes) where DNSName.isHostLabel(node) {
            do throws(ProxmoxFault) {
                found[node] = try await get(
                    "/nodes/\(node)/tasks?source=active&limit=\(ProxmoxTasks.most)", within: Self.tasksTimeout
                ) { try ProxmoxTasks.decode($0, ownedBy: token.name) }
            } catch {
                // Not told is not known: whatever waits for its guests to be left alone is held.
                continue
            }
        }
        return found
    }
}

/// `GET /nodes/{node}/tasks?source=active`.
package enum ProxmoxTasks {
    /// More at once than a node runs.
    static let most = 500

    private struct Answer: Decodable {
        var data: [Row]
    }

    private struct Row: Decodable {
        var type: String
        var vmid: VMID?
        var owner: String
        var isRunning: Bool

        private enum Key: String, CodingKey { case type, id, user, tokenid, status, endtime }

        init(from decoder: any Decoder) throws {
            let row = try decoder.container(keyedBy: Key.self)
            type = try row.decode(String.self, forKey: .type)
            vmid = row.lenientText(.id).flatMap { VMID($0) }
            let token = row.lenientText(.tokenid).map { "!\($0)" } ?? ""
            owner = try row.decode(String.self, forKey: .user) + token
            // The file of active tasks keeps ended ones for a while: those have an exit text and an end.
            let status = row.lenientText(.status).map(DNSName.canonical)
            isRunning = (status == nil || status == "running") && row.lenientText(.endtime) == nil
        }
    }

    /// - Throws: also when there may be more than were listed.
    package static func decode(_ body: [UInt8], ownedBy token: String) throws -> [GuestTask] {
        let rows = try WholeJSON.decode(Answer.self, body).data
        guard rows.count < most else { throw ProxmoxDecoding.Malformed("as many tasks as were asked for") }
        return rows.filter(\.isRunning).map { row in
            let shown = SafeText.clean(row.type, limit: 40)
            // What had to be cleaned is not what it looks like then, and no harmless console least of all.
            return GuestTask(
                vmid: row.vmid, type: shown == row.type ? shown : "\(shown)?", isOurs: row.owner == token)
        }
    }
}
