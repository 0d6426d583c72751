import Core
import Postgres
import TestSupport
import Testing

/// Attempts at the edge in the ledger of a real server, under the role that the daemon has.
@Suite struct EdgeLedgerTests {
    private struct Scene {
        var database: Database
        var connection: PostgresConnection
        var lease: Lease
        var intent: Intent
        var grounds: EdgeGrounds

        var ledger: EdgeLedger {
            EdgeLedger(connection, settings: Fleet(0).settings, now: { Fleet.now })
        }

        func claim() async throws -> String? {
            try await ledger.claim(intent, grounds, lease: lease, timeout: Database.patience)
        }

        func stands() async throws -> Bool {
            try await ledger.stand(intent, grounds, timeout: Database.patience) == .stands
        }

        func recalled() async throws -> Memory? {
            try await LedgerRecall(connection, settings: Fleet(0).settings).read(
                lease: lease, timeout: Database.patience)
        }

        func events() throws -> String {
            try database.run(
                "select coalesce(string_agg(outcome, ' ' order by id), '') from controller.repair_event")
        }
    }

    private static let deeds: [@Sendable (RecordRule) -> RecordChange.Deed] = [
        { _ in .create },
        { .correct(DNSRecord(id: "9", name: $0.name, data: $0.wanted, ttl: 1, comment: nil, isProxied: true)) },
        { rule in
            let record = { DNSRecord(id: $0, name: rule.name, data: rule.wanted, ttl: 60, comment: rule.mark) }
            return .removeSurplus([record("2"), record("3")], keeping: record("1"))
        },
    ]

    private func scene(_ deed: (RecordRule) -> RecordChange.Deed = { _ in .create }) async throws -> Scene {
        let database = try await Database.migrated()
        try database.run(
            """
            update controller.leadership set epoch = 3, holder = '\(Database.holder)', taken_at = now(), closed_at = null;
            insert into platform.container_instance (vmid, ctype, hostname, customer_id, game, ip)
              values (5001, 'game', 'mc-paper-5001', 'c1', 'minecraft', '10.70.0.1')
            """)
        let row = try #require(try await database.read().instances.first)
        let rule = try #require(EdgeWish.rules(for: row, in: .publicDNS, settings: Fleet(0).settings).last)
        return try scene(database, row.key, .record(RecordChange(rule, deed: deed(rule))))
    }

