import Core
import Foundation
import TestSupport
import Testing

/// Documents and rules that name what the code has: none may miss one or invent one.
@Suite("The operator's documents")
struct DocumentTests {
    static func text(_ path: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return String(decoding: try Data(contentsOf: root.appendingPathComponent(path)), as: UTF8.self)
    }

    /// The lines of a section, by its heading, up to the next heading of the same or a higher rank.
    private static func section(_ heading: String, of path: String) throws -> [Substring] {
        let rank = heading.prefix { $0 == "#" }.count
        let lines = try text(path).split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0 == heading }, "\(path) has no section \(heading)")
        return Array(
            lines[(start + 1)...].prefix { line in
                let found = line.prefix { $0 == "#" }.count
                return found == 0 || found > rank
            })
    }

    /// What stands in backticks in the first cell of each row of a section's tables.
    private static func named(_ heading: String, of path: String) throws -> [String] {
        try section(heading, of: path).filter { $0.hasPrefix("| `") }.compactMap {
            $0.split(separator: "`").dropFirst().first.map(String.init)
        }
    }

    private static func headings(_ heading: String, of path: String) throws -> [String] {
        try section(heading, of: path).filter { $0.hasPrefix("### `") }.compactMap {
            $0.split(separator: "`").dropFirst().first.map(String.init)
        }
    }

    private static let operations = "docs/operations.md"

    @Test func everyReasonIsExplainedInOrder() throws {
        #expect(try Self.headings("## Reasons", of: Self.operations) == Reason.allCases.map(\.rawValue))
    }

    @Test func everyReasonHasAnExampleAndSomethingToDo() throws {
        let text = try Self.text(Self.operations)
        for reason in Reason.allCases {
            let part = try #require(text.split(separator: "### `\(reason.rawValue)`").last)
            let lines = part.split(separator: "\n").prefix { !$0.hasPrefix("#") }
            #expect(
                lines.contains { $0.hasPrefix("    ") && $0.contains("\(reason.rawValue): ") }, "\(reason.rawValue)")
            #expect(lines.contains { $0.hasPrefix("*Do:*") || $0.contains(" *Do:*") }, "\(reason.rawValue)")
        }
    }

    @Test func everyWordIsExplained() throws {
        #expect(try Self.named("## Verdicts", of: Self.operations) == Verdict.allCases.map(\.rawValue))
        #expect(try Self.named("## Execution", of: Self.operations) == Execution.allCases.map(\.rawValue))
        #expect(try Self.named("## Pending", of: Self.operations) == Pending.allCases.map(\.rawValue))
        #expect(
            try Self.named("## Events", of: Self.operations).sorted()
                == JournalEntry.Outcome.allCases.map(\.rawValue).sorted())
    }

    /// What `explain` says of a server without its SRV record that waits for this.
    private static func ledger(_ pending: Pending) throws -> [Substring] {
        var fleet = Fleet()
        fleet.removeRecord("s5001")
        fleet.policies.brakes.budgetPerMinute = 2
        let vmid = try #require(VMID(5001))
        var known = try #require(fleet.audit(.explain(vmid))?.explanation)
        let decision = try #require(known.cases.first?.decision)
        let id = decision.drift.id
        var page = LedgerPage(
            open: [
                OpenDrift(
                    id: id, kind: decision.drift.kind, vmid: vmid, externalID: nil, hostname: nil,
                    level: .automatic, action: decision.action, verdict: .repair, reason: .policyMatched,
                    since: Fleet.now - .minutes(10))
            ], tries: [:], attempts: [],
            leader: LedgerPage.Leader(epoch: 4, isClosed: false, stance: Stance(mode: "repair", policies: "p")))
        switch pending {
        case .notSeenLongEnough: page.open = []
        case .backoff:
            let ended = Fleet.now - .minutes(1)
            page.tries = [id: Memory.Tries(attempts: 3, endedAt: ended)]
            page.attempts = [
                LedgerPage.Attempt(
                    driftID: id, number: 3, action: "edge_republish", state: "not_verified", why: "it does not show",
                    begunAt: Fleet.now - .minutes(2), endedAt: ended)
            ]
        case .budgetSpent: page.spent = [20, 10].map { Fleet.now - .seconds($0) }
        }
        let duty = Duty(mode: .repair, kinds: [KindPattern("*")], vmids: nil, cycle: .seconds(60))
        known.tell(page, policies: fleet.policies, duty: duty)
        let lines = FactSheetText.encode(known.sheet).split(separator: "\n").drop { !$0.hasPrefix("LEDGER") }
        return lines.filter { $0.contains(#/^ +(?:attempts|last|next) /#) }
    }

    /// As it is really said.
    @Test(arguments: Pending.allCases)
    func everyPendingHasAnExample(pending: Pending) throws {
        let section = try Self.section("## Pending", of: Self.operations)
        let said = try Self.ledger(pending)
        #expect(said.count >= 2)
        for line in said { #expect(section.contains(line), "\(line)") }
    }

    /// In the order of the code, in the words of the reports, with something to do.
    @Test func everyReasonNotToKnowIsExplained() throws {
        let rows = try Self.section("## Unknown", of: Self.operations).filter { $0.hasPrefix("| `") }
        let cells = rows.map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
        #expect(cells.map { $0[0] } == Unknown.allCases.map { "`\($0.rawValue)`" })
        #expect(cells.map { $0[1] } == Unknown.allCases.map(Words.unknown))
        #expect(cells.allSatisfy { $0.count == 3 && $0[2].count > 10 })
    }

    @Test func everyAlertIsExplained() throws {
        let alerts = try Self.text("packaging/alerts.yml").split(separator: "\n")
            .compactMap { $0.split(separator: "alert: ", maxSplits: 1).last }
            .filter { $0.hasPrefix("ZLH") }.map(String.init)
        #expect(alerts.count > 5)
        #expect(try Self.headings("## Alerts", of: Self.operations) == alerts)
    }

    /// A rule that nobody asks on a quiet day, or whose metric is not there, is silent for no reason.
    @Test func everyAlertIsAskedOnAQuietDayWithItsMetric() throws {
        let rules = try Self.text("packaging/alerts.yml")
        let quiet = try #require(
            try Self.text("packaging/alerts.test.yml").split(separator: "  - name: a quiet day").last?
                .split(separator: "\n\n").first)
        let alerts = rules.matches(of: #/alert: (\w+)/#).map(\.1)
        #expect(quiet.matches(of: #/alertname: (\w+), exp_alerts: \[\]/#).map(\.1) == alerts)
        let names = Set(Metrics.families.map(\.sampleName))
        for metric in rules.matches(of: #/zlh_\w+/#).map(\.0) where names.contains(String(metric)) {
            #expect(quiet.contains("series: '\(metric){"), "\(metric)")
        }
    }

    /// Each line of a block of commands is one that can be pasted: a page that was wrapped anew had joined them.
    @Test func everyCommandStandsOnALineOfItsOwn() throws {
        let command =
            #/zlh-controller (?:audit|doctor|events|explain|pause|migrate)|journalctl -|systemctl |curl -|psql -|redis-cli /#
        let lines = try Self.section("## Alerts", of: Self.operations).filter { $0.hasPrefix("    ") }
        #expect(lines.count > 20)
        for line in lines { #expect(line.matches(of: command).count == 1, "\(line)") }
    }

    @Test func everyMetricIsListedAndNoOther() throws {
        #expect(try Self.named("## Metrics", of: "docs/telemetry.md") == Metrics.families.map(\.sampleName))
    }

    /// Each message with its level; that of one depends on what it says.
    @Test func everyMessageOfTheLogIsListedAndNoOther() throws {
        let logged = try Self.text("Sources/CLI/DaemonLog.swift")
            .matches(of: #/logger\.(\w+)\(\s*(?:level: level, )?"([^"]+)"/#)
            .map { "\($0.2): \($0.1 == "log" ? "notice" : String($0.1))" }
        let rows = try Self.section("## Log", of: "docs/telemetry.md").filter { $0.hasPrefix("| `") }
        let listed = rows.flatMap { row in
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let level = cells[1].prefix { $0.isLetter }
            return cells[0].split(separator: "`").filter { $0 != ", " }.map { "\($0): \(level)" }
        }
        #expect(logged.count > 15 && logged.sorted() == listed.sorted())
    }

    /// What the log says of leadership is what a reader looks for.
    @Test func everyLossOfLeadershipIsExplained() throws {
        let rows = try Self.section("## Leadership", of: Self.operations).joined(separator: "\n")
        let holder = try #require(HolderID("01234567-89ab-4cde-8f01-23456789abcd"))
        let other = LockHolder(.controller(LockToken(id: "other", holder: holder)))
        let losses: [(LeadStanding.Loss, String)] = [
            (.lock(LockHolder(.nobody)), "the lock was gone"),
            (.lock(other), "the lock was taken away; "), (.pause, "stood still for longer than its lease"),
            (.redis("x"), "does not answer as it should"), (.database("x"), "does not answer as it should"),
            (.deposed, "the leadership row names another controller"),
        ]
        for (loss, words) in losses {
            #expect(Words.loss(loss).contains(words) && rows.contains(words), "\(words)")
        }
        let blind = Words.standing(.lost(.database("x")), at: Moment(microseconds: 0))
        #expect(!blind.contains("observing"), "without the desired state no plane is looked at")
        let (now, apart) = (Moment(microseconds: 0), "another controller leads by another lock")
        #expect(Words.standing(.rival(until: now), at: now).contains(apart) && rows.contains(apart))
    }

    @Test func alertsAskForMetricsThatThereAre() throws {
        let names = Set(Metrics.families.map(\.sampleName))
        let words = try Self.text("packaging/alerts.yml").split { !$0.isLetter && !$0.isNumber && $0 != "_" }
            .filter { $0.hasPrefix("zlh_") }.map(String.init)
        #expect(!words.isEmpty)
        #expect(words.filter { !names.contains($0) } == [])
        let labels = try MetricsTests.busy()
        for pair in [#"outcome="not_verified""#, #"reason="quarantined""#, #"reason="mass_change""#] {
            #expect(Metrics.text(labels).contains(pair), "\(pair)")
        }
    }
}
