/// Which drift explains which: the lowest broken layer speaks, and what only follows from it is not repaired by itself.
///
/// DNS has to be right whether the guest runs or not, so records are explained by nothing but a doubt about who the instance
/// is: two rows that claim one VMID or one host name.
package enum Cause {
    package static func assign(_ findings: inout Findings, _ fleet: FleetContext) {
        var byVMID: [VMID: String] = [:]
        var byHost: [String: String] = [:]
        for drift in findings.drifts {
            switch drift.kind {
            case .allocationDuplicateVMID: if let vmid = drift.subject.vmid { byVMID[vmid] = drift.id }
            case .allocationDuplicateHostname: if let host = drift.subject.hostname { byHost[host] = drift.id }
            default: break
            }
        }
        if byVMID.isEmpty && byHost.isEmpty { return }
        for index in findings.drifts.indices {
            let drift = findings.drifts[index]
            guard drift.instance != nil, let vmid = drift.subject.vmid else { continue }
            let host = drift.subject.hostname.map { HostName.canonical($0, zone: fleet.settings.zone) }
            findings.drifts[index].causedBy =
                byVMID[vmid]
                ?? (drift.subject.record != nil || drift.kind.plane == .velocity ? host.flatMap { byHost[$0] } : nil)
        }
    }
}
