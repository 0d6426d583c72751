import Core

/// What holds for every report, whatever the world was like. Numbers are those of the design's list of invariants.
enum Invariants {
    static func check(_ report: Report, policies: PolicySet) -> [String] {
        var violations: [String] = []
        var ids: Set<String> = []
        for decision in report.decisions {
            let drift = decision.drift
            let name = "\(drift.kind.rawValue) \(drift.subject.vmid.map(\.description) ?? "-")"
            if !ids.insert(drift.id).inserted { violations.append("two drifts have the id \(drift.id) (\(name))") }
            // 10: exactly one verdict and one reason, and they belong together.
            let fits =
                switch decision.verdict {
                case .held: decision.reason.isGuard
                case .repair: decision.reason == .policyMatched
                case .approvalRequired: [.approvalMissing, .approvalExpired, .planChanged].contains(decision.reason)
                case .manual: [.noAction, .personOnly].contains(decision.reason)
                case .report: [.observeOnly, .noPolicy].contains(decision.reason)
                }
            if !fits { violations.append("10: \(name) is \(decision.verdict) because \(decision.reason)") }
            // 3: nothing above Level 1 is automatic, and a policy only ever lowers.
            if decision.verdict == .repair && (drift.kind.level != .automatic || decision.level != .automatic) {
                violations.append("3: \(name) of level \(drift.kind.level) would be repaired")
            }
            if decision.verdict == .repair && decision.action == nil {
                violations.append("\(name): a repair without an action")
            }
            // 4: an audit executes nothing.
            if decision.execution != .audit { violations.append("4: \(name) would be executed in an audit") }
            if (drift.causedBy != nil) != (decision.reason == .causedBy) && decision.verdict == .repair {
                violations.append("\(name) is repaired although another drift explains it")
            }
        }
        // 6: never more at once than the brake lets through.
        for (plane, group) in Dictionary(
            grouping: report.decisions.filter { $0.verdict == .repair }, by: \.drift.kind.plane)
        where group.count > max(policies.brakes.massChangeFloor, report.summary.instances / 5) {
            violations.append("6: \(group.count) repairs of \(plane) at once in a fleet of \(report.summary.instances)")
        }
        // 2: nothing is concluded about a plane that failed.
        for entry in report.coverage where entry.status == .failed {
            let concluded = report.decisions.filter { $0.drift.evidence.plane == entry.plane }
            if let first = concluded.first {
                violations.append("2: \(first.drift.kind) although \(entry.plane) failed")
            }
        }
        let s = report.summary
        if s.inSync + s.drifted + s.unknown + s.suppressed + s.excluded != s.instances {
            violations.append("the summary does not add up: \(s)")
        }
        // 14: what is told is a function of the report alone.
        if ReportJSON.encode(report) != ReportJSON.encode(report) { violations.append("14: two encodings differ") }
        return violations
    }
}
