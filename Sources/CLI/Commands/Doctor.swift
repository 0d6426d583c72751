import ArgumentParser
import Core
import Runtime
import Settings

/// `doctor`: checks what the controller depends on and says what to do.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks each dependency, credential and permission, and says what to do about each failure.",
        discussion: """
            Each finding is ok, warn or fail, with why it matters and what to do. Exit status 0 when nothing fails; warnings do \
            not count. Writes nothing.
            """)

    @OptionGroup var common: CommonOptions
    @Option(help: "How to write it.") var format = ReportFormat.text
    @Option(help: ArgumentHelp("Write it here instead of stdout.", valueName: "file")) var output: String?

    func run() async throws {
        let configuration = try common.load()
        let policies = try common.policies(of: configuration)
        let installation: Installation
        do throws(Installation.SetupError) {
            installation = try Installation(configuration, readsClocks: true, now: WallClock.now)
        } catch {
            throw Failure(error.description)
        }
        var report = await Doctor(installation, policies: policies).report()
        await installation.close()
        report.findings.insert(
            contentsOf: [
                Finding(part: "config", .ok, common.config),
                Finding(part: "policies", .ok, Words.count(policies.policies.count, "policy rule")),
            ], at: 0)
        let bytes: [UInt8] =
            switch format {
            case .json: report.json
            case .text: Array(report.text.utf8)
            case .markdown, .html: format.encode(report.sheet)
            }
        try Terminal.output(bytes, file: output)
        if report.exitStatus != 0 { throw ExitCode(report.exitStatus) }
    }
}
