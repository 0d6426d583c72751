import ArgumentParser

/// `zlh-controller`: finds drift between what a hosting platform's database says and what there is.
@main
struct ZLHController: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zlh-controller",
        abstract: "Finds drift between what the database says should be and what there is, and says why.",
        discussion: """
            The database is the truth. Nothing is ever written by audit, explain, capture, events, policy check or doctor.
            """,
        version: Version.text,
        subcommands: [
            RunCommand.self, Audit.self, Explain.self, Events.self, Pause.self, Resume.self, Capture.self, Accept.self,
            Unaccept.self,
            PolicyCommand.self, Notify.self, Migrate.self,
            DoctorCommand.self,
        ])
}

enum Version {
    static let text = "0.1.0"
}
