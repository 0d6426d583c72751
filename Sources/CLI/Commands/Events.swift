import ArgumentParser
import Core
import Postgres

/// `events`: what changed and what was done, from the database.
struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows the history: drifts that opened, changed and closed, and every step of a repair.",
        discussion: """
            Reads controller.repair_event, as the role of postgres.url: zlh_run may. Oldest first. Of more than \
            \(EventReader.most) events the newest are shown, and stderr says so.
            """)

    @OptionGroup var common: CommonOptions
    @Option(
        help: ArgumentHelp("How far back, such as 24h or 7d.", valueName: "span"), transform: Arguments.span)
    var since: Span = .minutes(24 * 60)
    @Option(help: "One instance only.", transform: Arguments.vmid) var vmid: VMID?
    @Option(help: "How to write it.") var format = ReportFormat.text
    @Option(help: ArgumentHelp("Write it here instead of stdout.", valueName: "file")) var output: String?

    func run() async throws {
        let (since, vmid) = (since, vmid)
        let (events, isCut) = try await DatabaseCall.run(common, "the events could not be read") {
            database, timeout throws(PostgresError) in
            try await EventReader(database).read(since: since, vmid: vmid, timeout: timeout)
        }
        if isCut { Terminal.tell(EventWords.cut(events)) }
        switch format {
        case .json: try Terminal.output(EventWords.json(events), file: output)
        case .markdown, .html:
            try Terminal.output(format.encode(EventWords.sheet(events, over: since, isCut: isCut)), file: output)
        case .text:
            let lines = events.isEmpty ? ["nothing has changed in that time"] : events.map(EventWords.line)
            try Terminal.output(Array((lines.joined(separator: "\n") + "\n").utf8), file: output)
        }
    }
}
