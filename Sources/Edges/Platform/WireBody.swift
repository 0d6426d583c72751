package import Core
package import Curl

/// The body of a 200 answer, read as the observers read it, without their network: for proofs about the decoders alone.
package struct WireBody: Sendable {
    package static let endpoint = "http://127.0.0.1:1"

    package var bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Joins the three answers of a Proxmox reading.
    package static func proxmox(
        resources: WireBody, status: WireBody, permissions: WireBody, at moment: Timestamp
    ) throws -> ProxmoxReading {
        let inventory = try ProxmoxDecoding.inventory(resources.bytes)
        return ProxmoxReading(
            endpoint: endpoint, resources: inventory.resources, unreadableRows: inventory.unreadableRows,
            status: try ProxmoxDecoding.status(status.bytes),
            permissions: try ProxmoxDecoding.permissions(permissions.bytes), startedAt: moment)
    }

    package func interfaces() throws -> GuestAddresses { try ProxmoxInterfaces.decode(bytes) }

    package func tasks(ownedBy token: String) throws -> [GuestTask] { try ProxmoxTasks.decode(bytes, ownedBy: token) }

    package func cloudflarePage(_ number: Int) throws -> ZoneReading.Page {
        try CloudflareListing.page(number, HTTPResponse(status: 200, body: bytes), zoneID: "zone", hiding: [])
    }

    package func technitium(at moment: Timestamp) throws -> TechnitiumReading {
        guard let envelope = TechnitiumEnvelope<TechnitiumListing>.decode(bytes), envelope.status == "ok",
            let listing = envelope.response
        else { throw TechnitiumFault(.malformed, "no listing") }
        return listing.reading(endpoint: WireBody.endpoint, at: moment)
    }

    /// Of the answer to a write: the record's id and the record, where it says that the write was done. Throws when it is no answer
    /// of Cloudflare's.
    package func cloudflareChange() throws -> (id: String?, record: DNSRecord?)? {
        guard let change = CloudflareChange.decode(bytes) else { throw CloudflareFault(.malformed, "no answer") }
        return change.success ? (change.id, change.record) : nil
    }

    /// Nil when the answer is a refusal, or of another shape.
    package func technitiumSession() -> TechnitiumSession? {
        TechnitiumEnvelope<TechnitiumNothing>.decode(bytes).flatMap { $0.status == "ok" ? $0.session : nil }
    }

    /// What Discord's answer means, by its status, its headers and this body.
    package func discord(
        status: Int, headers: HTTPHeaders, hiding secrets: [String]
    ) -> (answer: SinkAnswer, allowance: SinkAllowance?) {
        let response = HTTPResponse(status: status, headers: headers, body: bytes)
        return (DiscordAnswer.read(response, hiding: secrets), DiscordAnswer.allowance(response))
    }

    /// What a node of Proxmox, and what an agent calls its version; nil where it is no such answer.
    package func versions() -> (node: String?, agent: String?) {
        var node: String?
        if case .success(let version) = Result(catching: { try ProxmoxVersion.decode(bytes) }) { node = version.text }
        return (node, AgentDecoding.version(bytes))
    }

    /// Nil when it is not what an agent sends.
    package func agentStatus() -> AgentStatus? { AgentDecoding.status(bytes) }

    package func velocity(at moment: Timestamp) throws -> VelocityReading {
        try VelocityDecoding.list(bytes).reading(endpoint: WireBody.endpoint, at: moment)
    }

    // MARK: Two readers of one answer

    /// Whether the fast reader, where it reads the page at all, makes of it what the lenient one does.
    package var isOneCloudflarePage: Bool {
        guard let plain = PlainListing.envelope(bytes) else { return true }
        guard case .success(let lenient) = CloudflareEnvelope.lenient(bytes), lenient.success, lenient.errors.isEmpty
        else { return false }
        return plain.records?.map(\.record) == lenient.records?.map(\.record) && plain.info == lenient.info
    }

    /// The same of an inventory.
    package var isOneInventory: Bool {
        guard let plain = PlainInventory.resources(bytes) else { return true }
        let lenient = Result { try ProxmoxDecoding.lenientInventory(bytes) }
        guard case .success(let inventory) = lenient else { return false }
        return inventory == ProxmoxDecoding.Inventory(resources: plain, unreadableRows: 0)
    }
}
