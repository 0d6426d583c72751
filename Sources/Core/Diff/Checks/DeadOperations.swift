/// `operation.stale` and `operation.stuck`: the database says that somebody works on it, and no queue has its job.
///
/// The conditions on time are those of the two write-back functions, word for word, so that what is found here is what they
/// accept.
package enum DeadOperations: FleetCheck {
    package static let kinds: [DriftKind] = [.operationStale, .operationStuck]

    /// A heartbeat that is older than this has stopped.
    package static let heartbeatAge = Span.minutes(10)
    /// A create that has not begun after this will not begin.
    package static let startAge = Span.minutes(15)

    package static func check(_ fleet: FleetContext, _ findings: inout Findings) {
        guard fleet.settings.isConfigured(.queues) else { return }
        // The brake on many repairs at once measures these against the fleet.
        findings.applicable[.database] += fleet.expectation.desired.instances.count
        for operation in fleet.expectation.desired.operations where operation.isLive {
            if let vmid = operation.vmid, !fleet.settings.scope.contains(vmid) { continue }
            guard let kind = suspicion(operation, at: fleet.expectation.desired.readAt) else { continue }
            check(operation, kind, fleet, &findings)
        }
    }

    /// Whether it matters for an operation where its job is, in this look or in one to come in the same round, which has its own time:
    /// to look for a job means to search the lists of its queue.
    static func mayConcern(_ operation: DesiredOperation, in desired: DesiredState) -> Bool {
        suspicion(operation, at: desired.readAt + Round.deadline) != nil
    }

    /// What an operation would be if its job were gone; nil when it is not late.
    static func suspicion(_ operation: DesiredOperation, at now: Timestamp) -> DriftKind? {
        let (heartbeat, lease) = (operation.heartbeatAt, operation.leaseExpiresAt)
        let isHeartbeatOver = heartbeat.map { $0 < now - heartbeatAge } ?? true
        let isLeaseOver = lease.map { $0 < now } ?? true
        if (heartbeat != nil || lease != nil) && isHeartbeatOver && isLeaseOver { return .operationStale }
        let hasBegun = operation.phase != nil || heartbeat.map { $0 > operation.enqueuedAt } ?? false
        let isLate = operation.enqueuedAt < now - startAge
        return operation.kind == .create && isLate && !hasBegun ? .operationStuck : nil
    }

    private static func check(
        _ operation: DesiredOperation, _ kind: DriftKind, _ fleet: FleetContext, _ findings: inout Findings
    ) {
        let index = instance(of: operation, fleet)
        switch fleet.facts.job(operation.job) {
        case .present: return
        case .unknown(let reason): findings.add(reason, .queues, vmid: operation.vmid, instance: index)
        case .absent(let evidence):
            findings.noteAbsence(evidence)
            if kind == .operationStuck, !isWithoutGuest(operation, index, fleet, &findings) { return }
            // What is dead owns nothing any more.
            findings.deadOperations.insert(operation.id)
            findings.add(drift(operation, kind, evidence, index, fleet))
        }
    }

    /// Whether nothing was made yet: no VMID, or certainly no guest under it.
    private static func isWithoutGuest(
        _ operation: DesiredOperation, _ index: Int?, _ fleet: FleetContext, _ findings: inout Findings
    ) -> Bool {
        guard let vmid = operation.vmid else { return true }
        let node = index.flatMap { fleet.expectation.desired.instances[$0].node }
        switch fleet.facts.container(vmid, recordedNode: node, isExpected: true) {
        case .present: return false
        case .absent where findings.hasBulkAbsence, .unknown(.notConfirmed) where findings.hasBulkAbsence:
            findings.add(.bulkAbsence, .proxmox, vmid: vmid, instance: index)
            return false
        case .absent(let evidence):
            findings.noteAbsence(evidence)
            findings.suspects.append(vmid)
            return true
        case .unknown(let reason):
            findings.add(reason, .proxmox, vmid: vmid, instance: index)
            return false
        case nil:
            findings.add(.notRead, .proxmox, vmid: vmid, instance: index)
            return false
        }
    }

    private static func drift(
        _ operation: DesiredOperation, _ kind: DriftKind, _ evidence: Evidence, _ index: Int?, _ fleet: FleetContext
    ) -> Drift {
        let row = index.map { fleet.expectation.desired.instances[$0] }
        let name = "\(operation.kind.rawValue) \(operation.id)"
        let job = "job '\(operation.job.id)' is in no list of queue '\(operation.queue)'"
        var observed = operation.status.rawValue
        if let phase = operation.phase { observed += " in phase '\(phase)'" }
        switch kind {
        case .operationStuck: observed += ", never begun; \(job), and nothing was made"
        default:
            let expired = [
                operation.heartbeatAt.map { _ in "heartbeat" }, operation.leaseExpiresAt.map { _ in "lease" },
            ]
            observed += ", \(expired.compactMap { $0 }.joined(separator: " and ")) expired; \(job)"
        }
        return Drift(
            kind: kind,
            subject: Subject(
                vmid: operation.vmid, externalID: row?.key.externalID, hostname: row?.hostname,
                customer: operation.customer ?? row?.customer),
            discriminator: operation.id, desired: "\(name) is worked on, or ended", observed: observed,
            evidence: evidence, instance: index, operation: operation)
    }

    /// The row that the operation is about; nil when there is none, or more than one claims the VMID.
    private static func instance(of operation: DesiredOperation, _ fleet: FleetContext) -> Int? {
        guard let vmid = operation.vmid else { return nil }
        let rows = fleet.expectation.desired.instances
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].vmid < vmid { low = middle + 1 } else { high = middle }
        }
        guard low < rows.count, rows[low].vmid == vmid, fleet.expectation.standings[low] != .excluded else {
            return nil
        }
        return low + 1 < rows.count && rows[low + 1].vmid == vmid ? nil : low
    }
}
