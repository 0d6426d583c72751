import Core
import World

extension Truth {
    /// Of a server whose customer is suppressed only its container is judged: it is not wanted up, and nothing is said of its edge
    /// or its agent. Reckoned from the words of the billing rows, apart from the code that is tried.
    func lieAboutCustomer(_ drift: Drift, _ vmid: VMID) -> String? {
        let rows = [seen.desired[1], seen.desired[2]].compactMap { $0 }
        let suppressed = rows.map { Truth.isSuppressed(vmid, in: $0) }
        switch drift.kind {
        case .containerSuspendedRunning:
            return suppressed.contains(true) ? nil : "its customer may have it running"
        case .containerStopped, .containerRunning, .agentUnreachable, .agentNotReady, .agentCrashed, .publicAMissing,
            .publicAWrong, .publicADuplicate, .publicSRVMissing, .publicSRVWrong, .publicSRVDuplicate,
            .internalAMissing, .internalAWrong, .internalADuplicate, .internalSRVMissing, .internalSRVWrong,
            .internalSRVDuplicate, .velocityMissing, .velocityWrongAddress:
            return !suppressed.isEmpty && suppressed.allSatisfy { $0 } ? "its customer is suppressed" : nil
        default: return nil
        }
    }

    /// Whether the billing row of an active server's customer keeps it down.
    static func isSuppressed(_ vmid: VMID, in estate: Estate) -> Bool {
        guard let row = estate.instance(vmid), row.status == .active else { return false }
        let words = ["suspended", "retained", "pending_deletion", "suspended_shutdown"]
        return estate.billing.contains { billing in
            billing.customer == row.customer
                && [billing.status?.rawValue, billing.serverState?.rawValue].contains {
                    $0.map(words.contains) ?? false
                }
        }
    }
}
