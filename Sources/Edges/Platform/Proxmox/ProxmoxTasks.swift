package import Core

extension ProxmoxSession {
    /// A node that does not answer holds such a call for half a minute; the reading itself is complete by then.
    private static let tasksTimeout = Span.seconds(2)

    /// What runs on a node.
    func tasks(on node: String) async throws(ProxmoxFault) -> [GuestTask] {
        try await get(
            "/nodes/\(node)/tasks?source=active&limit=\(ProxmoxTasks.most)", within: Self.tasksTimeout,
            atMost: Self.maxAnswer
        ) { try ProxmoxTasks.decode($0, ownedBy: token.name) }
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
