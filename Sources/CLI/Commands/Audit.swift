import ArgumentParser
import Core
import Settings

/// `audit`: one observe, diff, decide pass. Writes nothing anywhere.
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares what should be with what is, once, and prints the report.",
        discussion: """
            Exit status: 0 in sync; 2 drift; 3 no drift found, but the report is incomplete; 1 error. Writes nothing anywhere.

            --vmid, --kind and --min-level narrow which drifts are shown and counted: in `drifts`, in `by_level` and in the \
            exit status. The instances are counted as they are: one with a drift that is not shown still counts as drifted. \
            --vmid narrows the instances and what is unknown, too. The planes are never narrowed, and so a filtered report \
            ends with 0 only when everything could be read. The plan's hash is that of the whole plan.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var source: EstateSource
    @Option(
        help: ArgumentHelp("Show only what is about this VMID.", valueName: "n"), transform: Arguments.vmid)
    var vmid: VMID?
    @Option(
        help: ArgumentHelp(
            "Show only this kind of drift, such as dns.public.srv_missing or dns.public.*", valueName: "kind"),
        transform: Arguments.kind)
    var kind: KindPattern?
    @Option(
        help: ArgumentHelp(
            "Show only drifts about which at least this would be done: 0 nothing, 1 automatic, 2 asked for, 3 by a person.",
            valueName: "level"), transform: Arguments.level)
    var minLevel: Level?
    @Option(help: "How to write the report.") var format = ReportFormat.text
    @Option(help: ArgumentHelp("Write the report here instead of stdout.", valueName: "file")) var output: String?

    func run() async throws {
        let whole = try await source.report(common)
        let report = whole.filtered(by: ReportFilter(vmid: vmid, kind: kind, minLevel: minLevel))
        try Terminal.output(encode(report), file: output)
        if report.exitStatus != 0 { throw ExitCode(report.exitStatus) }
    }

    private func encode(_ report: Report) -> [UInt8] {
        switch format {
        case .json: ReportJSON.encode(report)
        case .text: Array(ReportText.encode(report, usesColor: output == nil && Terminal.usesColor).utf8)
        case .markdown: Array(ReportMarkdown.encode(report).utf8)
        case .html: ReportHTML.encode(report)
        }
    }
}
