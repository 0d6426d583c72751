import Core
import Fixtures
import Lab
import Runtime
import Settings
import TestSupport
import Testing
import World

@Suite("From the real database and real ports to the report", .serialized)
struct AuditTests {
    @Test func everyPlantedStoryIsFoundAndNothingElse() async throws {
        let estate = Estate.demo()
        let scene = try await Scene(estate)
        let report = try #require(await scene.report())
        let found = Set(report.decisions.map { Found($0.drift.kind, $0.drift.subject.vmid) })
        let planted = Set(estate.story.map { Found($0.kind, $0.vmid) })
        #expect(found == planted)
        #expect(report.decisions.count == estate.story.count)
        for story in estate.story {
            guard let guardReason = story.heldBy else { continue }
            let decision = report.decisions.first {
                $0.drift.kind == story.kind && $0.drift.subject.vmid == story.vmid
            }
            #expect(decision?.verdict == .held)
            #expect(decision?.reason == guardReason)
        }
        #expect(report.unknown == [])
        #expect(report.exitStatus == 2)
        #expect(await scene.house.writes.isEmpty)
        await scene.end()
    }

    struct Found: Hashable {
        var kind: DriftKind
        var vmid: VMID?
        init(_ kind: DriftKind, _ vmid: VMID?) { (self.kind, self.vmid) = (kind, vmid) }
    }

