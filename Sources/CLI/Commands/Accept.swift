import ArgumentParser
import Core
import Glibc
import Postgres
import Runtime
import Settings

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
        let until = try await AcceptanceStore.use(common) { store, timeout throws(PostgresError) in
            try await store.accept(drift, reason: reason, for: span, by: by, timeout: timeout)
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
        let wasAccepted = try await AcceptanceStore.use(common) { store, timeout throws(PostgresError) in
            try await store.unaccept(drift, timeout: timeout)
        }
        guard wasAccepted else { throw Failure("drift \(drift) is not accepted: there is nothing to take back") }
        Terminal.tell("drift \(drift) is no longer accepted")
    }
}

extension AcceptanceStore {
    /// Opens the database of the configuration for one call.
    fileprivate static func use<T: Sendable>(
        _ common: CommonOptions, _ body: (AcceptanceStore, Span) async throws(PostgresError) -> T
    ) async throws -> T {
        let configuration = try common.load()
        let database: PostgresConnection
        do throws(Installation.SetupError) {
            database = try Installation.database(configuration.postgres)
        } catch {
            throw Failure(error.description)
        }
        do throws(PostgresError) {
            let value = try await body(AcceptanceStore(database), configuration.postgres.timeout)
            await database.close()
            return value
        } catch {
            await database.close()
            let failure = ReadFailure(error, at: WallClock.now())
            throw Failure("the acceptance could not be written (\(failure.code.rawValue)): \(failure.detail)")
        }
    }
}

enum OperatingSystem {
    /// The name of the user who runs this, or their number when it has no name.
    static var userName: String {
        let user = getuid()
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 * 1024)
        // getpwuid_r(3): 0 and a null result means that there is no such user.
        let status = unsafe getpwuid_r(user, &entry, &buffer, buffer.count, &found)
        guard status == 0, unsafe found != nil, let name = unsafe entry.pw_name else { return "uid \(user)" }
        return Foreign.text(unsafe String(cString: name), limit: 64)
    }
}
