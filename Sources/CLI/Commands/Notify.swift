import ArgumentParser
import Core
import Fixtures
import Platform
import Runtime
import Settings

/// `notify`: tries the way to people.
struct Notify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tries the way to people: a message to each webhook, or what would be told.",
        subcommands: [Test.self, Preview.self])

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends one message to each webhook of the configuration, and says what came of it.",
            discussion: "Exit status 1 when a webhook did not take it, or when none is configured.")

        @OptionGroup var common: CommonOptions

        func run() async throws {
            let configuration = try common.load()
            let policies = try common.policies(of: configuration)
            let installation: Installation
            let sinks: [Herald.Sink]
            do throws(Installation.SetupError) {
                installation = try Installation(configuration, now: WallClock.now)
                sinks = try installation.webhooks()
            } catch {
                throw Failure(error.description)
            }
            guard !sinks.isEmpty else { throw Failure("no webhook is configured: see discord.webhooks") }
            let routed = Set(policies.notifications.map(\.webhook))
            var isGood = true
            for sink in sinks {
                let message = ChatMessage.test(IncidentMessage.Teller(configuration), webhook: sink.name)
                let (answer, _) = await sink.client.send(message)
                var line = "\(Foreign.text(sink.name, limit: 80)): \(answer.told)"
                if case .accepted = answer {
                    if !routed.contains(sink.name) { line += "; no policy's notify names it, so nothing is told there" }
                } else {
                    isGood = false
                }
                Terminal.tell(Foreign.text(line, limit: 600))
            }
            await installation.close()
            if !isGood { throw ExitCode(1) }
        }
    }

    struct Preview: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints what would be told of a recorded estate, as text. Needs no network.",
            discussion: """
                The first round of a daemon that finds the estate as it was recorded. By the policies of the configuration \
                when there is one; where they name no webhook, as if one named alerts were told everything.
                """)

        @OptionGroup var common: CommonOptions
        @Option(help: ArgumentHelp("A recorded estate.", valueName: "file")) var fixture: String

        func run() async throws {
            var source = EstateSource()
            source.fixture = fixture
            let report = try await source.report(common)
            var notifications = try source.fixturePolicies(common).notifications
            if notifications.isEmpty {
                notifications = [Notification(kinds: [KindPattern("*")], minLevel: .report, webhook: "alerts")]
            }
            let teller =
                try source.fixtureConfiguration(common).map(IncidentMessage.Teller.init)
                ?? IncidentMessage.Teller(id: "preview", isDryRun: false)
            let messages = OutboxBook.preview(report, notifications, teller: teller)
            let text = messages.map { "\($0.webhook)\n\($0.message.asText)\n" }.joined(separator: "\n")
            try Terminal.output(Array((messages.isEmpty ? "nothing would be told\n" : text).utf8), file: nil)
        }
    }
}
