import Core
import Lab
import Runtime
import Settings
import Synchronization
import TestSupport

/// One daemon that runs until it is stopped, and what it told.
final class RunningDaemon: Sendable {
    private let heard = Mutex<[DaemonRun.News]>([])
    private let heardOfMessages = Mutex<[Herald.News]>([])
    private let task: Task<Void, Never>

    /// - Parameters:
    ///   - repairs: the kinds of the scoped go-live.
    ///   - ttl: of the lock; long, so that a machine with too much to do does not cost a leader its lease.
    ///   - actDeadline: how long a request may take.
    ///   - notify: what is told to the laboratory's Discord; nil leaves that out.
    ///   - clocks: of its machine.
    ///   - hearing: what the test does at once when something is told.
    init(
        _ scene: Scene, mode: String = "repair", ttl: String = "10s", actDeadline: String = "1s",
        repairs: String = "*", notify: [Core.Notification]? = nil,
        clocks: @escaping DatabaseClock.Clocks = DatabaseClock.ofThisMachine,
        hearing: @escaping @Sendable (DaemonRun.News) -> Void = { _ in }
    ) async throws {
        var discord = ""
        if notify != nil, let url = await scene.house.webhookURL() {
            discord = "\ndiscord: { webhooks: { alerts: { value: \"\(url)\" } } }"
        }
        let configuration = try await scene.configuration { yaml in
            yaml.replacing("zlh_audit@", with: "zlh_run@") + """

                mode: \(mode)
                repair: { kinds: ["\(repairs)"] }
                cycle: 2s
                redis: { url: "redis://127.0.0.1:\(scene.redis.port)/0" }
                lock: { ttl: \(ttl), act_deadline: \(actDeadline) }
                """ + discord
        }
        var policies = try configuration.loadPolicies()
        if let notify { policies.notifications = notify }
        let (news, sender) = AsyncStream<DaemonRun.News>.makeStream()
        let (messages, told) = AsyncStream<Herald.News>.makeStream()
        let parts = try DaemonParts(
            configuration, policies: policies, clocks: clocks, standing: { _ in },
            news: {
                hearing($0)
                sender.yield($0)
            }, told: { told.yield($0) })
        let settled = policies
        task = Task { await parts.run(policies: settled) }
        Task { [weak self] in
            for await item in news { self?.heard.withLock { $0.append(item) } }
        }
        Task { [weak self] in
            for await item in messages { self?.heardOfMessages.withLock { $0.append(item) } }
        }
    }

    deinit { task.cancel() }

    func stop() async {
        task.cancel()
        await task.value
    }

    var news: [DaemonRun.News] { heard.withLock { $0 } }

    var messages: [Herald.News] { heardOfMessages.withLock { $0 } }

    /// Waits for two more rounds.
    func rest() async throws {
        let count = reports.count
        try await eventually("two rounds") { reports.count >= count + 2 }
    }

    var reports: [Report] {
        news.compactMap { if case .roundEnded(.report(let report), _) = $0 { report } else { nil } }
    }

    var tenure: Tenure? {
        news.reversed().lazy.compactMap { if case .tenure(let tenure) = $0 { tenure } else { nil } }.first
    }

    var isLeading: Bool {
        news.contains { if case .tenure(let tenure) = $0 { tenure.epoch != nil } else { false } }
    }

    var mayAct: Bool {
        news.contains { if case .tenure(.acting) = $0 { true } else { false } }
    }
}
