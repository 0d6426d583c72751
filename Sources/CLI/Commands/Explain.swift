import ArgumentParser
import Core
import Postgres
import Runtime
import Settings

/// `explain`: all that is known and decided about one VMID.
struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says all that is known and decided about one VMID, and what would have to change for a repair.",
        discussion: """
            Asks for that one alone: its agent, its guest with its addresses and tasks, its jobs. Where a system only has \
            whole listings (the inventory of Proxmox, a zone, the proxy's list) it reads that one, and again only what \
            seems to be gone. Where the role of postgres.url may, it also reads what the daemon's ledger has of it: since \
            when, how often it was tried, and what comes next. A VMID without a row is explained, too: an orphan, a server \
            that was deleted, out of scope, or nothing. Exit status 0 when it could be explained, 1 when not. Writes \
            nothing anywhere.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var source: EstateSource
    @Option(help: "How to write it.") var format = ReportFormat.text
    @Option(help: ArgumentHelp("Write it here instead of stdout.", valueName: "file")) var output: String?
    @Argument(help: ArgumentHelp("The VMID.", valueName: "vmid"), transform: Arguments.vmid) var vmid: VMID

    func run() async throws {
        guard var known = try await source.report(common, .explain(vmid)).explanation else {
            throw Failure("the round ended without an explanation of VMID \(vmid)")
        }
        if source.fixture == nil { try await readLedger(&known) }
        try Terminal.output(format == .json ? ExplanationJSON.encode(known) : format.encode(known.sheet), file: output)
    }

    /// What a running daemon has done and will do. An audit's role may not read it; the rest is explained all the same.
    private func readLedger(_ known: inout Explanation) async throws {
        let configuration = try common.load()
        let policies = try common.policies(of: configuration)
        let database = try DatabaseCall.open(configuration)
        do throws(PostgresError) {
            let page = try await LedgerReader(database).read(
                vmid, besides: known.cases.map(\.decision.drift.id), timeout: configuration.postgres.timeout)
            known.tell(page, policies: policies, duty: Duty(configuration))
        } catch  where error.code == .permission {
            known.ledger = .unreadable(
                "the role of postgres.url may read views only; with zlh_run's, explain tells since when, how often it was "
                    + "tried, and what comes next")
        } catch {
            known.ledger = .unreadable(error.description)
        }
        await database.close()
    }
}
