import Core
import Postgres
import TestSupport
import Testing

/// Answers to plans on a real server: who may give them, who takes them up, and what is left of them.
@Suite struct ApprovalTests {
    private static let plan = "sha256:" + String(repeating: "ab", count: 32)
    private static let drift = "0123456789abcdef"

    private struct Scene {
        var database: Database
        var store: ApprovalStore
        var lease: Lease

        func approve(_ word: PlanAnswer.Word = .approve, by: String = "ada") async throws {
            _ = try await store.answer(
                word, plan: ApprovalTests.plan, for: .minutes(60), by: by, timeout: Database.patience)
        }

        func redeem(_ id: Int64 = 1, plan: String = ApprovalTests.plan, epoch: Int64 = 3) async throws -> Bool {
            var lease = lease
            lease.epoch = epoch
            return try await store.redeem(
                Redemption(approval: id, plan: plan, covers: [ApprovalTests.drift: "f1", "fedcba9876543210": "f2"]),
                lease: lease, timeout: Database.patience)
        }

        func answers() async throws -> [PlanAnswer] { try await database.read().past.answers }
    }

    private func scene() async throws -> Scene {
        let database = try await Database.migrated()
        try database.run(
            "update controller.leadership set epoch = 3, holder = '\(Database.holder)', taken_at = now(), closed_at = null"
        )
        return Scene(
            database: database, store: ApprovalStore(try database.connection("zlh_run")),
            lease: Lease(epoch: 3, holder: try #require(HolderID(Database.holder))))
    }

    @Test func isReadByWhoAuditsAndTakenUpOnce() async throws {
        let scene = try await scene()
        let (until, ended) = try await scene.store.answer(
            .approve, plan: Self.plan, for: .minutes(60), by: "ada", timeout: Database.patience)
        #expect(ended == 0)
        #expect(
            try await scene.answers() == [PlanAnswer(id: 1, plan: Self.plan, word: .approve, by: "ada", until: until)])
        #expect(try await scene.redeem())
        let answer = try #require(try await scene.answers().first)
        #expect(answer.redeemedAt != nil && answer.covers == [Self.drift: "f1", "fedcba9876543210": "f2"])
        #expect(try await !scene.redeem(), "once")
    }

    /// A view that somebody replaced may say a thing twice; of two answers with one number neither is taken.
    @Test func anAnswerThatIsListedTwiceIsRefused() async throws {
        let scene = try await scene()
        try await scene.approve()
        #expect(try await scene.answers().count == 1)
        try scene.database.run(
            """
            create or replace view controller.plan_answer as
            select a.id, a.plan_hash, a.answer, a.by, a.at, a.until, a.redeemed_at
              from controller.approval a, generate_series(1, 2)
            """)
        let failure = try #require(try await scene.database.failure())
        #expect(failure.detail.contains("controller.plan_answer"))
    }

    @Test func isTakenUpByTheLeaderAloneAndOnlyForItsPlan() async throws {
        let scene = try await scene()
        try await scene.approve()
        #expect(try await !scene.redeem(epoch: 2))
        #expect(try await !scene.redeem(plan: "sha256:" + String(repeating: "cd", count: 32)))
        #expect(try await !scene.redeem(2))
        try scene.database.run("update controller.leadership set closed_at = now()")
        #expect(try await !scene.redeem())
        #expect(try scene.database.run("select count(*) from controller.approval_cover") == "0")
    }

    @Test func oneThatHasExpiredIsNotTakenUpAndIsToldForADay() async throws {
        let scene = try await scene()
        try await scene.approve()
        try scene.database.run(
            "update controller.approval set at = now() - interval '2 hours', until = now() - interval '1 second'")
        #expect(try await !scene.redeem())
        #expect(try await scene.answers().count == 1)
        try scene.database.run(
            "update controller.approval set at = now() - interval '2 days', until = now() - interval '25 hours'")
        #expect(try await scene.answers() == [])
    }

    @Test func theLastAnswerCounts() async throws {
        let scene = try await scene()
        try await scene.approve()
        try await scene.approve(.approve, by: "ben")
        #expect(try await scene.answers().map(\.by) == ["ben"])
        #expect(try await scene.redeem(2))
        // One that was taken up goes on beside a new one, and a rejection ends both.
        try await scene.approve(.approve, by: "cem")
        #expect(try await scene.answers().map(\.id) == [2, 3])
        let (_, ended) = try await scene.store.answer(
            .reject, plan: Self.plan, for: .minutes(60), by: "dia", timeout: Database.patience)
        #expect(ended == 2)
        #expect(try await scene.answers().map(\.word) == [.reject])
        try await scene.approve()
        #expect(try await scene.answers().map(\.word) == [.approve])
    }

    @Test func whatIsDoneIsNotCoveredAnyMore() async throws {
        let scene = try await scene()
        try await scene.approve()
        // What ended before counts for nothing.
        let event = "insert into controller.repair_event (drift_id, outcome) values"
        try scene.database.run("\(event) ('\(Self.drift)', 'verified')")
        #expect(try await scene.redeem())
        #expect(try await scene.answers().first?.covers.count == 2)
        for outcome in ["changed", "asked", "not_verified", "refused"] {
            try scene.database.run("\(event) ('\(Self.drift)', '\(outcome)')")
        }
        #expect(try await scene.answers().first?.covers.count == 2)
        try scene.database.run("\(event) ('\(Self.drift)', 'verified'), ('fedcba9876543210', 'closed')")
        #expect(try await scene.answers().first?.covers == [:])
    }

    /// A server whose clock was set back after it was taken up: what follows is done all the same.
    @Test func whatIsDoneFollowsWhateverTheClockSays() async throws {
        let scene = try await scene()
        try await scene.approve()
        #expect(try await scene.redeem())
        try scene.database.run(
            """
            update controller.approval set redeemed_at = now() + interval '1 hour';
            insert into controller.repair_event (drift_id, outcome) values ('\(Self.drift)', 'verified')
            """)
        #expect(try await scene.answers().first?.covers == ["fedcba9876543210": "f2"])
    }

    @Test func aDaemonHearsOfIt() async throws {
        let scene = try await scene()
        let listener = ChangeListener(try scene.database.connection("zlh_run"))
        _ = try await listener.next(timeout: Database.patience)
        try await scene.approve()
        #expect(try await !listener.next(timeout: Database.patience).isEmpty)
    }

    @Test func whoOnlyAuditsMayNot() async throws {
        let scene = try await scene()
        let store = ApprovalStore(try scene.database.connection("zlh_audit"))
        let error = await postgresError { () async throws(PostgresError) in
            _ = try await store.answer(
                .approve, plan: Self.plan, for: .minutes(60), by: "ada", timeout: Database.patience)
        }
        #expect(error?.code == .permission)
    }

    @Test func twoAnswersAtOnceAreOneAfterTheOther() async throws {
        let scene = try await scene()
        let other = ApprovalStore(try scene.database.connection("zlh_run"))
        for _ in 0..<5 {
            async let one: Void = scene.approve()
            async let two = other.answer(
                .reject, plan: Self.plan, for: .minutes(60), by: "ben", timeout: Database.patience)
            _ = try await (one, two)
            #expect(try await scene.answers().count == 1)
        }
    }

    @Test func oldAnswersAreDropped() async throws {
        let scene = try await scene()
        try await scene.approve()
        #expect(try await scene.redeem())
        try scene.database.run(
            "update controller.approval set at = now() - interval '92 days', until = now() - interval '91.5 days'")
        #expect(
            try await JournalStore(try scene.database.connection("zlh_run")).prune(
                lease: scene.lease, keep: .minutes(90 * 1440), within: Database.patience, timeout: Database.patience))
        #expect(try scene.database.run("select count(*) from controller.approval") == "0")
        #expect(try scene.database.run("select count(*) from controller.approval_cover") == "0")
    }

