/// Who or what a drift is about.
package struct Subject: Hashable, Sendable {
    package var vmid: VMID?
    package var externalID: ExternalID?
    package var hostname: String?
    package var customer: String?
    package var record: String?
    package var queue: String?
    /// One that more than one claim.
    package var address: String?
    /// A node of the cluster.
    package var node: String?

    package init(
        vmid: VMID? = nil, externalID: ExternalID? = nil, hostname: String? = nil, customer: String? = nil,
        record: String? = nil, queue: String? = nil, address: String? = nil, node: String? = nil
    ) {
        self.address = address
        self.node = node
        self.vmid = vmid
        self.externalID = externalID
        self.hostname = hostname
        self.customer = customer
        self.record = record
        self.queue = queue
    }
}

/// One difference between what should be true and what is, as the diff finds it. Nothing is decided yet.
package struct Drift: Equatable, Sendable {
    package var kind: DriftKind
    package var subject: Subject
    /// Stable for as long as this drift is this drift: a hash of kind, subject and record, of no value and no time.
    package var id: String
    /// For a person and for the plan hash; never holds a time.
    package var desired: String
    package var observed: String
    package var evidence: Evidence
    /// Which instance it is about: an index into ``DesiredState/instances``. Nil for orphans, queues and the like.
    package var instance: Int?
    /// The VMIDs that claim what it is about, where that is a thing of none of them alone: a host name, an address. No part of its id.
    package var claimants: [VMID]
    /// What the diff already knows to stand against acting: a foreign record, a bad name.
    package var holds: [Hold]
    /// The id of the drift that explains this one.
    package var causedBy: String?
    /// The operation that it is about, as it was read: what a repair compares before it sets.
    package var operation: DesiredOperation?
    /// What would be changed at the edge; nil where nothing can be, as when something foreign stands there.
    package var edge: EdgeChange?

    package init(
        kind: DriftKind, subject: Subject, discriminator: String = "", desired: String, observed: String,
        evidence: Evidence, instance: Int?, holds: [Hold] = [], causedBy: String? = nil,
        operation: DesiredOperation? = nil, claimants: [VMID] = []
    ) {
        self.claimants = claimants
        self.kind = kind
        self.subject = subject
        self.id = DriftID.make(kind: kind, subject: subject, discriminator: discriminator)
        self.desired = desired
        self.observed = observed
        self.evidence = evidence
        self.instance = instance
        self.holds = holds
        self.causedBy = causedBy
        self.operation = operation
    }
}

extension Drift {
    /// Whether it is about a VMID, or about something that it claims.
    func concerns(_ vmid: VMID) -> Bool { subject.vmid == vmid || claimants.contains(vmid) }
}

/// A guard that holds, and what it saw.
package struct Hold: Hashable, Sendable {
    package var reason: Reason
    /// For a person: "CNAME other.example.net at this name".
    package var detail: String
    /// When it ends by itself; nil where that does not depend on time.
    package var until: Timestamp?

    package init(_ reason: Reason, _ detail: String, until: Timestamp? = nil) {
        self.reason = reason
        self.detail = detail
        self.until = until
    }
}

extension Drift {
    /// What is repaired, whatever is wrong with it now: the one record or backend of its sort that an instance has. Who undoes a
    /// repair may undo it in another way each time. An operation is a place of its own: that several die is nobody's undoing.
    /// And what should be there: what was put there when something else was wanted nobody has undone.
    package var place: String { Drift.place(id, kind, subject.externalID, edge) }

    package static func place(_ id: String, _ kind: DriftKind, _ instance: ExternalID?, _ change: EdgeChange?) -> String
    {
        guard kind.action == .edgeRepublish else { return id }
        var sort = kind.rawValue
        if kind.plane == .velocity { sort = "velocity" }
        for end in ["_missing", "_wrong", "_duplicate"] where sort.hasSuffix(end) { sort.removeLast(end.count) }
        return ([instance?.description ?? id, sort] + (change?.wantedParts ?? [])).joined(separator: " ")
    }
}

package enum DriftID {
    /// 16 hexadecimal characters: 64 bits, so that a million drifts collide once in thirty million fleets.
    package static func make(kind: DriftKind, subject: Subject, discriminator: String) -> String {
        var hash = SHA256()
        hash.update(field: kind.rawValue)
        hash.update(field: subject.vmid?.description ?? "")
        hash.update(field: subject.externalID?.description ?? "")
        // A guest without a row has no identity but its name; an instance keeps its id when it is renamed.
        hash.update(field: subject.externalID == nil ? subject.hostname ?? "" : "")
        hash.update(field: subject.record ?? "")
        // Empty for both where it is about neither: ids that are kept stay what they are.
        hash.update(field: subject.queue ?? subject.node ?? "")
        hash.update(field: discriminator)
        return String(hash.finish().prefix(16))
    }
}
