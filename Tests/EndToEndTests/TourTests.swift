import Core
import Foundation
import Testing
import World

@Suite("The tour of the README", .serialized)
struct TourTests {
    private static func readme() throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return String(decoding: try Data(contentsOf: root.appendingPathComponent("README.md")), as: UTF8.self)
    }

    /// The lines of each block of the tour; what it leaves out ends in an ellipsis.
    private static func blocks() throws -> [[Substring]] {
        let tour = try #require(try readme().split(separator: "\n## A tour\n").last?.split(separator: "\n## ").first)
        return tour.split(separator: "```", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
            .map { $0.element.split(separator: "\n") }
    }

    /// Ports are another in each run.
    private static func plain(_ line: some StringProtocol) -> String {
        String(line).replacing(#/127\.0\.0\.1:[0-9]+/#, with: "127.0.0.1:PORT")
    }

    private static func family(_ kind: DriftKind) -> Substring {
        kind.rawValue.prefix(upTo: kind.rawValue.lastIndex(of: ".") ?? kind.rawValue.endIndex)
    }

    @Test func theDemonstrationHasADriftOfEachFamilyAndTheTourShowsIt() throws {
        let families = Set(DriftKind.allCases.map(Self.family))
        #expect(families.count == 8)
        #expect(Set(Estate.demo().story.map { Self.family($0.kind) }) == families)
        let shown = try Self.blocks().joined().compactMap { line in
            DriftKind.allCases.first { line.hasSuffix("  \($0.rawValue)") }
        }
        #expect(Set(shown.map(Self.family)) == families)
    }

    @Test func theTourShowsWhatIsPrinted() async throws {
        let estate = Estate.demo()
        let scene = try await Scene(estate, endpoints: 2)
        let report = try #require(await scene.report())
        let printed = ReportText.encode(report, usesColor: false).split(separator: "\n").map(Self.plain)
        let blocks = try Self.blocks()
        #expect(blocks.count >= 8)
        for block in blocks {
            var rest = printed[...]
            for line in block.map(Self.plain) {
                let isWhole = !line.hasSuffix("...")
                let found = rest.firstIndex { isWhole ? $0 == line : $0.hasPrefix(line.dropLast(3)) }
                #expect(found != nil, "\(line)")
                if let found { rest = rest[(found + 1)...] }
            }
        }
        let words = try Self.readme().split { $0.isWhitespace }.joined(separator: " ")
        let (servers, planted) = (estate.instances.count, estate.story.count)
        #expect(words.contains("with \(servers) servers on which \(planted) things have drifted"))
        await scene.end()
    }
}
