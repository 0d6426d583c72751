import Core
import TestSupport
import Testing

/// Whatever stands in a message, Discord takes it, and nobody is called by it.
@Suite("Messages and their limits")
struct MessageLimitsTests {
    static let hostile = [
        "@everyone @here <@1> <@&2> <#3>", "```js\ncode", "`a` ``b`` `",
        "__a__ **b** ~~c~~ ||d|| > e # f [g](http://h)",
        "\u{202e}gnirts\u{0}\u{1b}[31m\u{200b}", String(repeating: "`", count: 3000),
        String(repeating: "a\u{301}\u{302}\u{303}\u{304}", count: 10_000),
        "x" + String(repeating: "\u{301}", count: 50_000), String(repeating: "👩‍👩‍👧‍👦", count: 2000), "", " ", "\n\n\n",
        String(repeating: "\\", count: 999), "\u{fffd}\u{feff}", "- a\n- b\n# c", "https://evil.example/?a=b",
    ]

    static func incident(_ text: String, drifts: Int = 3) -> Incident {
        var incident = Incident(id: text, topic: .drifts, level: .disruptive, openedAt: Fleet.now)
        incident.kinds = [.containerStopped, .publicAMissing]
        incident.vmid = VMID(5001)
        incident.hostname = text
        incident.drifts = drifts
        incident.attempts = 4
        incident.trouble = text
        incident.tallies = [
            .init(kind: .containerStopped, verdict: .manual, reason: .noAction, count: drifts),
            .init(kind: .publicAMissing, verdict: .held, reason: .quarantined, count: drifts),
        ]
        incident.examples = (0..<8).map { _ in
            .init(kind: .containerStopped, vmid: VMID(5001), hostname: text, detail: text)
        }
        return incident
    }

    private static func condition(_ text: String, _ topic: Incident.Topic) -> Incident {
        var incident = Incident(id: text, topic: topic, level: .disruptive, openedAt: Fleet.now)
        (incident.subject, incident.text) = (text, text)
        return incident
    }

