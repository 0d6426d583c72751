import Core
import TestSupport
import Testing

@Suite("Reports as Markdown and HTML")
struct ReportFormatsTests {
    /// What somebody may have written into a name, a comment or a lock that a report then shows.
    static let injections = [
        "</style><script>alert(1)</script>", "</title><img src=x onerror=alert(1)>", "a|b\n| --- |\n|c|",
        "``` `x` ```", "`", "` [x](javascript:alert(1)) `", "\u{1B}[31mred\u{7}\u{0}", "\u{202E}evil\u{2066}",
        "\"' onmouseover=alert(1) x='", "&lt;b&gt;", "# heading\r\n- item", "![x](http://evil.example/x.png)",
        "@everyone https://evil.example", "\u{2028}line\u{2029}", "--><svg onload=alert(1)>", "`\u{301}`<b>", " ", "\\",
    ]

    private func fleet(_ text: String) -> Fleet {
        var fleet = Fleet()
        fleet.changeGuest(5001) { $0.name = text }
        fleet.changeRow(5002) { row in
            (row.hostname, row.customer, row.node) = (text, text, text)
        }
        fleet.changeRecord("a5003") { record in
            record.data = .cname(text)
            record.comment = text
        }
        fleet.unreadable = [
            UnreadableRow(table: .instance, vmid: nil, externalID: nil, hostname: text, why: text)
        ]
        fleet.pauses = [
            Pause(vmid: nil, since: Fleet.now, until: Fleet.now + .minutes(5), why: text, by: text)
        ]
        return fleet
    }

    /// With a queue that is not known, of whatever name: a fixture may call one as it likes.
    private func report(_ text: String) throws -> Report {
        var report = try #require(fleet(text).audit())
        report.unknown.append(UnknownFact(vmid: nil, plane: .queues, reason: .queueMissing, queue: text))
        return report
    }

