import ArgumentParser
import Core
import Runtime
import Settings

/// `doctor`: checks what the controller depends on and says what to do.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks each dependency, credential and permission, and says what to do about each failure.",
        discussion: "Exit status 0 when nothing is broken; warnings do not count. Writes nothing.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let configuration = try common.load()
        let policies = try common.policies(of: configuration)
        let installation: Installation
        do throws(Installation.SetupError) {
            installation = try Installation(configuration, now: WallClock.now)
        } catch {
            throw Failure(error.description)
        }
        let findings = await Doctor(installation, policies: policies).run()
        await installation.close()
        var lines = [
            "good     config        \(common.config), installation '\(configuration.id)', mode \(configuration.mode.rawValue)"
        ]
        lines.append("good     policies      \(policies.policies.count) policies")
        for finding in findings {
            let status = finding.status.rawValue.padded(8)
            lines.append("\(status) \(finding.part.padded(13)) \(Foreign.text(finding.what, limit: 600))")
            if let remedy = finding.remedy { lines.append("         \("".padded(13)) → \(remedy)") }
        }
        let isConfigured = configuration.pipelineSettings().isConfigured
        let missing = Plane.allCases.filter { !isConfigured($0) }
        if !missing.isEmpty {
            lines.append("-        not configured: \(missing.map(\.rawValue).joined(separator: ", "))")
        }
        try Terminal.output(Array((lines.joined(separator: "\n") + "\n").utf8), file: nil)
        if findings.contains(where: { $0.status == .bad }) { throw ExitCode(1) }
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
