import Core
import Fixtures
import Foundation
import Runtime
import Settings
import TestSupport
import Testing

/// The command line as a process, on recorded estates: formats, filters, colours, files and exit statuses.
@Suite("The command line on fixtures")
struct CommandLineTests {
    static func fixture(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("fixtures/\(name).json").path
    }

    /// A folder of its own, removed with its test.
    final class Folder {
        let path = "/tmp/zlh-commands-" + String(UInt64.random(in: .min ... .max), radix: 36)
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { _ = Result { try FileManager.default.removeItem(atPath: path) } }
        func file(_ name: String) -> String { "\(path)/\(name)" }
        func text(_ name: String) -> String {
            String(decoding: FileManager.default.contents(atPath: file(name)) ?? Data(), as: UTF8.self)
        }
        func mode(_ name: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: file(name))[.posixPermissions] as? Int
        }
    }

    private static let drifting = fixture("deleted-srv")
    private static let blind = fixture("lost-permission")

    /// The report of a fixture as this process makes it.
    private func report(_ path: String) async throws -> Report {
        let fixture = try FixtureFile.read(path: path)
        let outcome = await AuditRun(observers: FixtureObservers(fixture), clock: FixtureClock(fixture.capturedAt))
            .run(Controller(settings: fixture.settings, policies: try PolicyFiles.builtIn(), calendar: .always))
        var report: Report?
        if case .report(let made) = outcome { report = made }
        return try #require(report)
    }

    // MARK: Formats and files

    @Test func anAuditWritesEachFormatToStdoutAndToAFile() async throws {
        let folder = try Folder()
        let report = try await report(Self.drifting)
        let wanted: [(String, String)] = [
            ("text", ReportText.encode(report, usesColor: false)),
            ("json", String(decoding: ReportJSON.encode(report), as: UTF8.self)),
            ("markdown", ReportMarkdown.encode(report)),
            ("html", String(decoding: ReportHTML.encode(report), as: UTF8.self)),
        ]
        for (format, text) in wanted {
            let arguments = ["audit", "--fixture", Self.drifting, "--format", format]
            let run = try await CommandRun(arguments)
            #expect(run.status == 2 && run.errors == "" && run.output == text, "\(format)")
            let filed = try await CommandRun(arguments + ["--output", folder.file(format)])
            #expect(filed.status == 2 && filed.output == "" && filed.errors == "" && folder.text(format) == text)
            // Customers' names are in it.
            #expect(try folder.mode(format) == 0o600)
        }
        let json = try JSONSerialization.jsonObject(with: Data(folder.text("json").utf8)) as? [String: Any]
        #expect(json?["schema"] as? Int == 1 && (json?["drifts"] as? [Any])?.count == 1)
        #expect((try FileManager.default.contentsOfDirectory(atPath: folder.path)).sorted() == wanted.map(\.0).sorted())
    }

    @Test func aFileIsReplacedWholeOrNotAtAll() async throws {
        let folder = try Folder()
        let arguments = ["audit", "--fixture", Self.drifting, "--output"]
        let path = folder.file("report")
        #expect(FileManager.default.createFile(atPath: path, contents: Data("old".utf8)))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(try await CommandRun(arguments + [path]).status == 2)
        #expect(folder.text("report").hasPrefix("DRIFT"))
        #expect(try folder.mode("report") == 0o644)

        let nowhere = try await CommandRun(arguments + [folder.file("none/report")])
        #expect(nowhere.status == 1 && nowhere.output == "" && nowhere.errors.contains("cannot be written"))
        let full = try await CommandRun(arguments + ["/dev/full"])
        #expect(full.status == 1 && full.errors.contains("could not be written whole"))
    }

    // MARK: Filters and exit statuses

    @Test(
        "Exit statuses of an audit",
        arguments: [
            (["--fixture", drifting], 2), (["--fixture", drifting, "--vmid", "5002"], 2),
            (["--fixture", drifting, "--vmid", "5001"], 0), (["--fixture", drifting, "--vmid", "5999"], 0),
            (["--fixture", drifting, "--kind", "dns.public.*"], 2),
            (["--fixture", drifting, "--kind", "container.missing"], 0),
            (["--fixture", drifting, "--min-level", "1"], 2), (["--fixture", drifting, "--min-level", "2"], 0),
            (["--fixture", blind], 3), (["--fixture", blind, "--kind", "dns.public.*"], 3),
            (["--fixture", "/nonexistent.json"], 1), (["--config", "/nonexistent.yaml"], 1),
            (["--fixture", drifting, "--config", "/nonexistent.yaml"], 1),
            (["--fixture", drifting, "--vmid", "99"], 64), (["--fixture", drifting, "--kind", "dns.publik.*"], 64),
            (["--fixture", drifting, "--min-level", "4"], 64), (["--fixture", drifting, "--format", "xml"], 64),
            (["--nonsense"], 64), (["--output"], 64),
        ] as [([String], Int32)])
    func anAuditEndsWith(_ arguments: [String], status: Int32) async throws {
        let run = try await CommandRun(["audit"] + arguments)
        #expect(run.status == status, "\(run.errors)")
        switch status {
        case 0, 2, 3: #expect(run.errors == "" && run.output.hasSuffix("\n"))
        default: #expect(run.output == "" && run.errors.hasPrefix("Error: "), "\(run.errors)")
        }
    }

    @Test func whatIsFilteredIsSaidAndCounted() async throws {
        let run = try await CommandRun(["audit", "--fixture", Self.drifting, "--vmid", "5001", "--kind", "dns.*"])
        #expect(run.output.hasPrefix("NO DRIFT") && run.output.contains("VMID 5001, kind dns.*"))
        let wrong = try await CommandRun(["audit", "--fixture", Self.drifting, "--kind", "container.mising"])
        #expect(wrong.errors.contains("container.missing"), "the nearest kind is named")
    }

    @Test(
        "Exit statuses of the other commands",
        arguments: [
            (["--help"], 0), (["--version"], 0), (["audit", "--help"], 0), (["nonsense"], 64),
            (["explain"], 64), (["explain", "12"], 64), (["explain", "5001", "--config", "/nonexistent.yaml"], 1),
            (["explain", "5001", "--fixture", "/nonexistent.json"], 1),
            (["accept", "x", "--reason", "r", "--for", "1d"], 64),
            (["accept", "0123456789abcdef", "--reason", "", "--for", "1d"], 64),
            (["accept", "0123456789abcdef", "--reason", "r", "--for", "2y"], 64),
            (["accept", "0123456789abcdef", "--reason", "r", "--for", "1d", "--config", "/nonexistent.yaml"], 1),
            (["approve", "sha256:1"], 64), (["pause", "--for", "2h"], 64), (["events", "--since", "yesterday"], 64),
            (["capture"], 64), (["capture", "--output", "/tmp/x", "--config", "/nonexistent.yaml"], 1),
            (["doctor", "--config", "/nonexistent.yaml"], 1), (["doctor", "--format", "pdf"], 64),
            (["migrate", "--config", "/nonexistent.yaml"], 1), (["notify", "preview"], 64),
            (["notify", "preview", "--fixture", "/nonexistent.json"], 1),
            (["notify", "test", "--config", "/nonexistent.yaml"], 1),
            (["policy", "check", "/nonexistent"], 1), (["run", "--config", "/nonexistent.yaml"], 1),
        ] as [([String], Int32)])
    func aCommandEndsWith(_ arguments: [String], status: Int32) async throws {
        let run = try await CommandRun(arguments)
        #expect(run.status == status, "\(run.errors)")
        if status == 0 {
            #expect(run.errors == "" && !run.output.isEmpty)
        } else {
            #expect(run.output == "" && !run.errors.isEmpty)
        }
    }

    // MARK: Colours

    @Test func coloursAreForATerminalThatWantsThem() async throws {
        let arguments = ["audit", "--fixture", Self.drifting]
        func isColoured(_ environment: [String: String], onTerminal: Bool, _ more: [String] = []) async throws -> Bool {
            let run = try await CommandRun(arguments + more, environment: environment, onTerminal: onTerminal)
            #expect(run.status == 2 && run.errors == "" && (run.output.contains("DRIFT") || !more.isEmpty))
            return run.output.contains("\u{1B}[")
        }
        #expect(try await isColoured([:], onTerminal: true))
        // https://no-color.org: only when it is not empty.
        #expect(try await isColoured(["NO_COLOR": ""], onTerminal: true))
        #expect(try await !isColoured(["NO_COLOR": "1"], onTerminal: true))
        #expect(try await !isColoured(["TERM": "dumb"], onTerminal: true))
        #expect(try await !isColoured([:], onTerminal: false))
        #expect(try await !isColoured([:], onTerminal: true, ["--format", "json"]))
        let folder = try Folder()
        #expect(try await !isColoured([:], onTerminal: true, ["--output", folder.file("report")]))
        #expect(!folder.text("report").contains("\u{1B}") && folder.text("report").hasPrefix("DRIFT"))
        let plain = try await CommandRun(arguments)
        let shown = try await CommandRun(arguments, environment: ["NO_COLOR": "1"], onTerminal: true)
        #expect(plain.output == shown.output)
    }

    // MARK: Commands on a fixture

    @Test func anExplanationComesInEachFormat() async throws {
        let folder = try Folder()
        let arguments = ["explain", "5002", "--fixture", Self.drifting]
        let answer = "VMID 5002 is game server 'mc-paper-5002': drifted, 1 open drift"
        let text = try await CommandRun(arguments)
        #expect(text.status == 0 && text.errors == "" && text.output.hasPrefix(answer + "\n"))
        for part in ["SHOULD BE", "wanted     SRV 0 0 25565", "absent     no record at this name", "DRIFTS (1)"] {
            #expect(text.output.contains(part), "\(part)")
        }
        let json = try await CommandRun(arguments + ["--format", "json"])
        let tree = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect(json.status == 0 && tree?["words"] as? String == answer && tree?["answer"] as? String == "instance")
        let markdown = try await CommandRun(arguments + ["--format", "markdown"])
        #expect(markdown.status == 0 && markdown.output.hasPrefix("# `\(answer)`\n"))
        let html = try await CommandRun(arguments + ["--format", "html", "--output", folder.file("page")])
        #expect(html.status == 0 && html.output == "" && folder.text("page").hasPrefix("<!DOCTYPE html>"))
        #expect(folder.text("page").contains("dns.public.srv_missing"))
        let nothing = try await CommandRun(["explain", "5500", "--fixture", Self.drifting])
        #expect(nothing.status == 0 && nothing.output.hasPrefix("VMID 5500 is nothing"))
        let shown = try await CommandRun(arguments, onTerminal: true)
        #expect(shown.output == text.output)
    }

    @Test func aPreviewShowsWhatWouldBeTold() async throws {
        let run = try await CommandRun(["notify", "preview", "--fixture", Self.drifting])
        #expect(run.status == 0 && run.errors == "")
        #expect(run.output.hasPrefix("alerts\n") && run.output.contains("mc-paper-5002"))
        let quiet = try await CommandRun(["notify", "preview", "--fixture", Self.blind])
        #expect(quiet.status == 0 && !quiet.output.contains("mc-paper-5002"))
    }

    /// As the configuration would have it told, where there is one: the example is a dry-run.
    @Test func aPreviewIsADryRunWhereTheConfigurationIsOne() async throws {
        let folder = try Folder()
        let example = try String(contentsOfFile: "docs/config.example.yaml", encoding: .utf8)
        let lines = example.split(separator: "\n", omittingEmptySubsequences: false)
        for mode in ["dry-run", "repair"] {
            let text = lines.filter { !$0.hasPrefix("policies:") }.map {
                $0.hasPrefix("mode:") ? "mode: \(mode)" : String($0)
            }.joined(separator: "\n")
            #expect(FileManager.default.createFile(atPath: folder.file("c.yaml"), contents: Data(text.utf8)))
            let run = try await CommandRun(
                ["notify", "preview", "--fixture", Self.drifting, "--config", folder.file("c.yaml")])
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.contains("[DRY-RUN] ") == (mode == "dry-run") && run.output.contains("mc-paper-5002"))
        }
    }

    @Test func policiesAreCheckedWithoutAConfiguration() async throws {
        let folder = try Folder()
        let policy = """
            policies:
              - { name: clear, kinds: ["operation.stale"], level: 1, action: clear_stale_operation_lock }

            """
        #expect(FileManager.default.createFile(atPath: folder.file("10.yaml"), contents: Data(policy.utf8)))
        let good = try await CommandRun(["policy", "check", folder.path])
        #expect(good.status == 0 && good.errors == "" && !good.output.isEmpty)
        let typo = policy.replacingOccurrences(of: "kinds", with: "kindz")
        #expect(FileManager.default.createFile(atPath: folder.file("10.yaml"), contents: Data(typo.utf8)))
        let bad = try await CommandRun(["policy", "check", folder.path])
        #expect(bad.status == 1 && bad.output == "")
        #expect(bad.errors.contains("10.yaml") && bad.errors.contains("kinds"))
    }
}
