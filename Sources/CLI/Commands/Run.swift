import ArgumentParser
import ControlAPI
import Core
import Foundation
import Logging
import Runtime
import ServiceLifecycle
import Settings
import UnixSignals

/// `run`: the daemon.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs the daemon: takes the lock, and reconciles until it is stopped.",
        discussion: """
            A dry-run unless the configuration says mode: repair. SIGTERM and SIGINT end it: a running step comes to its end, \
            the leadership row is closed and the lock is released last. SIGHUP reads the policies again, or keeps the old ones \
            and says why.
            """)

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let configuration = try common.load()
        let policies = try common.policies(of: configuration)
        let logger = common.logger()
        let environment = ProcessInfo.processInfo.environment
        let socket: NotifySocket?
        do throws(NotifySocket.Failure) {
            socket = try NotifySocket(environment: environment)
        } catch {
            throw Failure(error.description)
        }
        let book = StatusBook(configuration)
        let log = DaemonLog(logger)
        let parts: DaemonParts
        do throws(Installation.SetupError) {
            parts = try DaemonParts(
                configuration, policies: policies,
                standing: { standing in
                    book.note(standing)
                    log.tell(standing)
                },
                news: { news in
                    book.note(news)
                    log.tell(news)
                },
                told: { news in
                    book.note(news)
                    log.tell(news)
                })
        } catch {
            throw Failure(error.description)
        }
        let voice = socket.map { socket in
            ServiceVoice(
                environment: environment, send: { lines throws(NotifySocket.Failure) in try socket.send(lines) },
                status: { book.status() }, failed: { log.unheard(why: $0) })
        }
        // They are stopped one after the other, the last one first: the voice says so before anything else ends, and the daemon
        // waits for no client of the control API.
        var services: [any Service] = []
        if let http = configuration.http { services.append(try control(http, book, logger)) }
        services.append(
            DaemonService(
                parts: parts, policies: policies, reload: { try common.policies(of: configuration) }, voice: voice,
                log: log))
        if let voice { services.append(VoiceService(voice: voice)) }
        log.started(configuration)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await group.run()
        } catch {
            throw Failure("\(error)")
        }
    }

    private func control(
        _ http: Configuration.HTTP, _ book: StatusBook, _ logger: Logger
    ) throws -> ControlService {
        let token = try http.token.map { source in
            do throws(SecretError) { return try source.resolve() } catch { throw Failure("http.token: \(error)") }
        }
        return ControlService(
            api: ControlAPI(
                host: http.host, port: http.port, token: token, logger: logger, moment: ServiceClock.now,
                status: { book.status() }))
    }
}

/// The daemon as a service: ends when it is asked to, after its clean stop.
private struct DaemonService: Service {
    let parts: DaemonParts
    let policies: PolicySet
    let reload: @Sendable () throws -> PolicySet
    let voice: ServiceVoice?
    let log: DaemonLog

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await cancelWhenGracefulShutdown { await parts.run(policies: policies) }
            }
            group.addTask { await cancelWhenGracefulShutdown { await hearHangups() } }
            await group.next()
            group.cancelAll()
        }
    }

    private func hearHangups() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            let (parts, reload) = (parts, reload)
            let read: @Sendable () throws -> Void = { parts.reload(try reload()) }
            do {
                if let voice { try await voice.reload(read) } else { try read() }
                log.reloaded()
            } catch {
                log.kept(why: "\(error)")
            }
        }
    }
}

private struct ControlService: Service {
    /// How long an answer that is under way may take at the end: a client that reads nothing would keep the process for ever.
    private static let patience = Duration.seconds(2)

    let api: ControlAPI

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await api.run() }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: Self.patience)
            }
            try await group.next()
            group.cancelAll()
        }
    }
}

private struct VoiceService: Service {
    let voice: ServiceVoice

    func run() async throws {
        await cancelWhenGracefulShutdown { await voice.run() }
    }
}
