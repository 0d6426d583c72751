import Core
import Fixtures
import Lab
import Settings
import Testing
import World

@testable import Runtime

/// The internal zone from the configuration's text to the report, over real HTTP. What the other planes show comes from the
/// same estate, so that only this one goes over the wire.
@Suite("The internal zone, end to end")
struct InternalZoneTests {
    private struct Parts {
        var house: LabHouse
        var installation: Installation
        var estate: Estate
    }

    private static func read(url: String, token: String) throws -> Configuration {
        let text = """
            id: "demo-1"
            postgres: { url: "postgres://nobody@127.0.0.1:1/none" }
            dns:
              zone: "example.net"
              internal:
                provider: technitium
                url: "\(url)"
                token: { value: "\(token)" }
                edge: "10.0.0.5"
                former_edges: ["10.0.0.4"]
                timeout: 1s
            """
        return try Configuration.read(
            Array(text.utf8), file: "c.yaml", folder: "/nowhere", hasPolicyFolder: false)
    }

    private func withParts(
        _ options: LabOptions = LabOptions(), token: String? = nil, _ body: (Parts) async throws -> Void
    ) async throws {
        let estate = Estate.demo()
        let house = LabHouse(estate: estate, options: options)
        try await house.start()
        let configuration = try Self.read(
            url: try #require(await house.technitiumURL), token: token ?? options.technitiumToken)
        let installation = try Installation(configuration, now: { Timestamp(seconds: 7) })
        try await body(Parts(house: house, installation: installation, estate: estate))
        await installation.close()
        await house.stop()
    }

    /// The real observer for the internal zone, the estate itself for all else.
    private struct HalfLive: Observers {
        let live: LiveObservers
        let estate: Estate

        func observe(_ look: Look) async -> Observation {
            let now = estate.drawnAt
            let content: Observation.Content
            switch look.plane {
            case .internalDNS: return await live.observe(look)
            case .proxmox: content = .proxmox(estate.proxmoxReading(endpoint: "https://pve1:8006", at: now))
            case .publicDNS: content = .publicZone(estate.zoneReading(endpoint: "https://api.example", at: now))
            case .agents: content = .agents(.success(estate.agentReading(look.agents, at: now)))
            case .velocity: content = .velocity(estate.velocityReading(endpoint: "http://proxy:8081", at: now))
            case .queues:
                content = .queues(estate.queueReading(endpoint: "127.0.0.1:6379/0", jobs: look.jobs, at: now))
            case .database: content = .desired(.success(estate.desiredState(at: now)))
            }
            return Observation(look: look.number, content: content)
        }
    }

    private func audit(_ parts: Parts) async throws -> (Report, Fixture) {
        let recorder = Recorder(HalfLive(live: LiveObservers(parts.installation), estate: parts.estate))
        let clock = FixtureClock(parts.estate.drawnAt)
        let controller = Controller(
            settings: parts.estate.settings,
            policies: PolicySet(policies: [], brakes: .defaults, windows: [], notifications: []))
        let outcome = await AuditRun(observers: recorder, clock: clock).run(controller)
        guard case .report(let report) = outcome else { throw Missing() }
        let fixture = await recorder.fixture(settings: parts.estate.settings, capturedAt: parts.estate.drawnAt)
        return (report, try #require(fixture))
    }

    private struct Missing: Error {}

    @Test func theDemonstrationHasTwoInternalDrifts() async throws {
        try await withParts { parts in
            let (report, fixture) = try await audit(parts)
            let found = report.decisions.filter { $0.drift.kind.plane == .internalDNS }
            #expect(found.map(\.drift.kind) == [.internalSRVMissing, .internalAWrong])
            #expect(
                found.map(\.drift.subject.record) == [
                    "_minecraft._tcp.mc-paper-5001.example.net", "mc-vanilla-5002.example.net",
                ])
            #expect(found.map(\.drift.observed) == ["no SRV record at this name", "A 10.0.0.4"])
            let planted = parts.estate.story.filter { $0.kind.plane == .internalDNS }
            #expect(planted.map(\.record) == found.map(\.drift.subject.record))
            // Neither server drifts on the public side.
            #expect(
                !report.decisions.contains {
                    [VMID(5001), VMID(5002)].contains($0.drift.subject.vmid) && $0.drift.kind.plane == .publicDNS
                })
            #expect(await parts.house.writes == [])
            #expect(await parts.house.requests["technitium POST /api/zones/records/get"] == 2)

            // The same estate from a file gives the same report.
            let bytes = try FixtureFile.encode(fixture)
            let again = await AuditRun(
                observers: FixtureObservers(try FixtureFile.decode(bytes, path: "f")),
                clock: FixtureClock(parts.estate.drawnAt)
            ).run(
                Controller(
                    settings: parts.estate.settings,
                    policies: PolicySet(policies: [], brakes: .defaults, windows: [], notifications: [])))
            #expect(again == .report(report))
        }
    }

