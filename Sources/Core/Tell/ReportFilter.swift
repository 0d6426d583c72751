/// What an operator asked to see of a report.
///
/// A filter narrows the drifts, and with them `drifts`, `by_level` and whether the audit ends with 2. With a VMID it narrows
/// the instances and what is unknown, too, and takes along what explains a drift of it. It never narrows the planes: that nothing was found says something only when
/// everything could be read. The plan's hash stays that of the whole plan.
package struct ReportFilter: Equatable, Sendable {
    package var vmid: VMID?
    package var kind: KindPattern?
    package var minLevel: Level?

    package init(vmid: VMID? = nil, kind: KindPattern? = nil, minLevel: Level? = nil) {
        self.vmid = vmid
        self.kind = kind
        self.minLevel = minLevel
    }

    package var isEmpty: Bool { vmid == nil && kind == nil && minLevel == nil }

    /// By the level of what would be done, which a policy may have changed: `level` of the JSON, not `kind_level`.
    package func shows(_ decision: Decision) -> Bool {
        if let vmid, !decision.drift.concerns(vmid) { return false }
        if let kind, !kind.matches(decision.drift.kind) { return false }
        return minLevel.map { decision.level >= $0 } ?? true
    }
}

extension Report {
    /// The part of this report that a filter shows; itself when the filter is empty.
    package func filtered(by filter: ReportFilter) -> Report {
        guard !filter.isEmpty else { return self }
        var report = self
        report.filter = filter
        report.decisions = decisions.filter(filter.shows)
        if filter.vmid != nil {
            // What explains a drift of it belongs to it, though it is about its node.
            let causes = Set(report.decisions.compactMap(\.drift.causedBy))
            report.decisions = decisions.filter { filter.shows($0) || causes.contains($0.drift.id) }
        }
        if let vmid = filter.vmid {
            report.instances = instances.filter { $0.vmid == vmid }
            // What is unknown about no VMID in particular may be about this one.
            report.unknown = unknown.filter { $0.vmid == nil || $0.vmid == vmid }
        }
        report.summary = Summary(decisions: report.decisions, instances: report.instances)
        return report
    }
}
