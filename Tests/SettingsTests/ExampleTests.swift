import Core
import Foundation
import Settings
import Testing

@Suite("What the documentation shows")
struct ExampleTests {
    @Test func theExampleConfigurationIsRead() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try Data(contentsOf: root.appendingPathComponent("docs/config.example.yaml"))
        let configuration = try Configuration.read(
            Array(text), file: "config.example.yaml", folder: root.path, hasPolicyFolder: true)
        let settings = configuration.pipelineSettings()
        #expect(Plane.allCases.allSatisfy(settings.isConfigured), "it shows every plane")
        #expect(settings.scope == .defaults, "it says that these are the defaults")
    }
}
