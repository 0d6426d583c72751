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
            """
            Never in it: secrets, payloads, and the content of records other than A, AAAA, CNAME and SRV. Writes nothing else.

            With --anonymize pseudonyms stand for customers, host and record names, external ids, addresses, nodes, pools, \
            the cluster, the zone, endpoints, the ids of operations and records, comments of others, persons and reasons; an \
            audit of the file finds the same kinds, verdicts, reasons and counts, also where they rest on acceptances, on \
            former repairs or on an approval. VMIDs, games, ports, the patterns of scope, queues, times and states stay. \
            What a daemon knows by having watched is in no capture.
            """)

    @OptionGroup var common: CommonOptions
    @Option(help: ArgumentHelp("Where to write the capture.", valueName: "file")) var output: String
    @Flag(help: "Put pseudonyms in the place of names, to give the file to somebody.") var anonymize = false

    func run() async throws {
        let configuration = try common.load()
        let policies = try common.policies(of: configuration)
        let (outcome, recorder) = try await LiveRound.run(configuration, policies: policies, logger: common.logger())
        let report = try outcome.report()
        guard
            var fixture = await recorder.fixture(
                settings: configuration.pipelineSettings(), capturedAt: report.generatedAt)
        else { throw Failure("nothing was observed") }
        if anonymize { fixture = await AnonymousCapture.make(of: fixture, policies: policies) }
        try Terminal.output(FixtureFile.encode(fixture), file: output)
        Terminal.tell(
            "captured \(report.summary.instances) instances; read it with: zlh-controller audit --fixture \(output)")
        if !report.isComplete { Terminal.tell("what could not be read is in the capture as such") }
    }
}