    private func scene(_ database: Database, _ key: InstanceKey, _ change: EdgeChange) throws -> Scene {
        let grounds = EdgeGrounds(key: key, change: change, dead: [])
        let drift = OpenDrift(
            id: "0123456789abcdef", kind: .publicSRVMissing, vmid: key.vmid, externalID: key.externalID,
            hostname: "mc-paper-5001", level: .automatic, action: .edgeRepublish, verdict: .repair,
            reason: .policyMatched, since: Fleet.now)
        return Scene(
            database: database, connection: try database.connection("zlh_run"),
            lease: Lease(epoch: 3, holder: try #require(HolderID(Database.holder))),
            intent: Intent(
                drift: drift, act: .edgeRepublish(grounds), attempt: 1, epoch: 3, cycle: 7, policies: "p",
                evidenceAt: Fleet.now), grounds: grounds)
    }

    @Test func anAttemptIsWrittenDownAnsweredAndEnded() async throws {
        let scene = try await scene()
        #expect(try await scene.claim() == nil)
        try await scene.ledger.note(
            scene.intent, scene.grounds, answer: "done, cf-ray 1", id: "abc", lease: scene.lease,
            timeout: Database.patience)
        #expect(try await scene.stands())
        #expect(
            try await scene.ledger.close(
                scene.intent, .verified, lease: scene.lease, timeout: Database.patience))
        #expect(try scene.events() == "asked answered verified")
        #expect(
            try scene.database.run("select state || ' ' || (ended_at is not null) from controller.repair_intent")
                == "verified true")
        #expect(try await scene.recalled()?.interrupted == [])
    }

    @Test func everyChangeComesBackAsItWasWrittenDown() async throws {
        for deed in Self.deeds {
            let scene = try await scene(deed)
            #expect(try await scene.claim() == nil)
            try await scene.ledger.note(
                scene.intent, scene.grounds, answer: "done", id: "abc", lease: scene.lease, timeout: Database.patience)
            let back = try #require(try await scene.recalled()?.interrupted.first)
            #expect(back.act == scene.intent.act)
            #expect(back.resumed == Intent.Resumed(id: scene.intent.id, record: "abc"))
            #expect(back.drift.vmid == scene.grounds.key.vmid && back.attempt == 1)
        }
        let first = try await scene()
        let backend = VelocityReading.Backend(name: "mc-paper-5001", address: "10.70.0.1", port: 25565)
        let before = VelocityReading.Backend(name: "mc-paper-5001", address: "10.70.0.9", port: 25565)
        let scene = try scene(
            first.database, first.grounds.key, .backend(BackendChange(wanted: backend, before: [before])))
        #expect(try await scene.claim() == nil)
        #expect(try await scene.recalled()?.interrupted.first?.act == scene.intent.act)
    }

    /// Whoever has the password of `zlh_run` can write into the ledger, and would have any record removed as an effect of ours.
    @Test(arguments: [
        (
            #"change = jsonb_set(change, '{rule,record,comment}', '"theirs"')"#,
            "its mark is not that of this installation"
        ),
        (#"change = jsonb_set(change, '{rule,record,name}', '"www.example.net"')"#, "no service record of ours"),
        ("vmid = 5002", "its mark is not that of this installation for VMID 5002"),
        ("vmid = null", "names no server"),
        (#"change = '{"backend": {"name": "lobby", "address": "10.0.0.1", "port": 25565}, "before": []}'"#, "'lobby'"),
    ])
    func whatSomebodyElseWroteDownIsNotResumed(_ change: String, why: String) async throws {
        let scene = try await scene()
        #expect(try await scene.claim() == nil)
        try scene.database.run("update controller.repair_intent set \(change)")
        #expect(try await scene.recalled()?.interrupted == [])
        #expect(try scene.database.run("select state from controller.repair_intent") == "unknown")
        #expect(
            try scene.database.run("select detail ->> 'text' from controller.repair_event order by id desc limit 1")
                .contains(why))
    }

    /// The very transaction that claims reads what the claim rests on.
    @Test(arguments: [
        "update platform.container_instance set port = 25999",
        "update platform.container_instance set hostname = 'mc-paper-5002'",
        "update platform.container_instance set status = 'terminating'",
        "update platform.container_instance set external_id = gen_random_uuid(), port = 25999",
        "delete from platform.container_instance",
        "insert into platform.billing_enforcement_state (customer_id, billing_status) values ('c1', 'suspended')",
        """
        insert into platform.container_instance (vmid, ctype, hostname, game)
          values (5044, 'game', 'MC-Paper-5001', 'minecraft')
        """,
    ])
    func whatMovedInTheDatabaseEndsIt(_ change: String) async throws {
        let scene = try await scene()
        try scene.database.run(change)
        #expect(try await scene.claim() != nil)
        #expect(try await !scene.stands())
        #expect(try scene.events() == "")
    }

    /// Its VMID belongs to another server by now, which wants exactly this record: what began is not begun for it, and what stands is
    /// not taken away from it.
    @Test func whatASuccessorWantsIsNotTakenBack() async throws {
        let scene = try await scene()
        #expect(try await scene.claim() == nil)
        try scene.database.run("update platform.container_instance set external_id = gen_random_uuid()")
        #expect(try await scene.stands())
        try scene.database.run("delete from controller.repair_step; delete from controller.repair_intent")
        #expect(try await scene.claim() != nil)
    }

    /// Each request has a row of its own before it and its answer after it.
    @Test func whatIsSentLaterIsWrittenDownBefore() async throws {
        let scene = try await scene(Self.deeds[2])
        let writes = scene.grounds.change.writes
        #expect(writes.count == 2)
        func note(_ answer: String, _ id: String? = nil) async throws {
            try await scene.ledger.note(
                scene.intent, scene.grounds, answer: answer, id: id, lease: scene.lease, timeout: Database.patience)
        }
        func announce(isUndo: Bool = false, _ lease: Lease? = nil) async throws -> String? {
            try await scene.ledger.announce(
                scene.intent, scene.grounds, writes[1], isUndo: isUndo, lease: lease ?? scene.lease,
                timeout: Database.patience)
        }
        #expect(try await announce() == "the attempt has been ended")
        #expect(try await scene.claim() == nil)
        try await note("done")
        // Twice, as after a restart in between.
        for _ in 1...2 { #expect(try await announce() == nil) }
        try await note("done again")
        #expect(
            try scene.database.run(
                "select string_agg(s.name || ' ' || s.answer, '; ' order by s.asked_at) from controller.repair_step s")
                    == """
                    dns.public _minecraft._tcp.mc-paper-5001.example.net done; \
                    dns.public _minecraft._tcp.mc-paper-5001.example.net: remove SRV 0 0 25565 mc-paper-5001.example.net, id 3 \
                    done again
                    """)
        #expect(try scene.events() == "asked answered asked asked answered")
        #expect(try await scene.recalled()?.interrupted.map(\.id) == [scene.intent.id])
        let deposed = Lease(epoch: 2, holder: scene.lease.holder)
        #expect(try await announce(deposed) == "another controller leads")
        // What is wanted is not taken back, and while it is paused nothing is sent at all.
        #expect(try await announce(isUndo: true) == "it is wanted again")
        _ = try await PauseStore(scene.connection).pause(
            VMID(5001), reason: "r", for: .minutes(5), by: "me", timeout: Database.patience)
        #expect(try await announce() == "it is paused by me")
        try scene.database.run("delete from platform.container_instance")
        #expect(try await announce(isUndo: true)?.contains("it is paused by me") == true)
        try scene.database.run("delete from controller.pause")
        #expect(try await announce(isUndo: true) == nil)
    }

    /// What the service said it made keeps its id, whatever is asked and answered after it.
    @Test func theIDOfWhatWasMadeOutlivesItsWithdrawal() async throws {
        let scene = try await scene()
        #expect(try await scene.claim() == nil)
        try await scene.ledger.note(
            scene.intent, scene.grounds, answer: "done", id: "abc", lease: scene.lease, timeout: Database.patience)
        try scene.database.run("delete from platform.container_instance")
        let made = DNSRecord(
            id: "abc", name: scene.grounds.change.name, data: .a("203.0.113.10"), ttl: 60, comment: nil)
        let undo = EdgeWrite.correct(.publicDNS, made, RecordDraft(made))
        #expect(
            try await scene.ledger.announce(
                scene.intent, scene.grounds, undo, isUndo: true, lease: scene.lease, timeout: Database.patience) == nil)
        let asked = try scene.database.run(
            "select (extract(epoch from max(asked_at)) * 1000000)::bigint from controller.repair_step")
        // Since when it is tried outlives each new try.
        #expect(
            try await scene.ledger.announce(
                scene.intent, scene.grounds, undo, isUndo: true, lease: scene.lease, timeout: Database.patience) == nil)
        var expected = Intent.Resumed(id: scene.intent.id, record: "abc")
        expected.takenBackSince = Timestamp(microseconds: try #require(Int64(asked)))
        #expect(try await scene.recalled()?.interrupted.map(\.resumed) == [expected])
    }

    /// A backend is of an address, too: another server that has it by now is found by the claim itself.
    @Test func anotherServerAtTheAddressEndsABackend() async throws {
        let first = try await scene()
        let backend = VelocityReading.Backend(name: "mc-paper-5001", address: "10.70.0.1", port: 25565)
        let scene = try scene(
            first.database, first.grounds.key, .backend(BackendChange(wanted: backend, before: [])))
        #expect(try await scene.claim() == nil)
        #expect(try await scene.stands())
        try scene.database.run(
            """
            insert into platform.container_instance (vmid, ctype, hostname, customer_id, game, ip)
              values (5044, 'game', 'mc-paper-5044', 'c2', 'minecraft', '10.70.0.1/24')
            """)
        #expect(try await !scene.stands())
        try scene.database.run("delete from controller.repair_step; delete from controller.repair_intent")
        #expect(try await scene.claim() != nil)
    }

    @Test func aPauseAndAnOperationStandAgainstTheClaimOnly() async throws {
        for obstacle in [
            "insert into controller.pause (vmid, until, reason, by) values (5001, now() + interval '1 hour', 'x', 'o')",
            """
            insert into platform.provisioning_operation (id, kind, status, vmid) values ('op', 'backup', 'running', 5001)
            """,
            """
            insert into controller.accepted (drift_id, reason, until, by)
              values ('0123456789abcdef', 'r', now() + interval '1 hour', 'b')
            """,
        ] {
            let scene = try await scene()
            try scene.database.run(obstacle)
            #expect(try await scene.claim() != nil)
            #expect(try await scene.stands())
        }
    }

    /// Its transaction began before the pause, and had not asked for pauses yet when that had been written.
    @Test func aClaimThatBeganBeforeAPauseIsHeldByIt() async throws {
        let scene = try await scene()
        let other = try await scene.database.held("select from controller.leadership for update")
        async let claim = scene.claim()
        try await scene.database.somebodyWaits()
        _ = try await PauseStore(scene.database.connection("zlh_run")).pause(
            nil, reason: "r", for: .minutes(5), by: "me", timeout: Database.patience)
        try await other.end()
        #expect(try await claim == "it is paused by me")
        #expect(try scene.events().isEmpty)
    }

    /// As with a pause: once the command has ended, nothing begins.
    @Test func aClaimThatBeganBeforeAnAcceptanceIsHeldByIt() async throws {
        let scene = try await scene()
        let other = try await scene.database.held("select from controller.leadership for update")
        async let claim = scene.claim()
        try await scene.database.somebodyWaits()
        _ = try await AcceptanceStore(scene.database.connection("zlh_run")).accept(
            scene.intent.drift.id, reason: "r", for: .minutes(5), by: "me", timeout: Database.patience)
        try await other.end()
        #expect(try await claim == "the drift has been accepted by me")
        #expect(try scene.events().isEmpty)
    }

    /// The host may be late or early; the database says how long a pause holds.
    @Test func aPauseIsNotOverByTheClockOfTheHost() async throws {
        let scene = try await scene()
        _ = try await PauseStore(scene.connection).pause(
            VMID(5001), reason: "r", for: .minutes(5), by: "me", timeout: Database.patience)
        let ahead = EdgeLedger(
            scene.connection, settings: Fleet(0).settings, now: { Timestamp(seconds: 4_000_000_000) })
        let why = try await ahead.claim(scene.intent, scene.grounds, lease: scene.lease, timeout: Database.patience)
        #expect(why == "it is paused by me")
    }

    @Test func aDeposedControllerNeitherClaimsNorEnds() async throws {
        let scene = try await scene()
        var deposed = scene
        deposed.lease.epoch = 2
        #expect(try await deposed.claim() == "another controller leads")
        #expect(try await scene.claim() == nil)
        let isEnded = try await scene.ledger.close(
            scene.intent, .verified, lease: deposed.lease, timeout: Database.patience)
        #expect(!isEnded)
        #expect(try scene.database.run("select state from controller.repair_intent") == "open")
        #expect(try await deposed.recalled() == nil)
    }

    @Test func oneAttemptAtATimeOnOneServer() async throws {
        let scene = try await scene()
        #expect(try await scene.claim() == nil)
        var other = scene
        other.intent.cycle = 8
        #expect(try await other.claim() == "another repair of it is open")
    }
}
