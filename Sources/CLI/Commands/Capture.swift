import ArgumentParser
import Core
import Fixtures
import Runtime
import Settings

/// `capture`: records what one audit sees, for `audit --fixture`.
struct Capture: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Records desired and observed state as a file for audit --fixture.",
        discussion:
            "Never in it: secrets, payloads, and the content of records other than A, AAAA, CNAME and SRV. Writes nothing else."
    )

    @OptionGroup var common: CommonOptions
    @Option(help: ArgumentHelp("Where to write the capture.", valueName: "file")) var output: String

    func run() async throws {
        let configuration = try common.load()
        let policies = try common.policies(of: configuration)
        let (outcome, recorder) = try await LiveRound.run(configuration, policies: policies, logger: common.logger())
        switch outcome {
        case .desiredUnreadable(let failure):
            throw Failure(
                "the desired state cannot be read (\(failure.code.rawValue)): \(Foreign.text(failure.detail, limit: 1000))"
            )
        case .report(let report):
            guard
                let fixture = await recorder.fixture(
                    settings: configuration.pipelineSettings(), capturedAt: report.generatedAt)
            else { throw Failure("nothing was observed") }
            try Terminal.output(FixtureFile.encode(fixture), file: output)
            Terminal.tell(
                "captured \(report.summary.instances) instances; read it with: zlh-controller audit --fixture \(output)"
            )
            if !report.isComplete { Terminal.tell("what could not be read is in the capture as such") }
        }
    }
}
