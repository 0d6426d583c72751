/// What one round found and decided, as a value. Text, JSON, Markdown and HTML are made from it and say the same.
package struct Report: Equatable, Sendable {
    package static let schema = 1

    package var generatedAt: Timestamp
    package var mode: String
    package var coverage: [Coverage]
    package var summary: Summary
    package var decisions: [Decision]
    package var unknown: [UnknownFact]
    package var notEvaluated: [NotEvaluated]
    package var planHash: String
    /// One for each row, by VMID.
    package var instances: [InstanceStanding]
    /// What this is a part of a report by; nil when it is whole.
    package var filter: ReportFilter?
    /// What the round saw of conditions that are drift only once they have lasted: for the rounds to come, told nowhere.
    package var sightings: [Sighting]
    /// The last guest whose addresses were looked at because it was its turn.
    package var lastLooked: VMID?
    /// Where the next round goes on with its questions about single guests; nil where Proxmox was not read.
    package var turns: Turns?
    /// What it confirmed with two looks at Proxmox: for the next round, told nowhere.
    package var confirmed: Confirmed?
    /// Whether it was decided which repairs begin; false in a round that did not know what the ledger holds open.
    package var isPlanned = true
    /// Whether Cloudflare, or what is asked of it at most, let the public zone not be looked at: for the rounds to come, told nowhere.
    package var isPublicZoneLimited = false
    /// All about one VMID, where an operator asked for that.
    package var explanation: Explanation?
    /// Operations that are called live and are not, by the instance that they do not own any more.
    package var deadOperations: [VMID: [DesiredOperation]] = [:]

    package struct NotEvaluated: Equatable, Sendable {
        package var kind: DriftKind
        package var why: String
    }

    package init(
        decisions: [Decision], findings: Findings, expectation: Expectation, facts: Facts, policies: PolicySet,
        settings: PipelineSettings, generatedAt: Timestamp, history: History? = nil
    ) {
        sightings = findings.sightings
        self.generatedAt = generatedAt
        mode = "audit"
        self.decisions = decisions
        unknown = findings.unknown
        coverage = CoverageList.make(findings: findings, facts: facts, settings: settings)
        instances = InstanceStanding.list(findings: findings, expectation: expectation)
        summary = Summary(decisions: decisions, instances: instances)
        notEvaluated = CheckList.notEvaluated(settings: settings, facts: facts, history: history, at: generatedAt).map {
            NotEvaluated(kind: $0.kind, why: $0.why)
        }
        planHash = PlanHash.of(decisions, policies: policies)
        if findings.deadOperations.isEmpty { return }
        for operation in expectation.desired.operations where findings.deadOperations.contains(operation.id) {
            if let vmid = operation.vmid { deadOperations[vmid, default: []].append(operation) }
        }
    }

    /// Whether every configured plane was read whole and nothing that applies is unknown.
    package var isComplete: Bool {
        unknown.isEmpty && coverage.allSatisfy { $0.status == .complete || $0.status == .notConfigured }
    }

    /// The exit status of `audit`: 2 drift, 3 none but incomplete, 0 in sync. Accepted drifts do not count.
    package var exitStatus: Int32 {
        if decisions.contains(where: { $0.accepted == nil }) { return 2 }
        return isComplete ? 0 : 3
    }
}

/// The counts of a report. Each instance counts once.
package struct Summary: Equatable, Sendable {
    package var instances = 0
    package var inSync = 0
    package var drifted = 0
    package var unknown = 0
    package var suppressed = 0
    package var excluded = 0
    package var drifts = 0
    package var byLevel = [0, 0, 0, 0]

    package init(decisions: [Decision], instances: [InstanceStanding]) {
        self.instances = instances.count
        for instance in instances {
            switch instance.word {
            case .inSync: inSync += 1
            case .drifted: drifted += 1
            case .unknown: unknown += 1
            case .suppressed: suppressed += 1
            case .excluded: excluded += 1
            }
        }
        drifts = decisions.count
        for decision in decisions { byLevel[decision.level.rawValue] += 1 }
    }
}
