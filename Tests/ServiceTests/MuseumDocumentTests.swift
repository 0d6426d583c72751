import Foundation
import Testing

/// What a document says is shown by a test is shown by one that exists.
@Suite("The museum's document")
struct MuseumDocumentTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The functions of every file of tests.
    private static func functions() throws -> Set<Substring> {
        let files = try #require(
            FileManager.default.enumerator(at: root.appendingPathComponent("Tests"), includingPropertiesForKeys: nil))
        var names: Set<Substring> = []
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            let tests = text.matches(of: /@Test[^\n]*?(?:\n[^\n]*?){0,40}?func ([A-Za-z0-9]+)/)
            names.formUnion(tests.map(\.output.1))
        }
        return names
    }

    @Test func eachTestThatItNamesExists() throws {
        let text = try String(contentsOf: Self.root.appendingPathComponent("docs/museum.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| incident") }
        #expect(rows.count > 30)
        let known = try Self.functions()
        for row in rows {
            let tests = row.split(separator: "|").last ?? ""
            let named = tests.matches(of: /`([A-Za-z0-9]+)`/).map(\.output.1)
            #expect(!named.isEmpty, "\(row)")
            for name in named where !known.contains(name) { Issue.record("no test is called \(name)") }
        }
    }
}
