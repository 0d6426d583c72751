/// What is known about one thing outside. Absence has to be earned: only a listing that is complete, fresh, authenticated,
/// authorised and of the right place makes ``absent(_:)``. Everything else is ``unknown(_:)``, and nothing is decided from it.
package enum Observed<Value> {
    case present(Value, Evidence)
    case absent(Evidence)
    case unknown(Unknown)
}

extension Observed: Sendable where Value: Sendable {}
extension Observed: Equatable where Value: Equatable {}

extension Observed {
    package var value: Value? { if case .present(let value, _) = self { value } else { nil } }
    package var unknown: Unknown? { if case .unknown(let reason) = self { reason } else { nil } }

    package func map<Other>(_ transform: (Value) -> Observed<Other>) -> Observed<Other> {
        switch self {
        case .present(let value, _): transform(value)
        case .absent(let evidence): .absent(evidence)
        case .unknown(let reason): .unknown(reason)
        }
    }
}

/// Which reading a fact comes from. What that reading was is said once, in the plane's ``Coverage``.
package struct Evidence: Hashable, Sendable {
    package var plane: Plane
    package var observedAt: Timestamp
    /// How many separate readings agree.
    package var looks: Int
    /// Whether the reading is known to be whole. What is listed is there all the same.
    package var isWhole: Bool

    package init(plane: Plane, observedAt: Timestamp, looks: Int = 1, isWhole: Bool = true) {
        self.plane = plane
        self.observedAt = observedAt
        self.looks = looks
        self.isWhole = isWhole
    }
}

/// Why something is not known. The raw values are the codes of the report's `unknown[].reason`.
package enum Unknown: String, CaseIterable, Hashable, Sendable {
    // Transport
    case timeout
    case refused = "connection_refused"
    case unreachable
    case connectionLost = "connection_lost"
    case tls
    // Answers
    case redirected
    case unauthorized
    case forbidden
    case notFound = "not_found"
    case rateLimited = "rate_limited"
    case rejected
    case serverError = "server_error"
    case malformed
    case oversize
    // Listings
    case emptyListing = "empty_listing"
    case partialListing = "partial_listing"
    case changedWhileRead = "changed_while_read"
    case noQuorum = "no_quorum"
    case wrongCluster = "wrong_cluster"
    case wrongZone = "wrong_zone"
    case permissionMissing = "permission_missing"
    case canaryMissing = "canary_missing"
    case bulkAbsence = "bulk_absence"
    case bulkOrphans = "bulk_orphans"
    case cutOff = "cut_off"
    case notConfirmed = "not_confirmed"
    case notRead = "not_read"
    case notSupported = "not_supported"
    // Queues
    case replica
    case loading
    case serverRestarted = "server_restarted"
    case queueMissing = "queue_missing"
    case queuePaused = "queue_paused"
    case queueNotListed = "queue_not_listed"
    case unknownLayout = "unknown_layout"
    case listTooLong = "list_too_long"
    // Single things
    case nodeOffline = "node_offline"
    case statusUnknown = "status_unknown"
    case nameUnknown = "name_unknown"
    case locked
    case actedOn = "acted_on"
    case addressUnknown = "address_unknown"
    case outsideNetworks = "outside_networks"
    case unreadableRow = "unreadable_row"
    case contradictoryRows = "contradictory_rows"
    case unreadableRecord = "unreadable_record"
    case createWithoutVMID = "create_without_vmid"
    case database = "database_error"
    case configuration
    case internalFault = "internal_fault"
}

/// A reading that did not come about.
package struct ReadFailure: Error, Equatable, Sendable {
    package var code: Unknown
    /// For a person: what was asked, what came back, what to do. Never holds a secret or a body.
    package var detail: String
    package var at: Timestamp
    /// Of the database: met on the way to a connection. Such a server refuses whoever would write as well, whatever its reason.
    package var isUnconnected = false

    package init(_ code: Unknown, _ detail: String, at: Timestamp) {
        self.code = code
        self.detail = detail
        self.at = at
    }
}
