import Core
import Lab
import Postgres
import Settings
import Testing
import World

@testable import Runtime

/// The services of the edge from the configuration's text to a changed record, over real HTTP.
@Suite("The hands of the edge, end to end")
struct EdgeHandsTests {
    private static let mark = "zlh-controller/demo-1 5990"
    private static let name = "mc-new-5990.example.net"
    private static let backend = VelocityReading.Backend(name: "mc-new-5990", address: "10.0.0.90", port: 25565)

    private static func text(_ house: LabHouse, _ planes: Set<Plane>, mode: String = "repair") async throws -> String {
        var text = """
            id: "demo-1"
            mode: \(mode)
            postgres: { url: "postgres://nobody@127.0.0.1:1/none" }
            lock: { key: "zlh-controller:leader" }
            redis: { url: "redis://127.0.0.1:1/0" }

            """
        if !planes.isDisjoint(with: [.publicDNS, .internalDNS]) { text += "dns:\n  zone: \"example.net\"\n" }
        if planes.contains(.publicDNS) {
            text += """
                  public:
                    provider: cloudflare
                    url: "\(try #require(await house.cloudflareURL))"
                    zone_id: "\(await house.estate.zone.id)"
                    token: { value: "\(await house.cloudflareToken)" }
                    edge: "203.0.113.10"

                """
        }
        if planes.contains(.internalDNS) {
            text += """
                  internal:
                    provider: technitium
                    url: "\(try #require(await house.technitiumURL))"
                    token: { value: "\(await house.technitiumToken)" }
                    edge: "10.0.0.5"

                """
        }
        if planes.contains(.velocity) {
            text += """
                velocity:
                  url: "\(try #require(await house.velocityURL))"
                  secret: { value: "\(await house.velocitySecret)" }

                """
        }
        return text
    }

    private func withInstallation(
        _ planes: Set<Plane>, mode: String = "repair", _ body: (LabHouse, Installation) async throws -> Void
    ) async throws {
        let house = LabHouse(estate: Estate.demo())
        try await house.start()
        let text = try await Self.text(house, planes, mode: mode)
        let configuration = try Configuration.read(
            Array(text.utf8), file: "c.yaml", folder: "/nowhere", hasPolicyFolder: false)
        let installation = try Installation(configuration, now: { Timestamp(seconds: 7) })
        try await body(house, installation)
        await installation.close()
        await house.stop()
    }

    private static func change(_ plane: Plane) -> EdgeChange {
        guard plane != .velocity else { return .backend(BackendChange(wanted: backend, before: [])) }
        let rule = RecordRule(
            plane: plane, name: name, wanted: .a("203.0.113.10"), ttl: 60, mark: mark, formerEdges: [])
        return .record(RecordChange(rule, deed: .create))
    }

    @Test func eachServiceIsReachedAndChanged() async throws {
        try await withInstallation([.publicDNS, .internalDNS, .velocity]) { house, installation in
            let hands = installation.edgeHands
            for plane in [Plane.publicDNS, .internalDNS, .velocity] {
                let change = Self.change(plane)
                #expect(change.isAsJudged(await hands.look(at: change, timeout: .seconds(20))))
                let write = try #require(change.writes.first)
                guard case .done(let id, _) = await hands.write(write, timeout: .seconds(20)) else {
                    Issue.record("\(plane) was not written")
                    continue
                }
                let sight = await hands.look(at: change, timeout: .seconds(20))
                #expect(change.isDone(sight))
                let undo = try #require(change.undoing(sight, id: id))
                guard case .done = await hands.write(undo, timeout: .seconds(20)) else {
                    Issue.record("\(plane) was not taken back")
                    continue
                }
                #expect(change.isAsJudged(await hands.look(at: change, timeout: .seconds(20))))
            }
            #expect(await house.writes.map(\.method) == ["POST", "DELETE", "POST", "POST", "POST", "POST"])
        }
    }

