import Core
import Postgres
import Runtime
import Synchronization
import TestSupport
import Testing

/// How a leader works is written beside its epoch, and held against how others do.
@Suite struct StanceTests {
    private static let times = LeadTimes(ttl: .seconds(60), actDeadline: .seconds(8))

    private final class Heard: Sendable {
        private let all = Mutex<[StanceNews]>([])
        func add(_ news: StanceNews) { all.withLock { $0.append(news) } }
        var news: [StanceNews] { all.withLock { $0 } }
    }

    private func row(_ house: House, _ book: StanceBook) throws -> LeadershipRow {
        LeadershipRow(
            connection: try house.connection(), holder: token().holder, times: Self.times, stance: { book.stance },
            heard: { book.hear($0) })
    }

    private func events(_ house: House) throws -> String {
        try house.postgres.run(
            "select coalesce(string_agg(epoch || ' ' || (detail ->> 'text'), ';' order by id), '')"
                + " from controller.repair_event", database: house.database)
    }

    private func note(_ house: House) throws -> String {
        try house.postgres.run("select note from controller.leadership", database: house.database)
    }

    @Test func theLeaderSaysHowItWorksAndAStandbyHowItDiffers() async throws {
        let house = try await House()
        let (one, other) = (Heard(), Heard())
        let leading = StanceBook(Stance(mode: "repair", policies: "sha256:aaaa"), told: { one.add($0) })
        let standing = StanceBook(Stance(mode: "dry-run", policies: "sha256:bbbb"), told: { other.add($0) })
        let (leader, standby) = (try row(house, leading), try row(house, standing))
        #expect(await leader.take(after: 0) == .taken(epoch: 1, predecessorClosed: true))
        #expect(try note(house) == "mode=repair policies=sha256:aaaa")
        for _ in 0..<3 { _ = await standby.read() }
        #expect(other.news == [.differs("mode repair instead of dry-run, policies aaaa instead of bbbb")])

        // The leader reads its policies again; both the row and the standby hear of it with the next look.
        leading.turn(to: Stance(mode: "repair", policies: "sha256:bbbb"))
        _ = await leader.read()
        #expect(try note(house) == "mode=repair policies=sha256:bbbb")
        _ = await standby.read()
        #expect(other.news.last == .differs("mode repair instead of dry-run"))
        standing.turn(to: leading.stance)
        _ = await standby.read()
        #expect(other.news.last == .agrees && other.news.count == 3)
        #expect(one.news == [.agrees])
        #expect(try events(house) == "")
    }

    @Test func theScopeIsPartOfIt() throws {
        func stance(_ kinds: [String], _ vmids: [ClosedRange<Int>]?, _ mode: Duty.Mode = .repair) -> Stance {
            let duty = Duty(mode: mode, kinds: kinds.map { KindPattern($0) }, vmids: vmids, cycle: .seconds(60))
            return Stance(duty, Fleet(0).policies)
        }
        let one = stance(["operation.stale", "dns.*"], [5000...5010])
        #expect(Stance(one.text) == one)
        #expect(one.difference(from: stance(["dns.*", "operation.stale"], [5000...5010])) == nil)
        let words = "another scope under repair, kinds or vmids"
        #expect(one.difference(from: stance(["*"], [5000...5010])) == words)
        #expect(one.difference(from: stance(["operation.stale", "dns.*"], nil)) == words)
        #expect(one.difference(from: stance(["operation.stale", "dns.*"], [])) == words)
        // Nothing is repaired in either.
        #expect(stance(["*"], nil, .dryRun).difference(from: stance(["dns.*"], nil, .dryRun)) == nil)
        // An earlier version does not say.
        let earlier = try #require(Stance("mode=repair policies=\(one.policies)"))
        #expect(one.difference(from: earlier) == nil && earlier.difference(from: one) == nil)
    }

    @Test func aTakeoverByOneThatDiffersIsPartOfTheHistory() async throws {
        let house = try await House()
        let heard = Heard()
        let (leader, standby) = (
            try row(house, StanceBook(Stance(mode: "repair", policies: "p"))),
            try row(house, StanceBook(Stance(mode: "dry-run", policies: "p"), told: { heard.add($0) }))
        )
        #expect(await leader.take(after: 0) == .taken(epoch: 1, predecessorClosed: true))
        #expect(await standby.take(after: 0) == .refused)
        #expect(heard.news == [])
        #expect(await standby.take(after: 1) == .taken(epoch: 2, predecessorClosed: false))
        #expect(heard.news == [.tookOver(epoch: 2, "mode dry-run instead of repair")])
        #expect(try events(house) == "2 taken over by a controller with mode dry-run instead of repair")
        // Back again, by one that agrees with nobody in between: told once more.
        #expect(await leader.take(after: 2) == .taken(epoch: 3, predecessorClosed: false))
        #expect(try events(house).hasSuffix("3 taken over by a controller with mode repair instead of dry-run"))
    }

    @Test func whoSaysNothingOrWhatNobodyUnderstandsDiffersFromNobody() async throws {
        let house = try await House()
        let heard = Heard()
        let book = StanceBook(Stance(mode: "repair", policies: "p"), told: { heard.add($0) })
        let silent = try house.row(token().holder, times: Self.times)
        let standby = try row(house, book)
        #expect(await silent.take(after: 0) == .taken(epoch: 1, predecessorClosed: true))
        _ = await standby.read()
        for note in ["", "mode=repair", "a b", "mode=x policies=" + String(repeating: "y", count: 300)] {
            _ = try house.postgres.run(
                "update controller.leadership set note = '\(note)'", database: house.database)
            _ = await standby.read()
        }
        #expect(await standby.take(after: 1) == .taken(epoch: 2, predecessorClosed: false))
        #expect(heard.news == [.agrees])
        #expect(try events(house) == "")
    }

    @Test func whoeverAsksHearsHowTheLeaderWorks() async throws {
        let house = try await House()
        let stance = Stance(mode: "repair", policies: "p")
        let leader = try row(house, StanceBook(stance))
        func asked(_ user: String) async throws -> Stance? {
            try await LeadershipRow.stance(on: house.connection(user), timeout: .seconds(30))
        }
        #expect(try await asked("zlh_run") == nil)
        _ = await leader.take(after: 0)
        #expect(try await asked("zlh_run") == stance)
        await #expect(throws: PostgresError.self) { try await asked("zlh_audit") }
        _ = await leader.close(epoch: 1)
        #expect(try await asked("zlh_run") == nil)
    }
}
