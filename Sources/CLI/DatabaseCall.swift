import Core
import Postgres
import Runtime
import Settings

/// One call to the database of the configuration, for commands that need nothing else.
enum DatabaseCall {
    /// The database of a configuration; whoever opens it closes it.
    static func open(_ configuration: Configuration) throws -> PostgresConnection {
        do throws(Installation.SetupError) {
            return try Installation.database(configuration.postgres)
        } catch {
            throw Failure(error.description)
        }
    }

    /// - Parameter failure: what to say first when it does not work, as "the pause could not be written".
    static func run<T: Sendable>(
        _ common: CommonOptions, _ failure: String,
        _ body: (PostgresConnection, Span) async throws(PostgresError) -> T
    ) async throws -> T {
        let configuration = try common.load()
        let database = try open(configuration)
        do throws(PostgresError) {
            let value = try await body(database, configuration.postgres.timeout)
            await database.close()
            return value
        } catch {
            await database.close()
            let read = ReadFailure(error, at: WallClock.now())
            throw Failure("\(failure) (\(read.code.rawValue)): \(read.detail)")
        }
    }
}
