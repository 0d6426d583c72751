/// A drift that was told of and has not ended: what is kept of it over a restart.
package struct OpenDrift: Equatable, Sendable {
    package var id: String
    package var kind: DriftKind
    package var vmid: VMID?
    package var externalID: ExternalID?
    package var hostname: String?
    package var level: Level
    package var action: Action?
    package var verdict: Verdict
    package var reason: Reason
    /// When it was seen first.
    package var since: Timestamp
    /// Whether a dry-run has already said that it would repair it.
    package var wouldRepair: Bool
    /// Whether the brake holds it only while the proxy may still fill its own list: nobody is needed yet.
    package var isSettling = false
    /// Whether an attempt at it was seen to work, and no round has found it since.
    package var isRepaired = false
    /// The incident with which people are told of it; nil when nobody is.
    package var incident: String?
    /// Who is told, when it joins its incident; later the database knows.
    package var webhooks: [String] = []
    /// What names it where no host name does; only while it opens.
    package var about: String?

    package init(
        id: String, kind: DriftKind, vmid: VMID?, externalID: ExternalID?, hostname: String?, level: Level,
        action: Action?, verdict: Verdict, reason: Reason, since: Timestamp, wouldRepair: Bool = false
    ) {
        self.id = id
        self.kind = kind
        self.vmid = vmid
        self.externalID = externalID
        self.hostname = hostname
        self.level = level
        self.action = action
        self.verdict = verdict
        self.reason = reason
        self.since = since
        self.wouldRepair = wouldRepair
    }

    /// Whether there is news in how it stands now.
    func stands(otherwiseThan now: OpenDrift) -> Bool {
        (verdict, reason, isSettling) != (now.verdict, now.reason, now.isSettling)
    }

    init(_ decision: Decision, since: Timestamp) {
        let subject = decision.drift.subject
        self.init(
            id: decision.drift.id, kind: decision.drift.kind, vmid: subject.vmid, externalID: subject.externalID,
            hostname: subject.hostname, level: decision.level, action: decision.action, verdict: decision.verdict,
            reason: decision.reason, since: since)
        isSettling = decision.isSettling && decision.reason == .massChange
        about = subject.about
    }
}

/// One line of the history that is kept in the database.
package struct JournalEntry: Equatable, Sendable {
    package enum Outcome: String, CaseIterable, Sendable {
        case opened, changed, closed, asked, answered, verified, unknown, compensated, refused, quarantined
        case wouldRepair = "would_repair"
        case notVerified = "not_verified"
    }

    package var outcome: Outcome
    package var drift: OpenDrift
    /// For a person: what was seen, or what the reason saw.
    package var detail: String?
    /// Whether it joins its incident with this entry, though it opened before: until now it was nobody's business.
    package var joinsLate = false

    package init(_ outcome: Outcome, _ drift: OpenDrift, detail: String? = nil) {
        self.outcome = outcome
        self.drift = drift
        self.detail = detail
    }

    /// Whether people are told of its drift from this entry on, if they are told at all.
    package var joins: Bool { outcome == .opened || joinsLate }
}
