import Core
import Curl

/// One reading on one endpoint.
struct ProxmoxSession {
    var endpoint: BaseURL
    var token: ProxmoxToken
    var deadline: ContinuousClock.Instant
    /// Guests to ask about one by one; nil in a first look.
    var suspects: [VMID]?
    /// Guests whose own addresses are asked for.
    var addressesOf: [VMID]
    /// Guests on whose nodes it is asked what runs.
    var tasksOf: [VMID]
    var client: HTTPClient
    var now: Now

    /// 10,000 guests are 3.4 MB.
    private static let maxBody = 64 << 20
    /// For what is asked of one guest, some of it made by its own customer, or of one node. Several are asked at a time.
    static let maxAnswer = 1 << 20
    private static let connectTimeout = Span.seconds(5)
    private static let probeTimeout = Span.seconds(5)

    func read() async throws(ProxmoxFault) -> ProxmoxReading {
        if let reading = try await attempt() { return reading }
        // A stumble of the cluster file system lasts one request: 200, no guests, and only itself as a node (wire
        // facts, PVE::Cluster::cfs_update).
        if let reading = try await attempt() { return reading }
        throw ProxmoxFault(.partialListing, "the inventory lists other nodes than the cluster status, twice")
    }

    /// Nil when the inventory and the cluster status disagree about the nodes.
    private func attempt() async throws(ProxmoxFault) -> ProxmoxReading? {
        let startedAt = now()
        let inventory = try await get(ProxmoxObserver.Path.resources, ProxmoxDecoding.inventory)
        let status = try await get(ProxmoxObserver.Path.status, ProxmoxDecoding.status)
        guard inventory.nodes == Set(status.nodes) else { return nil }
        // After the list: a right that was lost while it was read has to show.
        let permissions = try await get(ProxmoxObserver.Path.permissions, ProxmoxDecoding.permissions)
        let questions = await ProxmoxQuestions(self, inventory.resources)
        return ProxmoxReading(
            endpoint: endpoint.origin, resources: inventory.resources, unreadableRows: inventory.unreadableRows,
            status: status, permissions: permissions, probes: questions.probes, addresses: questions.addresses,
            tasks: questions.tasks, startedAt: startedAt)
    }

    /// Whether the token may see that very guest. The role NoAccess on `/vms/N` hides the guest, and its path from the whole map as
    /// well, so that only this question finds it.
    func mayAudit(_ vmid: VMID) async throws(ProxmoxFault) -> Bool {
        let path = "/vms/\(vmid)"
        let granted = try await get(
            "\(ProxmoxObserver.Path.permissions)?path=\(path)", within: Self.probeTimeout, atMost: Self.maxAnswer,
            ProxmoxDecoding.permissions)
        return granted[path].map { $0["VM.Audit"] != nil }
            ?? ((granted["/vms"] ?? granted["/"])?["VM.Audit"] == true)
    }

    func get<Value>(
        _ path: String, within most: Span? = nil, atMost bytes: Int = maxBody,
        _ decode: ([UInt8]) throws -> Value
    ) async throws(ProxmoxFault) -> Value {
        let left = deadline - ContinuousClock.now
        guard left > .zero else { throw ProxmoxFault(.timeout, "\(path): no time was left to ask") }
        let root = endpoint.path.hasSuffix("/api2/json") ? endpoint.path : endpoint.path + "/api2/json"
        let request = HTTPRequest(
            .get, endpoint.origin + root + path, headers: [.init("Authorization", token.authorization)],
            timeout: most.map { min($0, Span(left)) } ?? Span(left), connectTimeout: ProxmoxSession.connectTimeout,
            maxBody: bytes)
        let response: HTTPResponse
        do {
            response = try await client.send(request)
        } catch {
            throw ProxmoxFault(error, reading: path)
        }
        guard response.status == 200 else {
            throw ProxmoxFault(response, reading: path, hiding: token.secrets.reveal())
        }
        do {
            return try decode(response.body)
        } catch {
            throw ProxmoxFault(.malformed, "\(path): 200, but not the JSON that Proxmox sends")
        }
    }
}

extension Span {
    /// Whole microseconds, rounded down.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(microseconds: seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }
}
