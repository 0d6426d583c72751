import Core
import Postgres
import TestSupport
import Testing

/// The outbox in the database and the one in memory, which the simulation uses, do the same: one random script for both.
@Suite struct OutboxConformanceTests {
    /// Numbers that are the same on every run (Knuth's MMIX generator).
    private struct Dice {
        var state: UInt64

        mutating func below(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
    }

    private static let webhook = "alerts"
    /// Another one, which nothing is sent to: conditions concern it before the first, or after.
    private static let other = "pager"
    private static let kinds: [DriftKind] = [.publicAMissing, .containerStopped, .containerLocked, .operationStale]
    private static let verdicts: [(Verdict, Reason)] = [
        (.repair, .policyMatched), (.held, .quarantined), (.held, .causedBy), (.manual, .noAction),
        (.held, .massChange),
    ]
    /// Of whoever tells it, by turns.
    private static let duties: [Duty] = [
        .everywhere, Duty(mode: .dryRun, kinds: [KindPattern("*")], vmids: nil, cycle: .seconds(60)),
        Duty(mode: .repair, kinds: [KindPattern("dns.*")], vmids: [1...5, 5001...5001], cycle: .seconds(60)),
        Duty(mode: .repair, kinds: [KindPattern("*")], vmids: [], cycle: .seconds(60)),
    ]
    private static let ends: [SendingEnd] = [
        .shown(discordID: "7"), .shown(discordID: "8"), .again(mayBeShown: true), .again(mayBeShown: false),
        .againPlain,
        .dropped, .gone, .frozen,
    ]

    private static func drift(_ number: Int, incident: Int) -> OpenDrift {
        let kind = kinds[number % kinds.count]
        var drift = OpenDrift(
            id: "d\(number)", kind: kind, vmid: number % 5 == 0 ? nil : VMID(5000 + number % 3), externalID: nil,
            hostname: number % 4 == 0 ? nil : "h\(number % 3)", level: kind.level, action: kind.action,
            verdict: .repair, reason: .policyMatched, since: Timestamp(seconds: 1))
        if drift.hostname == nil, number % 3 > 0 { drift.about = "queue q\(number % 2)" }
        (drift.incident, drift.webhooks) = ("group\(incident)aaaaaa-1", [webhook])
        return drift
    }

    private static let outcomes: [RepairOutcome] = [.verified, .verified, .notVerified("in vain"), .refused("moved")]

    /// An attempt at a drift; nothing of it matters here but whose it is.
    private static func attempt(_ drift: OpenDrift, _ number: Int) throws -> Intent {
        let change = EdgeChange.backend(
            BackendChange(wanted: .init(name: "mc", address: "10.70.0.1", port: 25565), before: []))
        let key = InstanceKey(vmid: try #require(VMID(5000)), externalID: ExternalID(high: 1, low: 2))
        return Intent(
            drift: drift, act: .edgeRepublish(EdgeGrounds(key: key, change: change, dead: [])), attempt: 1, epoch: 3,
            cycle: Int64(number), policies: "p", evidenceAt: Fleet.now)
    }

    /// What one round changed.
    private static func entries(_ dice: inout Dice, _ open: inout [String: OpenDrift], _ step: Int) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        for _ in 0..<(1 + dice.below(4)) {
            let number = dice.below(12)
            if var known = open["d\(number)"], !entries.contains(where: { $0.drift.id == known.id }) {
                if dice.below(2) == 0 {
                    open[known.id] = nil
                    entries.append(JournalEntry(.closed, known))
                } else {
                    (known.verdict, known.reason) = verdicts[dice.below(verdicts.count)]
                    let joins = known.incident == nil && dice.below(2) == 0
                    if joins { (known.incident, known.webhooks) = ("group\(number % 3)aaaaaa-1", [webhook]) }
                    known.isSettling = known.reason == .massChange && dice.below(2) == 0
                    open[known.id] = known
                    let outcome: JournalEntry.Outcome = dice.below(3) == 0 && !joins ? .wouldRepair : .changed
                    entries.append(JournalEntry(outcome, known, detail: "changed \(step)"))
                    entries[entries.count - 1].joinsLate = joins
                }
            } else if open["d\(number)"] == nil, !entries.contains(where: { $0.drift.id == "d\(number)" }) {
                var drift = Self.drift(number, incident: number % 3)
                // Nobody's business yet.
                if dice.below(4) == 0 { (drift.incident, drift.webhooks) = (nil, []) }
                open[drift.id] = drift
                entries.append(JournalEntry(.opened, drift, detail: "opened \(step)"))
            }
        }
        return entries
    }