    @Test func aDeletedRecordIsFoundAndAnAuditWritesNothing() async throws {
        let scene = try await Scene(.random(seed: 4, instances: 12))
        let name = try #require(await scene.house.estate.zone.records.first { $0.type == "SRV" })
        await scene.house.edit { $0.zone.remove(id: name.id) }
        let before = try PrivatePostgres.shared.get().run(Self.checksum, database: scene.database)
        let report = try #require(await scene.report())
        #expect(
            report.decisions.contains { $0.drift.kind == .publicSRVMissing && $0.drift.subject.record == name.name })
        #expect(await scene.house.writes.isEmpty)
        #expect(try PrivatePostgres.shared.get().run(Self.checksum, database: scene.database) == before)
        await scene.end()
    }

    /// Every row of every table of both schemas.
    private static let checksum = """
        select string_agg(t || ' ' || md5(query_to_xml('select * from ' || t, true, false, '')::text), e'\\n' order by t)
        from (select format('%I.%I', schemaname, tablename) t from pg_tables where schemaname in ('platform', 'controller')) x
        """

    @Test func noSecretAndNoPayloadIsInAnyOutput() async throws {
        let estate = Estate.demo()
        let scene = try await Scene(estate)
        let (outcome, recorder) = try await scene.audit()
        guard case .report(let report) = outcome else {
            Issue.record("no report")
            return
        }
        let fixture = try #require(
            await recorder.fixture(settings: estate.settings, capturedAt: report.generatedAt))
        let outputs = [
            ReportText.encode(report, usesColor: true), String(decoding: ReportJSON.encode(report), as: UTF8.self),
            String(decoding: try FixtureFile.encode(fixture), as: UTF8.self),
        ]
        var secrets = [
            await scene.house.proxmoxToken, await scene.house.cloudflareToken, await scene.house.technitiumToken,
            await scene.house.agentToken, await scene.house.velocitySecret, "RCON_PASSWORD", "API_KEY",
            Scene.redisPassword,
        ]
        secrets += estate.zone.records.filter { $0.type == "TXT" }.map(\.content)
        #expect(secrets.count > 4)
        for output in outputs {
            for secret in secrets { #expect(!output.contains(secret)) }
        }
        await scene.end()
    }

    /// Somebody backs up a server whose record is gone.
    @Test func aTaskOfSomebodyElseHoldsARepairUntilItEnds() async throws {
        let scene = try await Scene()
        let before = try #require(
            await scene.report()?.decisions.first {
                $0.verdict == .repair && $0.drift.instance != nil
                    && $0.drift.kind.action == .edgeRepublish
            })
        let vmid = try #require(before.drift.subject.vmid)
        await scene.house.edit { estate in
            let node = estate.guest(vmid)?.node ?? ""
            estate.cluster.tasks = [.init(vmid: vmid, node: node, type: "vzdump", owner: "root@pam")]
        }
        let during = try #require(await scene.report()?.decisions.first { $0.drift.id == before.drift.id })
        #expect((during.verdict, during.reason) == (.held, .foreignTask))
        #expect(during.detail == "a task runs on it: vzdump")
        // A node that does not say what it runs is no node that runs nothing.
        await scene.house.edit { $0.cluster.tasks = [] }
        await scene.house.inject(.status(500), on: .proxmox, path: "/api2/json/nodes")
        let blind = try #require(await scene.report()?.decisions.first { $0.drift.id == before.drift.id })
        #expect(blind.reason == .foreignTask)
        await scene.house.clearFaults()
        #expect(await scene.house.writes.isEmpty)
        let after = try #require(await scene.report()?.decisions.first { $0.drift.id == before.drift.id })
        #expect(after.verdict == .repair)
        await scene.end()
    }

    @Test func aCaptureIsJudgedAsTheEstateWas() async throws {
        let scene = try await Scene(.demo(seed: 9))
        let (outcome, recorder) = try await scene.audit()
        guard case .report(let live) = outcome else {
            Issue.record("no report")
            return
        }
        let configuration = try await scene.configuration()
        let captured = try #require(
            await recorder.fixture(settings: configuration.pipelineSettings(), capturedAt: live.generatedAt))
        let fixture = try FixtureFile.decode(try FixtureFile.encode(captured), path: "capture")
        #expect(fixture == captured)
        let replayed = await AuditRun(
            observers: FixtureObservers(fixture), clock: FixtureClock(fixture.capturedAt)
        ).run(Controller(settings: fixture.settings, policies: try configuration.loadPolicies()))
        #expect(replayed == outcome)

        // And under other names, in all that is decided.
        let policies = try configuration.loadPolicies()
        let other = await AnonymousCapture.make(of: captured, policies: policies)
        let run = AuditRun(observers: FixtureObservers(other), clock: FixtureClock(other.capturedAt))
        guard case .report(let anonymous) = await run.run(Controller(settings: other.settings, policies: policies))
        else {
            Issue.record("no report")
            return
        }
        func essence(_ report: Report) -> [String] {
            report.decisions.map { decision in
                let (drift, vmid) = (decision.drift, decision.drift.subject.vmid)
                return "\(drift.kind) \(vmid?.description ?? "-") \(decision.verdict) \(decision.reason)"
            }.sorted()
        }
        #expect(essence(anonymous) == essence(live))
        #expect((anonymous.unknown, anonymous.exitStatus) == (live.unknown, live.exitStatus))
        await scene.end()
    }

    @Test(
        "Each of these would look like an absence to a careless reader",
        arguments: [
            ProxmoxFault.permissionLost, .vmAuditLost, .privilegeSeparated, .fileSystemHiccup, .noQuorum, .wrongCluster,
            .statusesUnknown, .malformed, .unauthorized, .serverError,
        ])
    func proxmoxLies(fault: ProxmoxFault) async throws {
        let scene = try await Scene(.random(seed: 11, instances: 8))
        await scene.house.inject(fault, endpoint: nil, times: nil)
        let report = try #require(await scene.report())
        #expect(!report.decisions.contains { $0.drift.evidence.plane == .proxmox && $0.drift.kind != .containerOrphan })
        #expect(!report.isComplete)
        await scene.end()
    }

    @Test func aGuestThatARuleHidesIsNotMissing() async throws {
        let scene = try await Scene(.random(seed: 11, instances: 8))
        let row = try #require(await scene.house.estate.instances.first { $0.status == .active })
        for fault in [ProxmoxFault.guestHidden(row.vmid), .guestDenied(row.vmid)] {
            await scene.house.clearFaults()
            await scene.house.inject(fault, endpoint: nil, times: nil)
            let report = try #require(await scene.report())
            #expect(
                !report.decisions.contains { $0.drift.kind == .containerMissing && $0.drift.subject.vmid == row.vmid })
            #expect(report.unknown.contains(UnknownFact(vmid: row.vmid, plane: .proxmox, reason: .permissionMissing)))
        }
        await scene.end()
    }

    @Test(
        "Each of these would look like an empty or smaller zone to a careless reader",
        arguments: [
            CloudflareFault.pageLost(2), .countChanges, .duplicateAcrossPages, .truncated, .wrongZone, .empty,
            .malformed,
            .unauthorized, .serverError, .rateLimited,
        ])
    func cloudflareLies(fault: CloudflareFault) async throws {
        var estate = Estate.random(seed: 12, instances: 12)
        estate.zone.largestPage = 7
        let scene = try await Scene(estate)
        await scene.house.inject(fault, times: nil)
        let report = try #require(await scene.report())
        #expect(!report.decisions.contains { $0.drift.kind.plane == .publicDNS })
        #expect(!report.isComplete)
        await scene.end()
    }

    @Test func theNextEndpointAnswersForADeadOne() async throws {
        let scene = try await Scene(.demo(), endpoints: 2)
        let configuration = try await scene.configuration()
        await scene.house.stopListening(proxmoxEndpoint: 0)
        guard case .report(let report) = try await scene.audit(configuration).outcome else {
            Issue.record("no report")
            return
        }
        #expect(report.status(.proxmox) == .complete)
        await scene.end()
    }

    @Test func withoutADatabaseThereIsNoReport() async throws {
        let scene = try await Scene(.random(seed: 5, instances: 3))
        let port = try PrivatePostgres.freePort()
        let configuration = try await scene.configuration { yaml in
            yaml.replacing(scene.url, with: "postgres://zlh_audit@127.0.0.1:\(port)/zlh")
        }
        guard case .desiredUnreadable(let failure, _) = try await scene.audit(configuration).outcome else {
            Issue.record("there was a report")
            return
        }
        #expect(failure.code == .refused)
        #expect(await scene.house.requests.isEmpty, "without desired state nobody is asked")
        await scene.end()
    }
}
