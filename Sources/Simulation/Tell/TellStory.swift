import Core

/// What there is to tell in a run that leaves nothing to chance: each sort of incident begins, changes and ends.
extension TellSimulation {
    static let storyRounds = 7

    mutating func tellStory(round: Int) {
        func drift(_ number: Int, _ kind: DriftKind) -> OpenDrift {
            var drift = OpenDrift(
                id: "d\(number)-\(kind.rawValue)", kind: kind, vmid: VMID(5000 + number), externalID: nil,
                hostname: "mc-\(number)", level: kind.level, action: kind.action, verdict: .repair,
                reason: .policyMatched, since: now)
            if kind.level > .automatic { (drift.verdict, drift.reason) = (.manual, .noAction) }
            return drift
        }
        func opened(_ numbers: ClosedRange<Int>, _ kind: DriftKind) -> [JournalEntry] {
            numbers.map { JournalEntry(.opened, drift($0, kind), detail: "seen") }
        }
        func closed(_ number: Int, _ kind: DriftKind) -> JournalEntry {
            let drift = drift(number, kind)
            return JournalEntry(.closed, open[drift.id] ?? drift)
        }
        var entries: [JournalEntry] = []
        var hold: [Condition] = []
        func condition(_ group: String, _ topic: Incident.Topic, _ subject: String) -> Condition {
            Condition(
                group: group, topic: topic, subject: subject, text: "said", level: .disruptive,
                webhooks: [Self.webhook])
        }
        switch round {
        case 1: entries = opened(1...1, .publicSRVMissing)
        case 2:
            ended(.verified, 1, .publicSRVMissing)
            entries =
                [closed(1, .publicSRVMissing)] + opened(2...2, .containerStopped) + opened(30...31, .publicAMissing)
        // Two attempts are interrupted here: of their ends nobody knows in the round that follows.
        case 3:
            entries = opened(10...19, .internalAWrong)
            hold = [condition("plane velocity", .plane, "velocity")]
        case 4:
            hold = [condition("plane velocity", .plane, "velocity"), condition("brake", .brake, "sha256:1")]
            entries = (10...14).map { closed($0, .internalAWrong) }
            // Taken up, each ends before its drift does.
            ended(.verified, 30, .publicAMissing)
            ended(.unknown("it could not be read back"), 31, .publicAMissing)
        case 5:
            hold = [condition("brake", .brake, "sha256:2"), condition("budget", .budget, "budget")]
            for var open in open.values.sorted(by: { $0.id < $1.id }) where open.kind == .internalAWrong {
                (open.verdict, open.reason) = (.held, .quarantined)
                entries.append(JournalEntry(.changed, open, detail: "in vain"))
            }
            entries += (30...31).map { closed($0, .publicAMissing) }
        case 6: entries = open.values.sorted { $0.id < $1.id }.map { JournalEntry(.closed, $0) }
        default: break
        }
        take(entries)
        book.note(hold, undecided: [], at: now)
    }

    /// An attempt at a repair ends.
    private mutating func ended(_ outcome: RepairOutcome, _ number: Int, _ kind: DriftKind) {
        let drift = "d\(number)-\(kind.rawValue)"
        book.note(outcome, of: .edgeRepublish, drift: drift)
        if outcome == .verified { news.happened(in: open[drift]?.incident, book) }
    }
}