    /// What holds in one round; and of which nobody knows.
    private static func conditions(_ dice: inout Dice) -> (hold: [Condition], undecided: Undecided) {
        var hold: [Condition] = []
        var undecided: Set<String> = []
        for (group, topic) in [("brake", Incident.Topic.brake), ("plane dns.public", .plane), ("sink pager", .sink)] {
            switch dice.below(6) {
            case 0: break
            case 1: undecided.insert(group)
            default:
                let webhooks = [[webhook], [other], [webhook, other]][dice.below(3)]
                hold.append(
                    Condition(
                        group: group, topic: topic, subject: "plan \(dice.below(3))", text: "text \(dice.below(9))",
                        level: .disruptive, webhooks: webhooks))
            }
        }
        return (hold, dice.below(8) == 0 ? .allOthers : .these(undecided))
    }

    /// Each clock names its own: a condition is known by its group.
    private static func name(_ incident: Incident) -> String {
        guard incident.topic != .drifts, let end = incident.id.lastIndex(of: " ") else { return incident.id }
        return String(incident.id[..<end])
    }

    /// What is decided on one of the two, as the other one names it.
    private static func renamed(_ told: [Told], _ names: [String: String]) -> [Told] {
        told.map { one in
            var one = one
            one.incident = names[one.incident] ?? one.incident
            return one
        }
    }

    /// How the database names what the book has, by the names of the book.
    private static func pair(_ mine: OutboxDesk, _ real: OutboxDesk, _ names: inout [String: String]) {
        for row in mine.rows where row.incident.topic != .drifts {
            let twin = real.rows.first { name($0.incident) == name(row.incident) }
            if let twin { names[row.incident.id] = twin.incident.id }
        }
    }

