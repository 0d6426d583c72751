/// What this process may do on its own, from its configuration.
package struct Duty: Equatable, Sendable {
    package enum Mode: String, Sendable {
        /// Decides and records what it would do.
        case dryRun = "dry-run"
        case repair
    }

    package var mode: Mode
    /// Scoped go-live: only drifts of these kinds are acted on ...
    package var kinds: [KindPattern]
    /// ... and only those of these VMIDs; nil is all.
    package var vmids: [ClosedRange<Int>]?
    /// From the begin of one round to that of the next.
    package var cycle: Span

    package init(mode: Mode, kinds: [KindPattern], vmids: [ClosedRange<Int>]?, cycle: Span) {
        self.mode = mode
        self.kinds = kinds
        self.vmids = vmids
        self.cycle = cycle
    }

    /// Every kind of every server.
    package static let everywhere = Duty(mode: .repair, kinds: [KindPattern("*")], vmids: nil, cycle: .seconds(60))

    /// Whether a repair would be carried out here and now.
    package func execution(of drift: Drift, tenure: Tenure) -> Execution {
        if let omission = omission(of: drift.kind, drift.subject.vmid) { return omission.execution }
        guard case .acting = tenure else { return .notLeader }
        return .executable
    }

    /// Why nothing of it would be carried out here; nil where it would, once this process acts.
    package func omission(of kind: DriftKind, _ vmid: VMID?) -> Omission? {
        if mode == .dryRun { return .dryRun }
        return unreached(kind, vmid)
    }

    /// Which key of the configuration leaves it out, whatever the mode; nil where the scoped go-live has come to it.
    package func unreached(_ kind: DriftKind, _ vmid: VMID?) -> Omission? {
        guard kinds.contains(where: { $0.matches(kind) }) else { return .kinds }
        guard let vmids else { return nil }
        let isMeant = vmid.map { vmid in vmids.contains { $0.contains(Int(vmid.number)) } } ?? false
        return isMeant ? nil : .vmids
    }

    /// Whether the scoped go-live has come to it.
    package func covers(_ kind: DriftKind, _ vmid: VMID?) -> Bool { unreached(kind, vmid) == nil }
}

/// Whether this process is the one controller.
package enum Tenure: Equatable, Sendable {
    /// Another one is, or nobody can be. It observes, and writes nothing.
    case none(why: String)
    /// It leads, but a request of its predecessor may still be on its way: it observes and keeps the journal.
    case waiting(epoch: Int64)
    case acting(epoch: Int64)

    package var isActing: Bool {
        if case .acting = self { true } else { false }
    }

    package var epoch: Int64? {
        switch self {
        case .none: nil
        case .waiting(let epoch), .acting(let epoch): epoch
        }
    }
}
