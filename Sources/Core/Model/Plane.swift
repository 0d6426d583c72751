/// One part of the estate that is read as a whole. The order is that of the report.
package enum Plane: String, CaseIterable, Hashable, Comparable, Sendable {
    case database
    case proxmox
    case agents
    case publicDNS = "dns.public"
    case internalDNS = "dns.internal"
    case velocity
    case queues

    package static func < (a: Plane, b: Plane) -> Bool { a.order < b.order }
    /// 0 for the first.
    package var order: Int {
        switch self {
        case .database: 0
        case .proxmox: 1
        case .agents: 2
        case .publicDNS: 3
        case .internalDNS: 4
        case .velocity: 5
        case .queues: 6
        }
    }
}

/// How much of a plane one reading saw.
package struct Coverage: Equatable, Sendable {
    package enum Status: String, Sendable {
        case complete
        case partial
        case failed
        case notConfigured = "not_configured"
    }

    package var plane: Plane
    package var status: Status
    /// When the reading began; nil when there was none.
    package var observedAt: Timestamp?
    /// For a person: what was read, or what is missing and what to do about it. Holds no time and no duration, so that the
    /// same facts give the same report.
    package var detail: String?

    package init(plane: Plane, status: Status, observedAt: Timestamp?, detail: String?) {
        self.plane = plane
        self.status = status
        self.observedAt = observedAt
        self.detail = detail
    }
}