    private static func rule(_ plane: Plane, _ wanted: DNSRecord.Data) -> EdgeChange {
        .record(
            RecordChange(
                RecordRule(
                    plane: plane, name: "mc.example.net", wanted: wanted, ttl: 60, mark: "zlh-controller/t 5001",
                    formerEdges: []), deed: .create))
    }

    /// What the ledger knows of drifts, as an audit reads it.
    @Test func thePastOfDrifts() async throws {
        let scene = try await scene()
        func service(_ port: Int) -> EdgeChange {
            Self.rule(.publicDNS, .srv(SRV(priority: 0, weight: 5, port: port, target: "mc.example.net")))
        }
        func json(_ change: EdgeChange) throws -> String { try EdgeChangeForm(change).json }
        let address = Self.rule(.internalDNS, .a("10.70.0.1"))
        let backend = EdgeChange.backend(
            BackendChange(
                wanted: VelocityReading.Backend(name: "mc", address: "10.70.0.1", port: 25565), before: []))
        try scene.database.run(
            """
            insert into controller.repair_intent
              (id, drift_id, drift_kind, action, attempt, epoch, cycle, policies, state, created_at, ended_at) values
              ('4', 'a', 'k', 'x', 1, 1, 1, 'p', 'not_verified', now() - interval '2 hours', now() - interval '2 hours');
            insert into controller.open_drift
              (drift_id, drift_kind, level, verdict, reason, since, opened_at, opened_seq) values
              ('a', 'k', 1, 'repair', 'policy_matched', now(), now() - interval '1 hour', 1),
              ('b', 'k', 1, 'held', 'mass_change', now(), now() - interval '1 hour', 1),
              ('\(Self.drift)', 'k', 1, 'repair', 'policy_matched', now(), now() - interval '1 hour', 1);
            insert into controller.repair_intent
              (id, drift_id, drift_kind, action, attempt, epoch, cycle, policies, state, created_at, ended_at) values
              ('1', 'a', 'k', 'x', 1, 1, 1, 'p', 'not_verified', now() - interval '30 minutes', now() - interval '29 minutes'),
              ('2', 'a', 'k', 'x', 2, 1, 1, 'p', 'unknown', now() - interval '20 minutes', now() - interval '19 minutes'),
              ('3', 'a', 'k', 'x', 2, 1, 1, 'p', 'refused', now() - interval '10 minutes', now() - interval '9 minutes'),
              ('5', 'c', 'k', 'x', 1, 1, 1, 'p', 'verified', now() - interval '2 days', now() - interval '2 days'),
              ('6', 'c', 'k', 'x', 1, 1, 1, 'p', 'verified', now() - interval '15 days', now() - interval '15 days');
            insert into controller.repair_intent
              (id, drift_id, drift_kind, external_id, action, attempt, epoch, cycle, policies, change, state, ended_at)
            select kind || number, kind, kind, '11111111-1111-1111-1111-111111111111', 'edge_republish', 1, 1, 1, 'p',
                   change::jsonb, 'verified', now()
              from (values (1, 'dns.public.srv_missing', '\(try json(service(25565)))'),
                           (2, 'dns.public.srv_wrong', '\(try json(service(25565)))'),
                           (3, 'dns.public.srv_wrong', '\(try json(service(25566)))'),
                           (4, 'dns.internal.a_wrong', '\(try json(address))'),
                           (5, 'velocity.missing', '\(try json(backend))'),
                           (6, 'velocity.wrong_address', '\(try json(backend))')) as done (number, kind, change)
            """)
        let before = try await scene.database.read().past
        #expect(before.repairable == ["a", Self.drift])
        #expect(before.inVain == ["a": 2])
        // By the place, as Core names it, whatever was wrong there; an operation is its own.
        let id = try #require(ExternalID("11111111-1111-1111-1111-111111111111"))
        func place(_ kind: DriftKind, _ change: EdgeChange) -> String { Drift.place("x", kind, id, change) }
        #expect(
            before.repaired.mapValues(\.count) == [
                "c": 1, place(.publicSRVDuplicate, service(25565)): 2, place(.publicSRVMissing, service(25566)): 1,
                place(.internalAMissing, address): 1, place(.velocityMissing, backend): 2,
            ])
        // What runs by an approval is not what may run anyway.
        try await scene.approve()
        #expect(try await scene.redeem())
        #expect(try await scene.database.read().past.repairable == ["a"])
        // Whatever the clock said when it was taken up; and once it has ended, what comes back is another one.
        try scene.database.run("update controller.approval set redeemed_at = now() - interval '5 hours'")
        #expect(try await scene.database.read().past.repairable == ["a"])
        try scene.database.run(
            "insert into controller.repair_event (drift_id, outcome) values ('\(Self.drift)', 'closed')")
        #expect(try await scene.database.read().past.repairable == ["a", Self.drift])
    }

    /// Rows of an earlier version have no numbers: their times say it.
    @Test func whatAnEarlierVersionWroteGoesByItsTimes() async throws {
        let scene = try await scene()
        try await scene.approve()
        #expect(try await scene.redeem())
        try scene.database.run(
            """
            update controller.approval set redeemed_event = null;
            insert into controller.open_drift (drift_id, drift_kind, level, verdict, reason, since, opened_at) values
              ('\(Self.drift)', 'k', 1, 'repair', 'policy_matched', now(), now() - interval '1 hour'),
              ('fedcba9876543210', 'k', 1, 'repair', 'policy_matched', now(), now() + interval '1 minute'),
              ('a', 'k', 1, 'repair', 'policy_matched', now(), now() - interval '1 hour');
            insert into controller.repair_intent
              (id, drift_id, drift_kind, action, attempt, epoch, cycle, policies, state, created_at, ended_at) values
              ('1', 'a', 'k', 'x', 1, 1, 1, 'p', 'not_verified', now() - interval '2 hours', now() - interval '2 hours'),
              ('2', 'a', 'k', 'x', 1, 1, 1, 'p', 'not_verified', now() - interval '30 minutes', now() - interval '29 minutes');
            insert into controller.repair_event (drift_id, outcome, at) values
              ('\(Self.drift)', 'verified', now() - interval '1 hour'),
              ('fedcba9876543210', 'verified', now() + interval '1 minute')
            """)
        let past = try await scene.database.read().past
        #expect(past.inVain == ["a": 1] && past.repairable == ["a", "fedcba9876543210"])
        #expect(past.answers.first?.covers == [Self.drift: "f1"])
    }
}