    /// What docs/writing.md says of the cost: 1,200 requests in five minutes are allowed.
    @Test func aChangeCostsFewRequests() async throws {
        try await withInstallation([.publicDNS]) { house, installation in
            let hands = installation.edgeHands
            func cost(_ change: EdgeChange) async throws -> Int {
                let before = await house.requests.values.reduce(0, +)
                _ = await hands.look(at: change, timeout: .seconds(20))
                _ = await hands.write(try #require(change.writes.first), timeout: .seconds(20))
                #expect(change.isDone(await hands.look(at: change, timeout: .seconds(20))))
                return await house.requests.values.reduce(0, +) - before
            }
            let creation = try await cost(Self.change(.publicDNS))
            #expect(creation == 6)
            await house.edit { estate in
                for var record in estate.zone.records(at: Self.name) {
                    record.content = "192.0.2.1"
                    estate.zone.replace(record)
                }
            }
            guard case .records(let here) = await hands.look(at: Self.change(.publicDNS), timeout: .seconds(20)),
                case .record(let create) = Self.change(.publicDNS)
            else {
                Issue.record("it cannot be looked at")
                return
            }
            let correction = try await cost(.record(try #require(RecordChange(create.rule, judging: here))))
            #expect(correction == 4)
        }
    }

    /// A service that may not be asked now: nothing is claimed, sent or looked at, and it is no attempt.
    @Test func whatHasNoRoomDoesNotBegin() async throws {
        struct Full: EdgeReach {
            func obstacle(to change: EdgeChange, within timeout: Span) async -> String? { "no room for \(timeout)" }
            func look(at change: EdgeChange, timeout: Span) async -> EdgeSight {
                Issue.record("it was looked at")
                return .unreadable("")
            }
            func write(_ write: EdgeWrite, timeout: Span) async -> WriteAnswer {
                Issue.record("it was written")
                return .refused("")
            }
        }
        struct Nobody: Stewardship {
            func tenures() async -> AsyncStream<Tenure> { AsyncStream { $0.finish() } }
            func lease() async -> Lease? {
                var source = SystemRandomNumberGenerator()
                return Lease(epoch: 1, holder: HolderID(using: &source))
            }
            func beginAct() async -> ActLeave? { nil }
            func refused(_ lease: Lease) async {}
        }
        try await withInstallation([.publicDNS]) { _, installation in
            let key = InstanceKey(vmid: try #require(VMID(5990)), externalID: ExternalID(high: 1, low: 1))
            let grounds = EdgeGrounds(key: key, change: Self.change(.publicDNS), dead: [])
            let now = Timestamp(seconds: 7)
            let policies = PolicySet(policies: [], brakes: .defaults, windows: [], notifications: [])
            let intent = Intent(
                drift: OpenDrift(
                    id: "0123456789abcdef", kind: .publicAMissing, vmid: key.vmid, externalID: key.externalID,
                    hostname: "mc-new-5990", level: .automatic, action: .edgeRepublish, verdict: .repair,
                    reason: .policyMatched, since: now), act: .edgeRepublish(grounds), attempt: 1, epoch: 1, cycle: 1,
                policies: policies.hash, evidenceAt: now)
            let repairer = EdgeRepairer(
                ledger: EdgeLedger(
                    installation.database, settings: installation.configuration.pipelineSettings(), now: { now }),
                reach: Full(), stewardship: Nobody(), clock: FixtureClock(now), actDeadline: .seconds(5))
            #expect(
                await repairer.run(intent, grounds, rules: { PoliciesInForce(policies, calendar: .always) })
                    == .refused("no room for 5 s"))
        }
    }

    @Test(arguments: [Plane.publicDNS, .internalDNS, .velocity])
    func whatIsNotConfiguredIsNeitherReadNorWritten(plane: Plane) async throws {
        let others = Set([Plane.publicDNS, .internalDNS, .velocity]).subtracting([plane])
        try await withInstallation(others) { house, installation in
            let change = Self.change(plane)
            guard case .unreadable = await installation.edgeHands.look(at: change, timeout: .seconds(5)),
                case .refused = await installation.edgeHands.write(
                    try #require(change.writes.first), timeout: .seconds(5))
            else {
                Issue.record("something was asked")
                return
            }
            #expect(await house.requests.isEmpty)
        }
    }

    @Test func doctorSaysWhatItCannotKnow() async throws {
        try await withInstallation([.publicDNS, .internalDNS, .velocity]) { house, installation in
            let findings = Doctor(installation).writing()
            #expect(findings.map(\.plane) == [.publicDNS, .internalDNS, .velocity])
            #expect(findings.map(\.status) == [.warn, .warn, .ok])
            #expect(await house.requests.isEmpty)
        }
        try await withInstallation([.velocity]) { _, installation in
            #expect(Doctor(installation).writing().count == 1)
        }
        try await withInstallation([.publicDNS, .internalDNS, .velocity], mode: "dry-run") { _, installation in
            #expect(Doctor(installation).writing() == [])
        }
    }
}
