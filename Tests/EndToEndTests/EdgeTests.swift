import Core
import Lab
import TestSupport
import Testing
import World

/// The edge heals: the real daemon, a real database, and services behind real ports.
@Suite("The edge, end to end", .serialized)
struct EdgeTests {
    private static let host = "mc-paper-5001.example.net"
    private static let service = "_minecraft._tcp.\(host)"

    private func events(_ scene: Scene, _ record: String) throws -> String {
        try scene.sql(
            """
            select coalesce(string_agg(e.outcome, ' ' order by e.id), '') from controller.repair_event e
             where e.drift_id in (select distinct i.drift_id from controller.repair_intent i
                                    join controller.repair_step s on s.intent_id = i.id where s.name like '%\(record)')
            """)
    }

    /// Who reads the zone as a player's resolver would: what is there, and whose it is.
    private func records(_ scene: Scene, at name: String) async -> [String] {
        await scene.house.estate.zone.records(at: name).map { "\($0.type) \($0.content) \($0.comment ?? "-")" }
    }

    @Test func aDeletedRecordIsBackExactlyOnceAndNothingElseHasChanged() async throws {
        let scene = try await Scene(.oneServer())
        let before = await scene.house.estate
        await scene.house.edit { estate in
            for record in estate.zone.records(at: Self.service) { estate.zone.remove(id: record.id) }
        }
        let daemon = try await RunningDaemon(scene)
        try await eventually("healed") {
            try events(scene, Self.service) == "opened asked answered verified closed"
        }
        await daemon.stop()
        #expect(
            await records(scene, at: Self.service) == ["SRV 0 25565 \(Self.host) zlh-controller/demo-1 5001"])
        let after = await scene.house.estate
        let others = { (estate: Estate) in estate.zone.records.filter { $0.name != Self.service } }
        #expect(others(after) == others(before))
        #expect(after.internalZone.records == before.internalZone.records && after.proxy == before.proxy)
        #expect(await scene.house.writes.count == 1)
        await scene.end()
    }

    @Test func aWholeServerIsPublishedInOrder() async throws {
        let scene = try await Scene(.oneServer())
        await scene.house.edit { estate in
            for name in [Self.host, Self.service] {
                for record in estate.zone.records(at: name) { estate.zone.remove(id: record.id) }
                estate.internalZone.remove { $0.name == name }
            }
            // Not forgotten: after a restart the proxy would be given its time first.
            estate.proxy.register("mc-paper-5001", "127.70.99.99")
        }
        let daemon = try await RunningDaemon(scene)
        try await eventually("healed") {
            try scene.sql(
                "select count(*) from controller.open_drift where action = 'edge_republish'") == "0"
                && scene.sql("select count(*) from controller.repair_intent where state = 'verified'") == "5"
        }
        await daemon.stop()
        let order = try scene.sql(
            "select string_agg(s.name, ', ' order by s.asked_at) from controller.repair_step s")
        #expect(
            order == """
                dns.internal \(Self.host), dns.internal \(Self.service), dns.public \(Self.host), \
                dns.public \(Self.service), velocity mc-paper-5001
                """)
        await scene.end()
    }

    /// A credential that may only read, or a service that fails at each write: what is wrong beside it is mended all the same.
    @Test(arguments: [WriteFault.denied, .errorBefore])
    func oneRecordThatCannotBeMendedDoesNotStopTheOthers(fault: WriteFault) async throws {
        let scene = try await Scene(.oneServer())
        await scene.house.edit { estate in
            estate.internalZone.remove { $0.name == Self.host }
            for record in estate.zone.records(at: Self.service) { estate.zone.remove(id: record.id) }
            estate.proxy.register("mc-paper-5001", "127.70.99.99")
        }
        await scene.house.inject(fault, on: .technitium)
        let daemon = try await RunningDaemon(scene)
        try await eventually("the others are healed") {
            try scene.sql(
                """
                select coalesce(string_agg(drift_kind, ' ' order by drift_kind), '')
                  from controller.repair_intent where state = 'verified'
                """) == "dns.public.srv_missing velocity.wrong_address"
        }
        await daemon.stop()
        #expect(
            try scene.sql(
                "select distinct drift_kind || ' ' || state from controller.repair_intent where state <> 'verified'")
                == "dns.internal.a_missing not_verified")
        await scene.end()
    }

    @Test func anAnswerThatWasLostIsLookedUpAndNotSentAgain() async throws {
        let scene = try await Scene(.oneServer())
        await scene.house.edit { estate in
            for record in estate.zone.records(at: Self.service) { estate.zone.remove(id: record.id) }
        }
        await scene.house.inject(.answerLost, on: .cloudflare, times: 1)
        let daemon = try await RunningDaemon(scene)
        try await eventually("healed") {
            try events(scene, Self.service) == "opened asked answered verified closed"
        }
        await daemon.stop()
        #expect(await scene.house.writes.count == 1)
        #expect(await records(scene, at: Self.service).count == 1)
        await scene.end()
    }

    /// Two records too many, each with our mark. The ids decide the order.
    private func surplus(_ scene: Scene) async {
        let ids = ["1", "2"].map { String(repeating: $0, count: 32) }
        await scene.house.edit { estate in
            guard let right = estate.zone.records(at: Self.host).first(where: { $0.type == "A" }) else { return }
            for (id, content) in zip(ids, ["192.0.2.66", "192.0.2.67"]) {
                var record = right
                (record.id, record.content) = (id, content)
                estate.zone.add(record)
            }
        }
    }

    @Test func surplusGoesOneByOneEachWithItsOwnRow() async throws {
        let scene = try await Scene(.oneServer())
        await surplus(scene)
        let daemon = try await RunningDaemon(scene)
        try await eventually("healed") {
            try events(scene, Self.host) == "opened asked answered asked answered verified closed"
        }
        await daemon.stop()
        #expect(await records(scene, at: Self.host).count == 1)
        #expect(await scene.house.writes.count == 2)
        #expect(
            try scene.sql(
                "select string_agg(s.name, '; ' order by s.asked_at) from controller.repair_step s where s.answered_at is not null"
            )
            .hasSuffix(": remove A 192.0.2.67, id \(String(repeating: "2", count: 32))"))
        await scene.end()
    }

    @Test func whatIsNotOursStaysAsItIs() async throws {
        let scene = try await Scene(.oneServer())
        await scene.house.edit { estate in
            guard var record = estate.zone.records(at: Self.host).first else { return }
            record.content = "192.0.2.66"
            record.comment = "moved by the network team"
            estate.zone.replace(record)
        }
        let before = await scene.house.estate.zone
        let daemon = try await RunningDaemon(scene)
        try await eventually("held") {
            daemon.reports.last?.decisions.contains {
                $0.drift.kind == .publicAWrong && $0.reason == .foreignRecord && $0.execution == .executable
            } == true && daemon.reports.count > 4
        }
        await daemon.stop()
        #expect(await scene.house.estate.zone == before)
        #expect(await scene.house.writes.isEmpty)
        await scene.end()
    }

    @Test func aDryRunWritesNothingOutside() async throws {
        let scene = try await Scene(.oneServer())
        await scene.house.edit { estate in
            for record in estate.zone.records(at: Self.service) { estate.zone.remove(id: record.id) }
        }
        let daemon = try await RunningDaemon(scene, mode: "dry-run")
        try await eventually("said") {
            try scene.sql(
                "select string_agg(outcome, ' ' order by id) from controller.repair_event") == "opened would_repair"
        }
        await daemon.stop()
        #expect(await scene.house.writes.isEmpty)
        await scene.end()
    }
}