    /// What is left of a line without the characters that are escaped in it, and without times.
    private static func unescaped(_ text: Substring) -> String {
        var bare = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            if character == "\\" { _ = rest.popFirst() } else { bare.append(character) }
        }
        return bare
    }

    private func check(_ message: ChatMessage, _ text: String) {
        func length(_ text: String) -> Int { text.unicodeScalars.count }
        #expect(length(message.title) <= 256 && !message.title.isEmpty)
        #expect(length(message.description) <= 4096)
        #expect(length(message.footer) <= 2048)
        #expect(message.fields.count <= 25 && message.length <= 6000)
        for field in message.fields {
            #expect(length(field.name) <= 256 && length(field.value) <= 1024)
            #expect(!field.name.isEmpty && !field.value.isEmpty)
        }
        // Within code nothing has a meaning; outside of it nothing foreign is left as it was.
        for line in message.description.split(separator: "\n") {
            let parts = line.split(separator: "`", omittingEmptySubsequences: false)
            #expect(parts.count % 2 == 1, "code stays open: \(line.prefix(200))")
            for index in stride(from: 0, to: parts.count, by: 2) {
                let bare = Self.unescaped(parts[index])
                for bad in ["@everyone", "@here", "<@", "<#", "_", "||", "~~", "://", ">", "["] {
                    #expect(!bare.contains(bad), "\(bad) in \(parts[index].prefix(100))")
                }
            }
        }
        for bad in ["@everyone", "@here", "\u{202e}", "\u{1b}", "\n"] { #expect(!message.title.contains(bad)) }
        let shown = message.asText.unicodeScalars
        #expect(!shown.contains { $0.value < 32 && $0 != "\n" } && !shown.contains("\u{202e}"))
    }

    @Test(arguments: hostile.indices, [false, true])
    func foreignTextIsHarmlessAndFits(index: Int, isPlain: Bool) {
        let text = Self.hostile[index]
        let teller = IncidentMessage.Teller(id: text, isDryRun: true)
        let write = IncidentMessage(teller, mayRepeat: true, isPlain: isPlain)
        check(write.message([Self.incident(text)]), text)
        check(write.message((0..<300).map { _ in Self.incident(text, drifts: 9000) }), text)
        for topic in [Incident.Topic.plane, .brake, .leader, .sink] {
            check(write.message([Self.condition(text, topic)]), text)
        }
        for change in [DatabaseOutage.Change.gone(ReadFailure(.refused, text, at: Fleet.now)), .back] {
            check(DatabaseOutage.message(change, teller: teller, host: text), text)
        }
        check(ChatMessage.test(teller, webhook: text), text)
        if isPlain, text.count > 5 {
            let said = write.message([Self.incident(text)])
            #expect(!(said.title + said.description).contains(text.prefix(5)))
        }
    }

    @Test func whatIsTooLongIsCutBetweenCharacters() {
        let family = "👩‍👩‍👧‍👦"
        let cut = ChatText.cut(String(repeating: family, count: 100), 50)
        #expect(cut.unicodeScalars.count <= 50)
        #expect(cut.dropLast().allSatisfy { $0 == Character(family) } && cut.last == "…")
        #expect(ChatText.cut("abc", 3) == "abc" && ChatText.cut("abcd", 3) == "ab…")
        #expect(ChatText.cut("a" + String(repeating: "\u{301}", count: 99), 10).unicodeScalars.count == 10)
        #expect(ChatText.cut("abc", 0) == "")
    }

    @Test func linesAreToldWholeOrCounted() {
        let lines = (0..<100).map { "line \($0)" }
        let text = ChatText.lines(lines, limit: 100)
        #expect(text.unicodeScalars.count <= 100 && text.hasSuffix(" more"))
        let told = text.split(separator: "\n")
        let more = Int(told.last?.split(separator: " ").dropFirst(2).first ?? "") ?? 0
        #expect(told.count - 1 + more == 100)
        #expect(ChatText.lines(["a", "b"], limit: 3) == "a\nb")
        for limit in 0..<60 { #expect(ChatText.lines(lines, limit: limit).unicodeScalars.count <= limit) }
    }

    @Test func fieldsAreLeftOutBeforeTheyCostTheMessage() {
        let long = String(repeating: "x", count: 5000)
        let message = ChatMessage(
            title: long, lines: Array(repeating: long, count: 9),
            fields: [.init("", "v"), .init("n", " ")] + (0..<40).map { .init("\($0) \(long)", long) }, footer: long,
            colour: .red)
        check(message, long)
        #expect(!message.fields.contains { $0.name.isEmpty })
    }

    @Test func aDryRunCannotBeMistaken() {
        let real = IncidentMessage(.init(id: "a", isDryRun: false)).message([Self.incident("h")])
        let dry = IncidentMessage(.init(id: "a", isDryRun: true)).message([Self.incident("h")])
        #expect(dry.title.hasPrefix("[DRY-RUN] ") && dry.footer.contains("nothing is changed"))
        #expect(!real.title.contains("DRY") && real.digest != dry.digest)
    }

    @Test func levelsHaveColours() {
        func colour(_ verdict: Verdict, _ reason: Reason, _ level: Level) -> ChatMessage.Colour {
            var incident = Self.incident("h")
            incident.level = level
            incident.tallies = [.init(kind: .containerStopped, verdict: verdict, reason: reason, count: 1)]
            return IncidentMessage(.init(id: "a", isDryRun: false)).message([incident]).colour
        }
        #expect(colour(.report, .observeOnly, .report) == .grey)
        #expect(colour(.repair, .policyMatched, .automatic) == .blue)
        #expect(colour(.held, .agentBusy, .automatic) == .orange)
        #expect(colour(.approvalRequired, .approvalMissing, .disruptive) == .orange)
        #expect(colour(.manual, .personOnly, .destructive) == .red)
        #expect(colour(.held, .quarantined, .automatic) == .red)
        // Repairs that ask are no worse as a condition than as drifts.
        let colours: [(Incident.Topic, ChatMessage.Colour)] = [(.approval, .orange), (.brake, .red), (.plane, .red)]
        for (topic, expected) in colours {
            let condition = Incident(id: "c", topic: topic, level: .disruptive, openedAt: Fleet.now)
            #expect(IncidentMessage(.init(id: "a", isDryRun: false)).message([condition]).colour == expected)
        }
        var over = Self.incident("h")
        (over.tallies, over.closedAt, over.repaired, over.isMended) = ([], Fleet.now + .minutes(3), 1, true)
        let message = IncidentMessage(.init(id: "a", isDryRun: false)).message([over])
        #expect(message.colour == .green && message.title.hasPrefix("Repaired: "))
        #expect(message.description.contains("After 3 min, 4 attempts"))
    }

    /// The words of a message are those of the report: one place has them.
    @Test func everyStageSaysWhatAPersonCanDo() {
        for stage in Stage.allCases {
            #expect(!Words.headline(stage).isEmpty && !Words.stage(stage, isDryRun: true).isEmpty)
        }
        let told = IncidentMessage(.init(id: "a", isDryRun: false)).message([Self.incident("h")])
        #expect(told.description.contains("`zlh-controller events --vmid 5001`"))
        #expect(told.description.contains(Words.title(.containerStopped)))
    }

    /// The test message of a dry-run is one, too.
    @Test func aTestMessageSaysWhetherItIsADryRun() {
        let titles = [true, false].map {
            ChatMessage.test(IncidentMessage.Teller(id: "t", isDryRun: $0), webhook: "alerts").title
        }
        #expect(titles == ["[DRY-RUN] Test", "Test"])
    }
}
