package import Core

/// A hosting platform, whole: what its database says should be, and what there really is.
package struct Estate: Equatable, Sendable {
    package var instances: [DesiredInstance]
    package var operations: [DesiredOperation]
    package var billing: [BillingRow]
    package var retired: [RetiredInstance]
    /// The column that no view of the controller has: JSON, with things that look like credentials.
    package var payloads: [VMID: String]
    package var cluster: Cluster
    package var zone: PublicZone
    package var internalZone: InternalZone
    /// By the container that each is in.
    package var agents: [VMID: Agent] = [:]
    package var proxy = Proxy()
    /// What a controller of this estate is configured with, so far as the pipeline knows of it.
    package var settings: PipelineSettings
    /// The Redis with the platform's jobs.
    package var queueHouse = QueueHouse(runID: "", queues: [])
    /// The deviations that were planted on purpose.
    package var story: [Planted]
    /// The moment that this is a picture of.
    package var drawnAt: Timestamp

    package init(
        instances: [DesiredInstance], operations: [DesiredOperation], billing: [BillingRow],
        retired: [RetiredInstance], payloads: [VMID: String], cluster: Cluster, zone: PublicZone,
        internalZone: InternalZone, settings: PipelineSettings, story: [Planted], drawnAt: Timestamp
    ) {
        self.instances = instances
        self.operations = operations
        self.billing = billing
        self.retired = retired
        self.payloads = payloads
        self.cluster = cluster
        self.zone = zone
        self.internalZone = internalZone
        self.settings = settings
        self.story = story
        self.drawnAt = drawnAt
    }

    package func guest(_ vmid: VMID) -> Cluster.Container? { cluster.guests[vmid] }

    /// The records at a full, canonical name.
    package func records(at name: String) -> [ZoneRecord] { zone.records(at: name) }

    package func instance(_ vmid: VMID) -> DesiredInstance? { instances.first { $0.vmid == vmid } }

    /// What the database would be read as.
    package func desiredState(at now: Timestamp) -> DesiredState {
        DesiredState(
            instances: instances, operations: operations, billing: billing, retired: retired, unreadable: [],
            pauses: [], accepted: [], readAt: now)
    }
}

/// One deviation that was planted, and its story.
package struct Planted: Equatable, Sendable {
    /// The instance or guest; for a record of a server that is gone, the VMID that it had. Nil for a queue.
    package var vmid: VMID?
    package var kind: DriftKind
    /// The full name, where a record is what deviates.
    package var record: String?
    package var queue: String?
    /// The node, where one is what deviates.
    package var node: String?
    /// The guard that must hold a repair, where one must.
    package var heldBy: Reason?
    package var sentence: String

    package init(
        vmid: VMID?, kind: DriftKind, record: String? = nil, queue: String? = nil, node: String? = nil,
        heldBy: Reason? = nil, sentence: String
    ) {
        self.vmid = vmid
        self.kind = kind
        self.record = record
        self.queue = queue
        self.node = node
        self.heldBy = heldBy
        self.sentence = sentence
    }
}
