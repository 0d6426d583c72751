import ArgumentParser
import Core

/// `explain`: all that is known and decided about one VMID.
struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says all that is known and decided about one VMID, and what would have to change for a repair.",
        discussion: """
            Reads the same listings as an audit, once. A VMID without a row is explained, too: an orphan, a server that was \
            deleted, out of scope, or nothing. Exit status 0 when it could be explained, 1 when not. Writes nothing anywhere.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument { case text, json }

    @OptionGroup var common: CommonOptions
    @OptionGroup var source: EstateSource
    @Option(help: "How to write it.") var format = Format.text
    @Option(help: ArgumentHelp("Write it here instead of stdout.", valueName: "file")) var output: String?
    @Argument(help: ArgumentHelp("The VMID.", valueName: "vmid"), transform: Arguments.vmid) var vmid: VMID

    func run() async throws {
        guard let known = try await source.report(common, .explain(vmid)).explanation else {
            throw Failure("the round ended without an explanation of VMID \(vmid)")
        }
        switch format {
        case .text: try Terminal.output(Array(ExplanationText.encode(known).utf8), file: output)
        case .json: try Terminal.output(ExplanationJSON.encode(known), file: output)
        }
    }
}