    @Test func aTokenThatIsRefusedLeavesTheOtherPlanesStanding() async throws {
        try await withParts(token: "wrong-token") { parts in
            let (report, _) = try await audit(parts)
            #expect(report.status(.internalDNS) == .failed)
            #expect(!report.decisions.contains { $0.drift.kind.plane == .internalDNS })
            #expect(report.decisions.contains { $0.drift.kind == .publicSRVMissing })
            #expect(!ReportText.encode(report, usesColor: false).contains("wrong-token"))
        }
    }

    @Test(
        "Each of these would look like an absence to a careless reader",
        arguments: TechnitiumFault.allCases.filter { $0 != .staleCopy })
    func technitiumLies(fault: TechnitiumFault) async throws {
        try await withParts { parts in
            await parts.house.inject(fault)
            let (report, _) = try await audit(parts)
            #expect(!report.decisions.contains { $0.drift.kind.plane == .internalDNS })
            #expect(report.status(.internalDNS) == .failed)
            #expect(!report.isComplete)
        }
    }

    @Test func aCopyThatIsStaleOnceMakesNothingMissing() async throws {
        try await withParts { parts in
            // The first look lacks the newest record and still shows the one that was deleted.
            let last = try #require(parts.estate.internalZone.records.last)
            await parts.house.inject(TechnitiumFault.staleCopy, times: 1)
            let (report, _) = try await audit(parts)
            #expect(!report.decisions.contains { $0.drift.subject.record == last.name })
            #expect(!report.decisions.contains { $0.drift.kind == .internalSRVMissing })
            let deleted = UnknownFact(vmid: VMID(5001), plane: .internalDNS, reason: .notConfirmed)
            #expect(report.unknown == [deleted])
        }
    }

    // MARK: Doctor

    @Test func doctorFindsNothingWrong() async throws {
        try await withParts { parts in
            let findings = await Doctor(parts.installation).internalZone()
            #expect(findings.map(\.status) == [.ok, .ok])
            #expect(findings[0].what == "Technitium 15.2, the token is of user 'zlh'")
            #expect(findings[1].what.contains("records of example.net"))
            #expect(await parts.house.writes == [])
        }
    }

    @Test(
        arguments: [
            (TechnitiumFault.accessDenied, "View on the zone"), (.noSuchZone, "Primary zone"),
            (.enclosingZone, "by itself"), (.secondary, "by itself"), (.zoneDisabled, "enable the zone"),
            (.empty, "run doctor again"), (.torn, "run doctor again"), (.invalidToken, "API token"),
        ])
    func doctorSaysWhatToDo(fault: TechnitiumFault, remedy: String) async throws {
        try await withParts { parts in
            await parts.house.inject(fault)
            let bad = await Doctor(parts.installation).internalZone().filter { $0.status == .fail }
            #expect(bad.count == 1)
            #expect(bad.first?.remedy?.contains(remedy) == true)
            #expect(bad.first?.what.contains("lab-technitium-token") == false)
        }
    }

    @Test(arguments: [("12.2.1", Finding.Status.fail), ("13.0", .ok), ("next", .fail)])
    func doctorAsksForAVersionThatItKnows(version: String, status: Finding.Status) async throws {
        var options = LabOptions()
        options.technitiumVersion = version
        try await withParts(options) { parts in
            #expect(await Doctor(parts.installation).internalZone().first?.status == status)
        }
    }

    @Test func aTokenWithTooMuchPowerOrTooShortALifeIsTold() async throws {
        var options = LabOptions()
        options.technitiumTokenName = nil
        options.technitiumTokenAdministers = true
        try await withParts(options) { parts in
            let findings = await Doctor(parts.installation).internalZone()
            #expect(findings.map(\.status) == [.ok, .warn, .warn, .ok])
            #expect(findings.allSatisfy { $0.plane == .internalDNS && ($0.status == .ok) == ($0.remedy == nil) })
        }
    }
}

extension Report {
    fileprivate func status(_ plane: Plane) -> Coverage.Status? { coverage.first { $0.plane == plane }?.status }
}
