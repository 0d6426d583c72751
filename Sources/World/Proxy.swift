package import Core

/// A Velocity proxy with its bridge: what it has in memory.
package struct Proxy: Equatable, Sendable {
    package private(set) var backends: [VelocityReading.Backend] = []

    package init() {}

    /// Replaces what was registered under the name.
    package mutating func register(_ name: String, _ address: String, port: Int = 25565) {
        unregister(name)
        backends.append(VelocityReading.Backend(name: name, address: address, port: port))
    }

    /// Removes a name, in exactly that form, and says whether it was there.
    @discardableResult
    package mutating func unregister(_ name: String) -> Bool {
        let before = backends.count
        backends.removeAll { $0.name == DNSName.canonical(name) }
        return backends.count < before
    }

    /// A restart loses every registration.
    package mutating func restart() { backends = [] }
}

/// How the bridge fails or lies.
package enum VelocityFault: String, CaseIterable, Hashable, Sendable {
    case refused
    case timeout
    case unauthorized
    case forbidden
    case serverError = "server-error"
    case malformed
    /// 200, and no list.
    case noServers = "no-servers"
    /// An entry without an address.
    case brokenEntry = "broken-entry"
    /// Just restarted: empty until the plugin has registered everything again.
    case restarting
}

extension Estate {
    /// What a controller reads of the proxy.
    package func velocityReading(
        endpoint: String, faults: Set<VelocityFault> = [], at now: Timestamp
    ) -> Result<VelocityReading, ReadFailure> {
        func failure(_ code: Unknown, _ detail: String) -> Result<VelocityReading, ReadFailure> {
            .failure(ReadFailure(code, "\(endpoint)/zpack/status: \(detail)", at: now))
        }
        if faults.contains(.refused) { return failure(.refused, "connection refused") }
        if faults.contains(.timeout) { return failure(.timeout, "no answer in time") }
        if faults.contains(.serverError) { return failure(.serverError, "500") }
        if faults.contains(.unauthorized) { return failure(.unauthorized, "401") }
        if faults.contains(.forbidden) { return failure(.forbidden, "403") }
        if faults.contains(.malformed) { return failure(.malformed, "not JSON") }
        var servers: [VelocityReading.Backend]? = faults.contains(.restarting) ? [] : proxy.backends
        var unreadable = 0
        if faults.contains(.brokenEntry), servers?.isEmpty == false {
            servers?.removeLast()
            unreadable = 1
        }
        if faults.contains(.noServers) { servers = nil }
        return .success(
            VelocityReading(endpoint: endpoint, servers: servers, unreadableRows: unreadable, startedAt: now))
    }
}
