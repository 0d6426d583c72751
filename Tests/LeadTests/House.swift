import Core
import Postgres
import Redis
import Runtime
import TestSupport
import Testing

/// A database and a Redis of one test's own, with a TTL of a second.
struct House {
    static let times = LeadTimes(ttl: .seconds(1), actDeadline: .milliseconds(400))
    static let key = "zlh:controller:lock"

    let postgres: PrivatePostgres
    let redis: PrivateRedis
    let database: String

    /// - Parameter mayStop: with a PostgreSQL of its own, which may be stopped.
    init(mayStop: Bool = false) async throws {
        postgres = try mayStop ? PrivatePostgres() : PrivatePostgres.shared.get()
        redis = try await PrivateRedis()
        database = try postgres.createDatabase()
        let connection = try self.connection("postgres")
        _ = try await Migrator.run(on: connection, timeout: .seconds(30))
        await connection.close()
    }

    func connection(_ user: String = "zlh_run") throws -> PostgresConnection {
        try PostgresConnection(PostgresTarget(url: postgres.url(user: user, database: database)))
    }

    func lock(_ token: LockToken, times: LeadTimes = House.times, user: String? = nil, password: String? = nil) throws
        -> LeaderLock
    {
        let target = RedisTarget(host: "127.0.0.1", port: redis.port, user: user)
        return LeaderLock(
            connection: try RedisConnection(target, password: password.map { Secret($0) }), key: House.key,
            token: token,
            times: times)
    }

    func row(_ holder: HolderID, times: LeadTimes = House.times) throws -> LeadershipRow {
        LeadershipRow(connection: try connection(), holder: holder, times: times)
    }

    /// What the platform or an administrator does.
    @discardableResult
    func run(_ sql: String) throws -> String { try postgres.run(sql, database: database) }

    /// The row as an administrator reads it: epoch, holder, whether it is closed.
    func written() throws -> String {
        try run("select epoch, holder, closed_at is not null from controller.leadership")
    }

    /// One process: its loop runs in a task that can be cancelled, which is as if it were killed.
    func start() throws -> Controller { try Controller(self) }
}

func token(_ id: String = "detroit-1") -> LockToken {
    var source = SystemRandomNumberGenerator()
    return LockToken(id: id, holder: HolderID(using: &source))
}

final class Controller: Sendable {
    let token: LockToken
    let loop: LeadershipLoop
    private let gate: Gate
    private let task: Task<Void, Never>

    init(_ house: House) throws {
        token = LeadTests.token()
        let edges = LeadEdges(lock: try house.lock(token), row: try house.row(token.holder))
        let gate = Gate()
        self.gate = gate
        let loop = LeadershipLoop(token: token, times: House.times) { effect in
            await gate.pass()
            let event = await edges.perform(effect)
            await gate.pass()
            return event
        }
        self.loop = loop
        task = Task { await loop.run() }
    }

    deinit { task.cancel() }

    func kill() async {
        task.cancel()
        await task.value
    }

    /// Nothing that it asks or hears gets through; its clock goes on.
    func freeze() async { await gate.close() }
    func thaw() async { await gate.open() }

    /// Returns when Redis or the database have answered it so many times more.
    func hears(_ count: Int) async throws {
        let before = await gate.passed
        try await eventually("\(count) answers more") { await gate.passed >= before + 2 * count }
    }

    func standing() async -> LeadStanding { await loop.standing() }
    func mayAct() async -> Bool { await standing().mayAct }
}

actor Gate {
    private var isClosed = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// Of each question one, and of its answer another.
    private(set) var passed = 0

    func close() { isClosed = true }

    func open() {
        isClosed = false
        waiting.forEach { $0.resume() }
        waiting = []
    }

    func pass() async {
        if isClosed { await withCheckedContinuation { waiting.append($0) } }
        passed += 1
    }
}

/// The one of several that acts, once there is one.
func leader(of controllers: [Controller]) async throws -> Int {
    var found = -1
    try await eventually {
        for (index, controller) in controllers.enumerated() where await controller.mayAct() {
            found = index
            return true
        }
        return false
    }
    return found
}
