import Core
import Foundation
import Settings
import Testing
import Yams

@Suite("What the documentation shows")
struct ExampleTests {
    @Test func theExampleConfigurationIsRead() throws {
        let configuration = try Configuration.read(
            Array(Data(contentsOf: example)), file: "config.example.yaml", folder: "/etc", hasPolicyFolder: true)
        let settings = configuration.pipelineSettings()
        #expect(Plane.allCases.allSatisfy(settings.isConfigured), "it shows every plane")
        #expect(settings.scope == .defaults, "it says that these are the defaults")
    }

    /// The reader says itself which keys it knows, where it meets one that it does not.
    @Test func theExampleHoldsEveryKeyThatIsRead() throws {
        let text = try Data(contentsOf: example)
        let tree = try #require(try Yams.load(yaml: String(decoding: text, as: UTF8.self)) as? [String: Any])
        var seen = 0
        func walk(_ map: [String: Any], _ path: [String]) {
            let known = known(at: path, in: text)
            let secret: Set = ["file", "env", "value"]
            // A webhook's name is the operator's, and a secret is at one place.
            guard Set(known) != secret, path != ["discord", "webhooks"] else { return }
            #expect(Set(known) == Set(map.keys), "\(path)")
            seen += known.count
            for (key, value) in map { if let inner = value as? [String: Any] { walk(inner, path + [key]) } }
        }
        walk(tree, [])
        #expect(seen > 60, "a walk that sees nothing finds nothing missing")
    }

    private var example: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/config.example.yaml")
    }

    /// The keys that may stand in the map at `path`.
    private func known(at path: [String], in text: Data) -> [String] {
        let stranger = (path + ["qqqqqqqqqqqqqqqq"]).joined(separator: "__").uppercased()
        do throws(ConfigurationError) {
            _ = try Configuration.read(
                Array(text), file: "config.example.yaml", folder: "/etc", hasPolicyFolder: true,
                environment: ["ZLH__" + stranger: "1"])
            return []
        } catch {
            let told = error.description
            guard let start = told.range(of: "known here: ") else { return [told] }
            return told[start.upperBound...].split(separator: "\n")[0].split(separator: ",")
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }
}
