import ArgumentParser
import Core
import Postgres
import Runtime
import Settings

/// `migrate`: creates or upgrades the schemas.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Creates or upgrades the schemas platform and controller, with their roles and grants.",
        discussion: """
            Safe to run twice and by two at once: all of it happens in one transaction, or nothing does. Run it as an
            administrator of the database or as zlh_migrate.
            """)

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let configuration = try common.load()
        do {
            let database = try Installation.database(configuration.postgres)
            let report = try await Migrator.run(on: database)
            await database.close()
            try Terminal.output(Array((report.lines.joined(separator: "\n") + "\n").utf8), file: nil)
        } catch let error as PostgresError {
            throw Failure("\(error)")
        } catch let error as Installation.SetupError {
            throw Failure(error.description)
        }
    }
}
