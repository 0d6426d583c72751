package import Core
package import Curl

/// Reads a Proxmox cluster: inventory, cluster status and effective permissions, on one endpoint, in that order.
///
/// Every node serves the whole API, so the next endpoint is asked where one does not answer, answers 5xx, is outside
/// the quorum, or lists other nodes than the cluster has. What the cluster itself refuses (4xx) is not asked again
/// elsewhere: a 401 alone costs 3 s.
package struct ProxmoxObserver: Sendable {
    enum Path {
        static let resources = "/cluster/resources"
        static let status = "/cluster/status"
        static let permissions = "/access/permissions"
    }

    let urls: [String]
    let token: Secret<String>
    let timeout: Span
    let client: HTTPClient
    let now: Now

    /// - Parameters:
    ///   - urls: scheme, host and port of each endpoint; `/api2/json` is added.
    ///   - token: `USER@REALM!NAME=SECRET`.
    ///   - timeout: for one whole reading, over all endpoints.
    package init(
        urls: [String], token: Secret<String>, timeout: Span, client: HTTPClient, now: @escaping Now
    ) {
        self.urls = urls
        self.token = token
        self.timeout = timeout
        self.client = client
        self.now = now
    }

    /// One reading; in a second look with the guests that seemed to be gone. `place` is the ``ProxmoxReading/endpoint`` of a former one: only that endpoint is asked then.
    ///
    /// When no endpoint is quorate, what one of them showed is returned all the same; it says so itself.
    package func read(
        place: String? = nil, suspects: [VMID]? = nil, addressesOf: [VMID] = [], tasksOf: [VMID] = []
    ) async -> Result<ProxmoxReading, ReadFailure> {
        guard let token = ProxmoxToken(token) else {
            return failure(.configuration, "proxmox.token has not the form USER@REALM!NAME=SECRET")
        }
        var endpoints: [BaseURL] = []
        for url in urls {
            guard let endpoint = BaseURL(url) else {
                return failure(.configuration, "an address in proxmox.urls is not http(s)://HOST:PORT")
            }
            if place == nil || endpoint.origin == place { endpoints.append(endpoint) }
        }
        guard !endpoints.isEmpty else {
            return failure(
                .configuration, place == nil ? "proxmox.urls is empty" : "that endpoint is not among proxmox.urls")
        }

        let deadline = ContinuousClock.now + .microseconds(timeout.microseconds)
        var faults: [(endpoint: String, fault: ProxmoxFault)] = []
        var unquorate: ProxmoxReading?
        for (index, endpoint) in endpoints.enumerated() {
            // An endpoint that hangs may use its share of what is left, not that of the ones after it.
            let left = deadline - ContinuousClock.now
            let share = ContinuousClock.now + left / (endpoints.count - index)
            let session = ProxmoxSession(
                endpoint: endpoint, token: token, deadline: share, suspects: suspects,
                addressesOf: addressesOf, tasksOf: tasksOf, client: client, now: now)
            do throws(ProxmoxFault) {
                let reading = try await session.read()
                guard reading.status.isQuorate == false else { return .success(reading) }
                unquorate = unquorate ?? reading
            } catch {
                faults.append((endpoint.origin, error))
                if error.isFinal { break }
            }
        }
        if let unquorate { return .success(unquorate) }
        let code = faults.first { $0.fault.isFinal }?.fault.code ?? faults[0].fault.code
        return failure(code, faults.map { "\($0.endpoint) \($0.fault.said)" }.joined(separator: "; "))
    }

    private func failure(_ code: Unknown, _ detail: String) -> Result<ProxmoxReading, ReadFailure> {
        .failure(ReadFailure(code, detail, at: now()))
    }
}
