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
            Reads the same listings as an audit, once, and where the role of postgres.url may, what the daemon's ledger has \
            of it: since when, how often it was tried, and what comes next. A VMID without a row is explained, too: an orphan, a server that was \
            deleted, out of scope, or nothing. Exit status 0 when it could be explained, 1 when not. Writes nothing anywhere.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument { case text, json }

    @OptionGroup var common: CommonOptions
    @OptionGroup var source: EstateSource
    @Option(help: "How to write it.") var format = Format.text
    @Option(help: ArgumentHelp("Write it here instead of stdout.", valueName: "file")) var output: String?
    @Argument(help: ArgumentHelp("The VMID.", valueName: "vmid"), transform: Arguments.vmid) var vmid: VMID

    func run() async throws {
        guard var known = try await source.report(common, .explain(vmid)).explanation else {
            throw Failure("the round ended without an explanation of VMID \(vmid)")
        }
        if source.fixture == nil { try await readLedger(&known) }
        switch format {
        case .text: try Terminal.output(Array(ExplanationText.encode(known).utf8), file: output)
        case .json: try Terminal.output(ExplanationJSON.encode(known), file: output)
        }
    }

    /// What a running daemon has done and will do. An audit's role may not read it; the rest is explained all the same.
    private func readLedger(_ known: inout Explanation) async throws {
        let configuration = try common.load()
        let policies = try common.policies(of: configuration)
        let database = try DatabaseCall.open(configuration)
        do throws(PostgresError) {
            let page = try await LedgerReader(database).read(vmid, timeout: configuration.postgres.timeout)
            known.tell(page, policies: policies)
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