    /// All that both have to agree on; they have clocks of their own.
    private static func shown(_ desk: OutboxDesk) -> [String] {
        let rows = desk.rows.map { row -> String in
            let it = row.incident
            let tallies = it.tallies.map {
                "\($0.kind.rawValue) \($0.verdict) \($0.reason) \($0.isSettling) \($0.omission?.rawValue ?? "-") \($0.count)"
            }
            let examples = it.examples.map { "\($0.kind.rawValue) \($0.hostname ?? "-") \($0.detail ?? "-")" }
            return """
                \(name(it)) \(it.topic) v\(it.version) \(it.kinds.map(\.rawValue)) \(it.vmid?.description ?? "-") \(it.hostname ?? "-") \
                about \(it.subject ?? "-") \(it.text ?? "-") \
                \(it.level) closed \(it.closedAt != nil) times \(it.times) of \(it.drifts) \
                tried \(it.attempts) repaired \(it.repaired) \(it.did?.rawValue ?? "-") \(it.trouble ?? "-") \(tallies) \(examples) \
                mended \(it.isMended) told \(row.toldVersion) \(row.toldStage?.rawValue ?? "-") \(row.toldAt != nil) \
                \(row.toldDrifts) \(row.toldRepaired) called \(row.called.map(\.rawValue).sorted()) by \(row.message ?? 0)
                """
        }.sorted()
        let messages = desk.messages.values.map {
            "\($0.id) \($0.state) \($0.discordID ?? "-") \($0.digest ?? "-") \($0.mayRepeat) "
                + "\($0.isFrozen) \($0.isPlain) \($0.postedAt != nil)"
        }.sorted()
        return rows + messages
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func bothDoTheSame(seed: UInt64) async throws {
        let database = try await Database.migrated()
        try database.run(
            "update controller.leadership set epoch = 3, holder = '\(Database.holder)', taken_at = now(), closed_at = null"
        )
        let connection = try database.connection("zlh_run")
        let lease = Lease(epoch: 3, holder: try #require(HolderID(Database.holder)))
        let (journal, outbox) = (JournalStore(connection), OutboxStore(connection))
        let ledger = EdgeLedger(connection, settings: Fleet(0).settings, now: { Fleet.now })
        var dice = Dice(state: seed)
        var book = OutboxBook()
        var open: [String: OpenDrift] = [:]
        var line = OutboxLine(.init(id: "t", isDryRun: false))
        var (sent, attempts) = (0, 0)
        var names: [String: String] = [:]
        let now = Timestamp(seconds: 1_767_225_600)
        for step in 0..<60 {
            let duty = Self.duties[step % Self.duties.count]
            let entries = Self.entries(&dice, &open, step)
            book.note(entries, at: now)
            #expect(try await journal.write(entries, lease: lease, cycle: 1, timeout: Database.patience))
            // Of one that has ended meanwhile nobody is told.
            for _ in 0..<dice.below(3) {
                let id = "d\(dice.below(12))"
                guard let drift = open[id] ?? entries.first(where: { $0.drift.id == id })?.drift else { continue }
                let outcome = Self.outcomes[dice.below(Self.outcomes.count)]
                attempts += 1
                let attempt = try Self.attempt(drift, attempts)
                try database.run(
                    """
                    insert into controller.repair_intent
                      (id, drift_id, drift_kind, action, attempt, epoch, cycle, policies)
                    values ('\(attempt.id)', '\(id)', 'k', 'edge_republish', 1, 1, 1, 'p')
                    """)
                book.note(outcome, of: .edgeRepublish, drift: id)
                #expect(
                    try await ledger.close(attempt, outcome, lease: lease, timeout: Database.patience))
            }
            let (hold, undecided) = Self.conditions(&dice)
            book.note(hold, undecided: undecided, at: now)
            #expect(try await outbox.note(hold, undecided: undecided, lease: lease, timeout: Database.patience))
            for webhook in [Self.webhook, Self.other] {
                let real = try await outbox.desk(of: webhook, timeout: Database.patience)
                Self.pair(book.desk(of: webhook, at: now), real, &names)
            }
            for _ in 0..<dice.below(4) {
                let desk = book.desk(of: Self.webhook, at: now, duty: duty)
                // Far apart, so that no limit is in the way.
                switch line.next(desk, at: now + .minutes(Int64(step) * 60)) {
                case .settle(let told):
                    book.settle(told, webhook: Self.webhook)
                    let renamed = Self.renamed(told, names)
                    try await outbox.settle(renamed, webhook: Self.webhook, timeout: Database.patience)
                case .send(let sending):
                    let claimed = book.claim(sending, webhook: Self.webhook, at: now)
                    let mine = try #require(claimed)
                    var theirs = sending
                    theirs.told = Self.renamed(sending.told, names)
                    let real = try #require(
                        try await outbox.claim(
                            theirs, webhook: Self.webhook, lease: lease, timeout: Database.patience))
                    #expect(real.message == mine.message && real.number == mine.number)
                    // The last two can only come of an edit.
                    let end = Self.ends[dice.below(Self.ends.count - (sending.edits == nil ? 2 : 0))]
                    book.record(end, of: sending, mine, at: now)
                    try await outbox.record(end, of: theirs, real, webhook: Self.webhook, timeout: Database.patience)
                    sent += 1
                case .wait, .rest: break
                }
            }
            for webhook in [Self.webhook, Self.other] {
                let mine = Self.shown(book.desk(of: webhook, at: now, duty: duty))
                let real = Self.shown(try await outbox.desk(of: webhook, duty: duty, timeout: Database.patience))
                #expect(mine == real, "step \(step), \(webhook)")
                if mine != real { return }
            }
        }
        #expect(sent > 20)
    }
}