    /// Each queue has its own name, and none is a row.
    @Test func unknownQueuesAreNamed() throws {
        var fleet = Fleet()
        fleet.observeQueues()
        let names = ["repair", "provisioning", "billing_enforcement"]
        var facts = Facts(desired: fleet.desired)
        facts.queues = Looks(
            Queues.judge(
                QueueReading(
                    endpoint: "127.0.0.1:6379/0", runID: "r", role: "master", serverTime: Fleet.now,
                    answers: names.map { .init(name: $0, queue: .success(.init(name: $0, exists: false))) },
                    startedAt: Fleet.now)))
        let unknown = Diff.run(facts, settings: fleet.settings).1.unknown.filter { $0.plane == .queues }
        #expect(unknown.map(\.queue) == names.sorted())
        var report = try #require(fleet.audit())
        report.unknown =
            unknown + [
                UnknownFact(vmid: nil, plane: .database, reason: .unreadableRow),
                UnknownFact(vmid: VMID(5002), plane: .database, reason: .unreadableRow),
                UnknownFact(vmid: nil, plane: .velocity, reason: .malformed),
            ]
        let what = ReportOutline(report).unknown.map(\.what)
        #expect(
            what == ["5002 and 1 row", "1 backend", "queues billing_enforcement, provisioning, repair"])
        let queues = "queues billing_enforcement, provisioning, repair"
        #expect(ReportText.encode(report, usesColor: false).contains("               \(queues)\n"))
        #expect(ReportMarkdown.encode(report).contains("  - `\(queues)`\n"))
        let json = String(decoding: ReportJSON.encode(report), as: UTF8.self)
        #expect(json.contains("\"queue\": \"repair\"") || json.contains("\"queue\":\"repair\""))
    }

    @Test(arguments: injections)
    func htmlStaysWhatItIs(_ text: String) throws {
        let report = try report(text)
        #expect(report.decisions.count > 1)
        let html = String(decoding: ReportHTML.encode(report), as: UTF8.self)
        let reference = String(
            decoding: ReportHTML.encode(try self.report("plainword")), as: UTF8.self)
        // The same tags as with a harmless word: nothing was opened, closed or given an attribute.
        #expect(tags(html).sorted() == tags(reference).sorted())
        #expect(!html.contains("<script") && !html.contains("<img") && !html.contains("<svg"))
        #expect(html.unicodeScalars.allSatisfy { $0 == "\n" || !Foreign.isDangerous($0) })
    }

    /// The names and attribute names of all tags, and every attribute but the titles' and anchors' text.
    private func tags(_ html: String) -> [String] {
        var found: [String] = []
        var rest = html[...]
        while let open = rest.firstIndex(of: "<") {
            let close = rest[open...].firstIndex(of: ">") ?? rest.index(before: rest.endIndex)
            let tag = rest[open...close]
            let isFree = tag.contains(" title=\"") || tag.contains("\"#d-") || tag.contains(" id=\"d-")
            found.append(isFree ? tag.prefix { $0 != "=" } + " \(tag.count { $0 == "\"" || $0 == "'" })" : String(tag))
            rest = rest[close...].dropFirst()
        }
        return found
    }

    @Test(arguments: injections)
    func markdownStaysWhatItIs(_ text: String) throws {
        let markdown = ReportMarkdown.encode(try report(text))
        let reference = ReportMarkdown.encode(try report("plainword"))
        // Without its code spans a report says the same whatever was injected.
        #expect(try skeleton(markdown) == skeleton(reference))
        #expect(markdown.unicodeScalars.allSatisfy { $0 == "\n" || !Foreign.isDangerous($0) })
    }

    @Test(arguments: injections)
    func textMovesNoCursor(_ text: String) throws {
        let lines = ReportText.encode(try report(text), usesColor: false)
        #expect(lines.unicodeScalars.allSatisfy { $0 == "\n" || !Foreign.isDangerous($0) })
        // Nor does it begin a line.
        let reference = ReportText.encode(try report("plainword"), usesColor: false)
        #expect(lines.count { $0 == "\n" } == reference.count { $0 == "\n" })
    }

    /// A document without its code spans, read by the rule of CommonMark 6.1; sorted, for drifts are sorted by name, too.
    private func skeleton(_ markdown: String) throws -> [String] {
        try markdown.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let scalars = Array(line.unicodeScalars)
            var (text, index) = ("", 0)
            while index < scalars.count {
                guard scalars[index] == "`" else {
                    text.unicodeScalars.append(scalars[index])
                    index += 1
                    continue
                }
                let fence = scalars[index...].prefix { $0 == "`" }.count
                var end = index + fence
                while end < scalars.count {
                    let run = scalars[end...].prefix { $0 == "`" }.count
                    if run == fence { break }
                    end += max(1, run)
                }
                try #require(end < scalars.count, "a code span is not closed: \(line)")
                text += "‹code›"
                index = end + fence
            }
            return text
        }.filter { !$0.contains("plan ") }.sorted()
    }

    @Test func thePageNeedsNothingElse() throws {
        var fleet = Fleet()
        fleet.removeRecord("s5002")
        let html = String(decoding: ReportHTML.encode(try #require(fleet.audit())), as: UTF8.self)
        let policy =
            #"<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"#
        #expect(html.contains(policy))
        for outside in ["<script", "<link", "<img", "<iframe", "url(", "@import", " src=", "<form", " on"]
        where outside != " on" {
            #expect(!html.contains(outside), "\(outside)")
        }
        #expect(html.contains("<th scope=\"col\">") && html.contains("lang=\"en\""))
        #expect(html.contains("prefers-color-scheme: dark") && html.contains("@media print"))
        // Not by colour alone: each cell has a sign, and says its standing to a screen reader.
        #expect(html.contains("<b aria-hidden=\"true\">!</b>5002<span class=\"said\"> drifted</span>"))
        #expect(html.contains("<b aria-hidden=\"true\">✓</b>5001<span class=\"said\"> in sync</span>"))
    }

    @Test func equalReportsAreEqualBytes() throws {
        var fleet = Fleet(9)
        fleet.removeRecord("s5003")
        fleet.removeGuest(5005)
        var shuffled = fleet
        shuffled.guests.reverse()
        shuffled.records.reverse()
        shuffled.instances.reverse()
        let (one, other) = (try #require(fleet.audit()), try #require(shuffled.audit()))
        #expect(ReportHTML.encode(one) == ReportHTML.encode(other))
        #expect(ReportMarkdown.encode(one) == ReportMarkdown.encode(other))
    }

    @Test func allFormatsUseTheSameWords() throws {
        var fleet = Fleet(9)
        fleet.removeRecord("s5003")
        fleet.changeGuest(5007) { $0.status = "stopped" }
        let report = try #require(fleet.audit())
        let text = ReportText.encode(report, usesColor: false)
        let markdown = ReportMarkdown.encode(report)
        let html = String(decoding: ReportHTML.encode(report), as: UTF8.self)
        let (word, sentence) = Words.answer(report)
        for words in [word, sentence, Words.counts(report), Words.title(.publicSRVMissing), Words.verdict(.manual)] {
            #expect(text.contains(words) && markdown.contains(words) && html.contains(words), "\(words)")
        }
        for decision in report.decisions {
            #expect(text.contains(Words.why(decision)) && markdown.contains(Words.why(decision)))
        }
    }

    /// It has no VMID and no host name by which one could tell which is meant.
    @Test func aQueueIsNamed() throws {
        var fleet = Fleet()
        fleet.observeQueues()
        fleet.queues.waiting = [
            QueueReading.Waiting(
                id: "1", createdAt: Fleet.now - .minutes(30), delay: .seconds(0), processedOn: nil)
        ]
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["queue.backlog -"])
        #expect(ReportText.encode(report, usesColor: false).contains("         queue     provisioning\n"))
        #expect(ReportMarkdown.encode(report).contains("  - queue: `provisioning`\n"))
        let html = String(decoding: ReportHTML.encode(report), as: UTF8.self)
        #expect(html.contains("<dt>queue</dt><dd>provisioning</dd>"))
    }

    /// WCAG 2.2, 1.4.3: text has a contrast of at least 4.5 to 1 with what is behind it, in each of the two palettes.
    @Test func everyPairOfColoursCanBeRead() throws {
        let html = String(decoding: ReportHTML.encode(try #require(Fleet(1).audit())), as: UTF8.self)
        let palettes = html.split(separator: ":root {").dropFirst().prefix(2).map { part in
            Dictionary(
                part.prefix { $0 != "}" }.split(separator: ";").compactMap { entry -> (String, String)? in
                    let pair = entry.split(separator: ":").map { $0.filter { !$0.isWhitespace } }
                    return pair.count == 2 && pair[0].hasPrefix("--") ? (pair[0], pair[1]) : nil
                }
            ) { $1 }
        }
        #expect(palettes.count == 2)
        for palette in palettes {
            var pairs = ["--text", "--quiet"].flatMap { text in ["--page", "--card"].map { (text, $0) } }
            for word in ["in-sync", "drifted", "unknown", "suppressed", "excluded"] {
                pairs += [("--\(word)", "--\(word)-back"), ("--\(word)", "--card")]
            }
            for (text, back) in pairs {
                let (one, other) = (luminance(try #require(palette[text])), luminance(try #require(palette[back])))
                let contrast = (max(one, other) + 0.05) / (min(one, other) + 0.05)
                #expect(contrast >= 4.5, "\(text) on \(back): \(contrast)")
            }
        }
    }

    private func luminance(_ color: String) -> Double {
        let value = UInt32(color.dropFirst(), radix: 16) ?? 0
        let parts = [16, 8, 0].map { Double(value >> UInt32($0) & 255) / 255 }.map { part -> Double in
            if part <= 0.04045 { return part / 12.92 }
            // ((part + 0.055) / 1.055) ^ 2.4, without a mathematics library: x^2.4 = x² · (x²)^(1/5), by Newton.
            let base = (part + 0.055) / 1.055
            let square = base * base
            var root = 1.0
            for _ in 0..<60 { root = (4 * root + square / (root * root * root * root)) / 5 }
            return square * root
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
}
