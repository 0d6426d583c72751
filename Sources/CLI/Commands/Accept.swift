import ArgumentParser
import Core
import Postgres

/// `accept`: a known drift is still shown and no longer counted.
struct Accept: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Accepts a known drift for a while: it is still shown, and no longer counts in the exit status.",
        discussion: """
            Writes one row of controller.accepted, as the role of postgres.url: zlh_run may, zlh_audit may not. Accepting the \
            same drift again replaces reason and time. Whether there is such a drift now is not checked: an id that stands \
            for none accepts nothing.
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: ArgumentHelp("The id that the report shows.", valueName: "drift-id"), transform: Arguments.driftID)
    var drift: String
    @Option(
        help: ArgumentHelp("Why, for whoever reads the next report.", valueName: "text"), transform: Arguments.reason)
    var reason: String
    @Option(
        name: .customLong("for"), help: ArgumentHelp("How long, such as 12h or 30d.", valueName: "span"),
        transform: Arguments.acceptedFor)
    var span: Span

    func run() async throws {
        let (drift, reason, span) = (drift, reason, span)
        let by = OperatingSystem.userName
        let until = try await DatabaseCall.run(common, "the acceptance could not be written") {
            database, timeout throws(PostgresError) in
            try await AcceptanceStore(database).accept(drift, reason: reason, for: span, by: by, timeout: timeout)
        }
        Terminal.tell(
            "drift \(drift) is accepted until \(until) by \(by); whether there is such a drift now was not checked")
    }
}

/// `unaccept`: takes an acceptance back.
struct Unaccept: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes an acceptance back: the drift counts again.",
        discussion: "Exit status 1 when the drift was not accepted.")

    @OptionGroup var common: CommonOptions
    @Argument(help: ArgumentHelp("The id that the report shows.", valueName: "drift-id"), transform: Arguments.driftID)
    var drift: String

    func run() async throws {
        let drift = drift
        let wasAccepted = try await DatabaseCall.run(common, "the acceptance could not be taken back") {
            database, timeout throws(PostgresError) in
            try await AcceptanceStore(database).unaccept(drift, timeout: timeout)
        }
        guard wasAccepted else { throw Failure("drift \(drift) is not accepted: there is nothing to take back") }
        Terminal.tell("drift \(drift) is no longer accepted")
    }
}
