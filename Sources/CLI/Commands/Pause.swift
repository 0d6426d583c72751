import ArgumentParser
import Core
import Postgres

/// `pause`: no repair begins for a while, fleet-wide or of one instance.
struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stops repairs for a while, of the whole fleet or of one instance. Observing goes on.",
        discussion: """
            Writes one row of controller.pause, as the role of postgres.url: zlh_run may, zlh_audit may not. A daemon asks for \
            pauses in the transaction in which it claims a repair, so none begins after this command has ended; one that has \
            begun already is named.
            """)

    @OptionGroup var common: CommonOptions
    @Option(help: "One instance; without it the whole fleet.", transform: Arguments.vmid) var vmid: VMID?
    @Option(
        help: ArgumentHelp("Why, for whoever reads the next report.", valueName: "text"), transform: Arguments.reason)
    var reason: String
    @Option(
        name: .customLong("for"), help: ArgumentHelp("How long, such as 30m or 2h.", valueName: "span"),
        transform: Arguments.span)
    var span: Span

    func run() async throws {
        let (vmid, reason, span, by) = (vmid, reason, span, OperatingSystem.userName)
        let paused = try await DatabaseCall.run(common, "the pause could not be written") {
            database, timeout throws(PostgresError) in
            try await PauseStore(database).pause(vmid, reason: reason, for: span, by: by, timeout: timeout)
        }
        Terminal.tell("\(Pause.subject(vmid)) is paused until \(paused.until) by \(by)")
        for step in paused.open { Terminal.tell(Pause.words(Foreign.text(step), isLed: paused.isLed)) }
    }

    static func words(_ step: String, isLed: Bool) -> String {
        isLed
            ? "still running, or left behind by a controller that was killed: \(step); it comes to its end with whoever leads, and is "
                + "not taken back before the pause ends"
            : "interrupted: \(step); nothing is done about it before a controller leads in mode repair"
    }

    static func subject(_ vmid: VMID?) -> String { vmid.map { "VMID \($0)" } ?? "the fleet" }
}

/// `resume`: ends what `pause` began.
struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ends pauses: those of one instance, or without --vmid those of the whole fleet.",
        discussion: "Exit status 1 when nothing was paused.")

    @OptionGroup var common: CommonOptions
    @Option(help: "One instance; without it the whole fleet.", transform: Arguments.vmid) var vmid: VMID?

    func run() async throws {
        let (vmid, by) = (vmid, OperatingSystem.userName)
        let ended = try await DatabaseCall.run(common, "the pause could not be ended") {
            database, timeout throws(PostgresError) in
            try await PauseStore(database).resume(vmid, by: by, timeout: timeout)
        }
        guard ended > 0 else { throw Failure("\(Pause.subject(vmid)) is not paused: there is nothing to resume") }
        Terminal.tell("\(Pause.subject(vmid)) is resumed")
    }
}
