import Core
import Platform

/// The decoders of HTTP answers with their judges, and beside each a second opinion on what makes an absence.
enum AnswerProof {
    private static let guest = VMID(5001)
    private static let host = "mc-paper-5001.example.net"
    private static let zone = "example.net"

    // Each of the three Proxmox answers is spoilt while the other two stay as they are.
    private static let resources = WireBody(
        Array(
            #"""
            {"data":[{"type":"lxc","vmid":5002,"node":"n1","status":"running","name":"mc-paper-5002"},
            {"type":"node","node":"n1","status":"online"},{"type":"node","node":"n2","status":"online"}]}
            """#.utf8))
    private static let status = WireBody(
        Array(
            #"""
            {"data":[{"type":"cluster","name":"prod","quorate":1},{"type":"node","name":"n1"},{"type":"node","name":"n2"}]}
            """#.utf8))
    private static let permissions = WireBody(Array(#"{"data":{"/":{"VM.Audit":1,"Sys.Audit":1}}}"#.utf8))

    /// Throws what the decoder throws; `.refused` is the judge's refusal.
    static func reading(of decoder: Decoder, _ bytes: [UInt8]) throws -> Decoder.Outcome {
        let body = WireBody(bytes)
        let at = Decoder.moment
        switch decoder {
        case .proxmoxResources:
            guard body.isOneInventory else { return .violated("the fast reader makes something else of it") }
            return try inventory(WireBody.proxmox(resources: body, status: status, permissions: permissions, at: at))
        case .proxmoxStatus:
            return try inventory(WireBody.proxmox(resources: resources, status: body, permissions: permissions, at: at))
        case .proxmoxPermissions:
            return try inventory(WireBody.proxmox(resources: resources, status: status, permissions: body, at: at))
        case .proxmoxInterfaces:
            let addresses = try body.interfaces()
            return addresses.isWhole && !addresses.ipv4.isEmpty && !addresses.ipv4.contains("10.70.0.1") ? .gone : .read
        case .cloudflare:
            guard body.isOneCloudflarePage else { return .violated("the fast reader makes something else of it") }
            let reading = ZoneReading(endpoint: WireBody.endpoint, pages: [try body.cloudflarePage(1)], startedAt: at)
            return outcome(of: Zone.judge(reading, zone: zone, plane: .publicDNS))
        case .proxmoxTasks:
            guard let guest else { return .refused }
            // That nothing runs on a guest is what a repair waits for.
            return try body.tasks(ownedBy: "u@pve!ctl").contains { $0.concerns(guest) } ? .read : .gone
        case .cloudflareChange:
            guard let done = try body.cloudflareChange() else { return .refused }
            return done.id == nil && done.record == nil ? .read : .gone
        case .technitium: return outcome(of: Zone.judge(try body.technitium(at: at), zone: zone))
        case .technitiumSession:
            guard let session = body.technitiumSession() else { return .refused }
            return session.isAdministrator ? .gone : .read
        case .agent:
            guard let status = body.agentStatus() else { return .refused }
            // Of an agent nothing is ever absent; a crash is what something would follow from.
            return status.state == .crashed || status.state == .error ? .gone : .read
        case .versions:
            let (node, agent) = body.versions()
            let said = [node, agent].compactMap { $0 }
            if said.isEmpty { return .refused }
            // It goes to a terminal and into a page.
            return said.allSatisfy { PolicyProof.isFit($0) && $0.count <= 41 }
                ? .read : .violated("words that must not be shown")
        case .velocity:
            guard case .read(let list) = ProxyList.judge(try body.velocity(at: at)) else { return .refused }
            return list.backends(named: "mc-paper-5001").isEmpty && !list.isDoubtful ? .gone : .read
        case .discord, .redis, .ledger, .values, .policies, .configuration, .fixture:
            return .violated("not judged by its JSON alone")
        }
    }

    private static func inventory(_ reading: ProxmoxReading) -> Decoder.Outcome {
        let pinned = PipelineSettings.Proxmox(cluster: "prod", canary: nil)
        guard case .read(let inventory) = Inventory.judge(reading, expecting: pinned), let guest else {
            return .refused
        }
        if case .absent = inventory.container(guest, recordedNode: "n1") { return .gone }
        return .read
    }

    private static func outcome(of fact: PlaneFact<Zone>) -> Decoder.Outcome {
        guard case .read(let zone) = fact else { return .refused }
        return zone.records(named: host).isEmpty && !zone.isDoubtful ? .gone : .read
    }

    // MARK: The second opinion

    /// Why the thing must not be believed gone by this document; nil when it may.
    static func objection(of decoder: Decoder, to tree: JSONTree) -> String? {
        switch decoder {
        case .proxmoxResources: resources(tree)
        case .proxmoxStatus: status(tree)
        case .proxmoxPermissions: permissions(tree)
        case .proxmoxInterfaces: interfaces(tree)
        case .proxmoxTasks: tasks(tree)
        case .cloudflare: cloudflare(tree)
        case .cloudflareChange: change(tree)
        case .technitium: technitium(tree)
        case .technitiumSession: session(tree)
        case .agent: ["crashed", "error"].contains(tree["state"]?.text.map(plain)) ? nil : "the state is no crash"
        case .velocity: velocity(tree)
        case .versions, .discord, .redis, .ledger, .values, .policies, .configuration, .fixture:
            "not judged by its JSON alone"
        }
    }

    private static func resources(_ tree: JSONTree) -> String? {
        guard let rows = tree["data"]?.array else { return "there is no list" }
        guard rows.allSatisfy({ $0.isObject && $0["type"]?.text != nil }) else { return "a row says not what it is" }
        // Said of themselves to be no guests.
        let others = ["node", "pool", "storage", "sdn", "network"]
        let guests = rows.filter { !others.contains($0["type"]?.text ?? "") && $0["vmid"] != nil }
        if guests.isEmpty { return "there is no guest at all" }
        if guests.contains(where: { $0["vmid"]?.number == 5001 }) { return "a row has its number" }
        if guests.contains(where: { $0["vmid"]?.number == nil }) { return "a row has no number" }
        let nodes = rows.filter { $0["type"]?.text == "node" }
        if Set(nodes.compactMap { $0["node"]?.text }) != ["n1", "n2"] { return "other nodes are listed" }
        let home = nodes.filter { $0["node"]?.text == "n1" }
        return home.allSatisfy { $0["status"]?.text == "online" } ? nil : "its node is not online"
    }

    private static func status(_ tree: JSONTree) -> String? {
        guard let rows = tree["data"]?.array else { return "there is no list" }
        let clusters = rows.filter { $0["type"]?.text == "cluster" }
        guard !clusters.isEmpty, clusters.allSatisfy({ $0["name"]?.text == "prod" && $0["quorate"]?.isTrue == true })
        else { return "the cluster is another, or not quorate" }
        let nodes = rows.filter { $0["type"]?.text == "node" }.compactMap { $0["name"]?.text }
        return Set(nodes) == ["n1", "n2"] ? nil : "other nodes are named"
    }

    private static func permissions(_ tree: JSONTree) -> String? {
        let nearest = tree["data"]?["/vms"] ?? tree["data"]?["/"]
        if nearest?["VM.Audit"]?.isTrue != true { return "VM.Audit is not granted" }
        if let own = tree["data"]?["/vms/5001"], own["VM.Audit"] == nil { return "its own path hides it" }
        return nil
    }

    private static func interfaces(_ tree: JSONTree) -> String? {
        guard let rows = tree["data"]?.array else { return "there is no list" }
        let listed = rows.filter { $0["name"]?.text != "lo" }.flatMap { $0["ip-addresses"]?.array ?? [] }
        if listed.contains(where: { $0["ip-address"]?.text == "10.70.0.1" }) { return "an interface has the address" }
        return listed.isEmpty ? "no address is listed" : nil
    }

    private static func tasks(_ tree: JSONTree) -> String? {
        guard let rows = tree["data"]?.array else { return "there is no list" }
        guard rows.count < 500 else { return "there may be more" }
        let whole = ["startall", "stopall", "migrateall", "suspendall"]
        let consoles = ["vncproxy", "termproxy", "spiceproxy", "vncshell", "spiceshell"]
        for row in rows {
            guard let type = row["type"]?.text, let user = row["user"]?.text else { return "a task says too little" }
            let status = row["status"] ?? .null
            let isOver = !status.isNull && status.text.map(plain) != "running" || row["endtime"]?.number != nil
            let owner = user + (row["tokenid"]?.text.map { "!\($0)" } ?? "")
            if isOver || consoles.contains(type) || owner == "u@pve!ctl" { continue }
            let id = row["id"] ?? .null
            if id.text == "5001" { return "a task names it" }
            if whole.contains(type), id.isNull || id.text == "" { return "a task is about all guests of the node" }
        }
        return nil
    }

    private static func change(_ tree: JSONTree) -> String? {
        guard tree["success"] == .bool(true) else { return "it is no success" }
        return tree["result"]?["id"]?.text?.isEmpty == false ? nil : "it names no record"
    }

    private static func session(_ tree: JSONTree) -> String? {
        guard tree["status"]?.text == "ok" else { return "it is no success" }
        let rights = tree["info"]?["permissions"]?["Administration"]
        return rights?["canModify"]?.isTrue == true ? nil : "it may not administer"
    }

    private static func cloudflare(_ tree: JSONTree) -> String? {
        guard tree["success"] == .bool(true), let rows = tree["result"]?.array else { return "it is no success" }
        let info = tree["result_info"]
        guard info?["total_count"]?.number == Double(rows.count), !rows.isEmpty else { return "the count is another" }
        if let page = info?["page"]?.number, page != 1 { return "it is another page" }
        if let pages = info?["total_pages"]?.number, pages > 1 { return "there are more pages" }
        if Set(rows.compactMap { $0["id"]?.text }).count != rows.count { return "ids are missing or repeated" }
        return rows.rows("name", host).isEmpty ? nil : "a record has its name"
    }

    private static func technitium(_ tree: JSONTree) -> String? {
        guard tree["status"]?.text == "ok", let response = tree["response"], let rows = response["records"]?.array,
            let info = response["zone"], info["name"]?.text.map(plain) == zone
        else { return "it is no listing of this zone" }
        guard let type = info["type"]?.text, ["Primary", "Forwarder"].contains(type) else { return "it is no primary" }
        guard let disabled = info["disabled"], !disabled.isTrue, !disabled.isNull else { return "it may be disabled" }
        let apex = rows.rows("name", zone)
        for wanted in type == "Primary" ? ["SOA", "NS"] : ["SOA"]
        where !apex.contains(where: { $0["type"]?.text?.uppercased() == wanted }) {
            return "\(wanted) is missing"
        }
        return rows.rows("name", host).isEmpty ? nil : "a record has its name"
    }

    private static func velocity(_ tree: JSONTree) -> String? {
        guard let rows = tree["servers"]?.array else { return "there is no list" }
        guard rows.allSatisfy({ $0["name"]?.text?.isEmpty == false && $0["port"]?.number != nil }) else {
            return "an entry makes no sense"
        }
        return rows.rows("name", "mc-paper-5001").isEmpty ? nil : "an entry has its name"
    }
}
