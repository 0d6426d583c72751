import Core
import Runtime
import Settings
import Synchronization
import TestSupport

/// One daemon that runs until it is stopped, and what it told.
final class RunningDaemon: Sendable {
    private let heard = Mutex<[DaemonRun.News]>([])
    private let task: Task<Void, Never>

    init(_ scene: Scene, mode: String = "repair", ttl: String = "2s") async throws {
        let configuration = try await scene.configuration { yaml in
            yaml.replacing("zlh_audit@", with: "zlh_run@") + """

                mode: \(mode)
                cycle: 2s
                redis: { url: "redis://127.0.0.1:\(scene.redis.port)/0" }
                lock: { ttl: \(ttl), act_deadline: 1s }
                """
        }
        let policies = try configuration.loadPolicies()
        let (news, sender) = AsyncStream<DaemonRun.News>.makeStream()
        let parts = try DaemonParts(
            configuration, policies: policies, standing: { _ in }, news: { sender.yield($0) })
        task = Task { await parts.run(policies: policies) }
        Task { [weak self] in
            for await item in news { self?.heard.withLock { $0.append(item) } }
        }
    }

    deinit { task.cancel() }

    func stop() async {
        task.cancel()
        await task.value
    }

    var news: [DaemonRun.News] { heard.withLock { $0 } }

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
