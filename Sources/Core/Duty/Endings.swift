/// What a round can say of drifts that it did not find: those that it would have shown if they still were there have ended.
struct Endings {
    private let report: Report
    /// Ids of drifts of which it could not tell.
    private let untold: Set<String>
    /// Servers of which nothing was looked at, since another guest has their VMID.
    private let unjudged: Set<ExternalID>

    init(_ report: Report) {
        self.report = report
        let mismatched = report.decisions.filter { $0.drift.kind == .containerIdentityMismatch }
        unjudged = Set(mismatched.compactMap(\.drift.subject.externalID))
        // A queue that is not known hides its own drifts and no others.
        let hidden = report.unknown.compactMap(\.queue).flatMap { queue in
            Endings.ofQueues.map { DriftID.make(kind: $0, subject: Subject(queue: queue), discriminator: "") }
        }
        untold = report.untold.union(hidden)
    }

    private static let ofQueues = DriftKind.allCases.filter { $0.plane == .queues }

    /// Whether the round shows that a drift which it did not find is not there any more.
    func show(_ drift: OpenDrift) -> Bool {
        if untold.contains(drift.id) || isLeftUnjudged(drift) { return false }
        switch drift.kind {
        // The queue alone shows these, and the nodes those: what is not known of any of them is in `untold`.
        case .queueStalled, .queueBacklog, .queueNoWorker: return isRead(.queues)
        case .containerNodeOffline: return isRead(.proxmox)
        // Each operation whose job or guest is not known is named by itself; of one that is stale nobody asks for the guest.
        case .operationStale, .operationStuck:
            let planes: Set<Plane> = [.database, .queues]
            return isRead(.queues) && isWhole(.database, for: drift)
                && isKnown(drift.kind == .operationStuck ? planes.union([.proxmox]) : planes, of: drift)
        case .allocationDuplicateVMID, .allocationDuplicateHostname, .allocationDuplicateIP:
            return isWhole(.database, for: drift) && isKnown([.database], of: drift)
        default:
            let planes: Set<Plane> = [.database, .proxmox, CheckList.evidencePlane(of: drift.kind), drift.kind.plane]
            return planes.allSatisfy { isWhole($0, for: drift) } && isKnown(planes, of: drift)
        }
    }

    private func status(of plane: Plane) -> Coverage.Status? {
        report.coverage.first { $0.plane == plane }?.status
    }

    private func isRead(_ plane: Plane) -> Bool { [.complete, .partial].contains(status(of: plane)) }

    private func isWhole(_ plane: Plane, for drift: OpenDrift) -> Bool {
        switch status(of: plane) {
        case .complete?: true
        case .notConfigured?: plane == .proxmox
        // Of a part it is known which instances it lacks; of what belongs to no instance it is not.
        case .partial?: drift.vmid != nil
        case .failed?, nil: false
        }
    }

    private func isKnown(_ planes: Set<Plane>, of drift: OpenDrift) -> Bool {
        !report.unknown.contains { fact in
            planes.contains(fact.plane) && fact.queue == nil && (fact.vmid == nil || fact.vmid == drift.vmid)
        }
    }

    private func isLeftUnjudged(_ drift: OpenDrift) -> Bool {
        guard drift.kind != .containerIdentityMismatch, let id = drift.externalID, unjudged.contains(id) else {
            return false
        }
        return CheckList.instance.contains { $0.kinds.contains(drift.kind) }
    }
}
