import Core
import Postgres
import Redis
import Runtime
import TestSupport
import Testing

/// The lock and the row by themselves, as the simulation takes them to be.
@Suite struct EdgeTests {
    private static let times = LeadTimes(ttl: .seconds(60), actDeadline: .seconds(8))

    @Test func theLockIsSetOnceAndOnlyItsOwnerTouchesIt() async throws {
        let house = try await House()
        let (one, other) = (token(), token())
        let lock = try house.lock(one, times: Self.times)
        let rival = try house.lock(other, times: Self.times)
        #expect(await lock.renew() == .refused(LockHolder(.nobody)))
        #expect(await lock.release() == .refused(LockHolder(.nobody)))
        #expect(await lock.acquire() == .acquired)
        #expect(try await house.redis.run("GET", House.key) == one.text)
        for answer in [await lock.acquire(), await rival.acquire(), await rival.renew(), await rival.release()] {
            guard case .refused(let holder) = answer else {
                Issue.record("\(answer)")
                continue
            }
            #expect(holder.who == .controller(one))
            #expect(holder.expires.map { $0 > .seconds(0) && $0 <= .seconds(60) } == true)
        }
        try await house.redis.run("PEXPIRE", House.key, "5000")
        #expect(await lock.renew() == .renewed)
        #expect(try #require(Int(await house.redis.run("PTTL", House.key))) > 50_000)
        // A flushed script cache takes nothing away.
        try await house.redis.run("SCRIPT", "FLUSH")
        #expect(await lock.renew() == .renewed)
        #expect(await lock.release() == .released)
        #expect(try await rival.holder() == LockHolder(.nobody))
    }

    @Test func aTermOfSomebodyElseMayBeAsLongAsTheyLike() async throws {
        let house = try await House()
        try await house.redis.run("SET", House.key, "someone", "PX", "9200000000000000000")
        let holder = try await house.lock(token(), times: Self.times).holder()
        #expect(holder.who == .foreign(bytes: 7))
        #expect(holder.expires == .milliseconds(1 << 40))
    }

    @Test func whatElseMayLieUnderTheKey() async throws {
        let house = try await House()
        let lock = try house.lock(token(), times: Self.times)
        let cases: [([String], LockHolder)] = [
            (["SET", House.key, "someone"], LockHolder(.foreign(bytes: 7))),
            (["SET", House.key, ""], LockHolder(.foreign(bytes: 0))),
            (["LPUSH", House.key, "x"], LockHolder(.noLock)),
            (["SETBIT", House.key, "0", "1"], LockHolder(.foreign(bytes: 1))),
        ]
        for (command, holder) in cases {
            try await house.redis.run("DEL", House.key)
            try await house.redis.load(command.map { $0.isEmpty ? "''" : $0 }.joined(separator: " ") + "\n")
            #expect(await lock.acquire() == .refused(holder))
            #expect(await lock.renew() == .refused(holder))
            #expect(await lock.release() == .refused(holder))
            #expect(try await lock.holder() == holder)
            #expect(try await house.redis.run("EXISTS", House.key) == "1")
        }
        let stranger = token("boston-1")
        try await house.redis.run("SET", House.key, stranger.text)
        #expect(try await lock.holder() == LockHolder(.controller(stranger)))
    }

    @Test func aMissingRightIsNoRefusal() async throws {
        let house = try await House()
        try await house.redis.run(
            "ACL", "SETUSER", "poor", "on", ">correct horse", "~*", "-@all", "+get", "+pttl", "+eval")
        let lock = try house.lock(token(), times: Self.times, user: "poor", password: "correct horse")
        for answer in [await lock.acquire()] {
            guard case .failed(let why) = answer else {
                Issue.record("\(answer)")
                continue
            }
            #expect(why.contains("NOPERM"))
        }
        #expect(await lock.renew() == .refused(LockHolder(.nobody)))
    }

    @Test func theRowPassesOnWithTheNextEpoch() async throws {
        let house = try await House()
        let (one, other) = (token(), token())
        let (first, second) = (try house.row(one.holder), try house.row(other.holder))
        #expect(await first.read() == .row(0, nil, closed: true))
        #expect(await first.take(after: 1) == .refused)
        #expect(await first.take(after: 0) == .taken(epoch: 1, predecessorClosed: true))
        #expect(await second.take(after: 0) == .refused)
        #expect(await second.close(epoch: 1) == .refused)
        #expect(await first.read() == .row(1, one.holder, closed: false))
        #expect(await first.close(epoch: 2) == .refused)
        #expect(await first.close(epoch: 1) == .closed)
        let closedAt = try house.postgres.run("select closed_at from controller.leadership", database: house.database)
        // Again, because the first answer may have been lost: it stays as it was.
        #expect(await first.close(epoch: 1) == .closed)
        #expect(
            try house.postgres.run("select closed_at from controller.leadership", database: house.database) == closedAt)
        #expect(await second.take(after: 1) == .taken(epoch: 2, predecessorClosed: true))
        #expect(await first.take(after: 2) == .taken(epoch: 3, predecessorClosed: false))
        #expect(await second.close(epoch: 2) == .refused)
    }

    /// Many at once, as after a flush: each epoch has one holder.
    @Test func twentyTakeAtOnce() async throws {
        let house = try await House()
        let times = Self.times
        let answers = try await withThrowingTaskGroup(of: RowAnswer.self) { group in
            for _ in 0..<20 {
                group.addTask { try await house.row(token().holder, times: times).take(after: 0) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.filter { $0 == .taken(epoch: 1, predecessorClosed: true) }.count == 1)
        #expect(answers.filter { $0 == .refused }.count == 19)
    }

    @Test func aDatabaseWithoutTheSchemaIsAnError() async throws {
        let house = try await House()
        let bare = try PostgresConnection(
            PostgresTarget(url: house.postgres.url(database: house.postgres.createDatabase())))
        let answer = await LeadershipRow(connection: bare, holder: token().holder, times: Self.times).read()
        guard case .failed = answer else {
            Issue.record("\(answer)")
            return
        }
    }

    @Test func aClaimNeedsItsEpochAndHolderAndAnOpenRow() async throws {
        let house = try await House()
        let (one, other) = (token(), token())
        let row = try house.row(one.holder, times: Self.times)
        let connection = try house.connection()
        func claims(_ epoch: Int64, _ token: LockToken) async throws -> Bool {
            let permit = Permits.make(epoch: epoch, holder: token.holder)
            return try await connection.run(timeout: .seconds(30)) { session throws(PostgresError) in
                try session.transaction { session throws(PostgresError) in
                    try LeadershipRow.claim(permit, in: session)
                }
            }
        }
        #expect(await row.take(after: 0) == .taken(epoch: 1, predecessorClosed: true))
        #expect(try await claims(1, one))
        #expect(try await !claims(1, other))
        #expect(try await !claims(0, one))
        #expect(try await !claims(2, one))
        #expect(await row.close(epoch: 1) == .closed)
        #expect(try await !claims(1, one))
    }
}

extension RowAnswer {
    static func row(_ epoch: Int64, _ holder: HolderID?, closed: Bool) -> RowAnswer {
        .read(LeadRecord(epoch: epoch, holder: holder, isClosed: closed))
    }
}

enum Permits {
    /// As the machine makes them.
    static func make(epoch: Int64, holder: HolderID) -> ActPermit {
        ActPermit(number: 1, epoch: epoch, holder: holder, until: BootClock.now() + .seconds(8))
    }
}
