import Core
import Fixtures
import Foundation
import Runtime
import Testing
import World

@Suite("A capture under other names")
struct AnonymousTests {
    static let now = Timestamp(seconds: 1_767_225_600)

    /// A random estate with what random estates lack: pauses, acceptances, unreadable rows, names that are not ours, faults.
    static func estate(_ seed: UInt64) async throws -> Fixture {
        let estate = Estate.random(seed: seed, instances: [4, 12, 40][Int(seed % 3)], at: now)
        var desired = estate.desiredState(at: now)
        var rows = desired.instances
        if seed % 4 == 0, rows.count > 3 {
            rows[0].hostname = rows[1].hostname.uppercased() + "." + (estate.settings.zone ?? "") + "."
            rows[2].hostname = "acme_corp \(rows[2].vmid)"
            rows[3].address = rows[2].address
        }
        let unreadable =
            seed % 5 == 0
            ? [
                UnreadableRow(
                    table: .operation, vmid: rows.last?.vmid, externalID: nil, hostname: nil, why: "kind 'acmekind'")
            ] : []
        func state(_ accepted: [Acceptance]) -> DesiredState {
            DesiredState(
                instances: rows, operations: desired.operations, billing: desired.billing, retired: desired.retired,
                unreadable: unreadable,
                pauses: seed % 7 == 0
                    ? [
                        Pause(
                            vmid: rows.first?.vmid, since: now, until: now + .minutes(9), why: "acmewhy", by: "acmeop")
                    ]
                    : [],
                accepted: accepted, readAt: now)
        }
        desired = state([])
        var faults: Set<ProxmoxFault> = []
        if seed % 6 == 1 { faults = [.vmAuditLost] }
        if seed % 6 == 2, let node = estate.cluster.nodes.last { faults = [.nodeOffline(node.name, since: now)] }
        if seed % 6 == 3 { faults = [.refused] }
        func look(_ desired: DesiredState, second: Bool) -> Fixture.Look {
            Fixture.Look(
                desired: .success(desired),
                proxmox: estate.proxmoxReading(
                    endpoint: "https://acmehost:8006", node: estate.cluster.nodes.first { $0.isOnline }?.name,
                    faults: faults, at: now
                ).map { reading in
                    var reading = reading
                    if second {
                        reading.probes = Dictionary(rows.map { ($0.vmid, true) }) { $1 }
                        reading.addresses = estate.guestAddresses(of: rows.map(\.vmid))
                    }
                    return reading
                },
                publicZone: estate.zoneReading(
                    endpoint: "https://acmeapi.example", perPage: 100, faults: seed % 8 == 5 ? [.refused] : [], at: now),
                internalZone: estate.internalReading(endpoint: "http://acmedns:5380", at: now),
                agents: .success(
                    estate.agentReading(
                        rows.compactMap { row in row.address.map { AgentTarget(key: row.key, address: $0) } },
                        faults: seed % 9 == 4 ? [AgentFault(.refused)] : [], at: now)),
                velocity: estate.velocityReading(
                    endpoint: "http://acmeproxy:8081", faults: seed % 8 == 3 ? [.brokenEntry] : [], at: now))
        }
        let plain = Fixture(
            capturedAt: now, settings: estate.settings,
            looks: [look(desired, second: false), look(desired, second: true)])
        let accepted = try await RecordedEstates.audit(plain)?.decisions.enumerated().filter { $0.offset % 3 == 0 }.map
        {
            Acceptance(driftID: $0.element.drift.id, reason: "acmereason", until: now + .minutes(9), by: "acmeop")
        }
        desired = state(accepted ?? [])
        return Fixture(
            capturedAt: now, settings: estate.settings,
            looks: [look(desired, second: false), look(desired, second: true)])
    }

    /// All that a report decides, without a name in it.
    private func essence(_ report: Report) -> [String] {
        var lines = report.decisions.map { decision in
            let drift = decision.drift
            return
                "\(drift.kind.rawValue) \(drift.subject.vmid?.description ?? "-") \(decision.verdict) \(decision.reason) "
                + "\(decision.level) \(decision.action?.rawValue ?? "-") \(drift.causedBy != nil) \(decision.accepted != nil) "
                + "\(drift.evidence.looks)"
        }.sorted()
        lines += report.unknown.map { "\($0.vmid?.description ?? "-") \($0.plane) \($0.reason)" }
        lines += report.coverage.map { "\($0.plane) \($0.status)" }
        lines += report.instances.map { "\($0.vmid?.description ?? "-") \($0.word)" }
        return lines + ["\(report.summary)", "\(report.exitStatus)"]
    }

    @Test("is judged as the original is", arguments: 1...120)
    func isJudgedTheSame(_ seed: Int) async throws {
        let fixture = try await Self.estate(UInt64(seed))
        let other = await AnonymousCapture.make(of: fixture, policies: try RecordedEstates.policies.get())
        let (before, after) = (
            try #require(try await RecordedEstates.audit(fixture)), try #require(try await RecordedEstates.audit(other))
        )
        #expect(essence(before) == essence(after))
        // And when the file was written and read again.
        let read = try FixtureFile.decode(FixtureFile.encode(other), path: "x")
        let reread = try #require(try await RecordedEstates.audit(read))
        #expect(essence(before) == essence(reread))
        // The id of two claims to a VMID, or to a host name of which all may stay, is a hash of what stays.
        let names = Self.names(in: fixture)
        let nameless = Set(
            before.decisions.map(\.drift).filter { drift in
                drift.kind == .allocationDuplicateVMID
                    || drift.kind == .allocationDuplicateHostname && !names.contains(drift.subject.hostname ?? "")
            }.map(\.id))
        let survivors = Self.survivors(of: fixture, in: other).filter { !nameless.contains($0) }
        #expect(survivors.isEmpty, "\(survivors)")
    }

    @Test func someOfThemHaveDriftUnknownsAndAcceptances() async throws {
        var (drifts, unknown, accepted) = (0, 0, 0)
        for seed in 1...60 {
            let report = try #require(try await RecordedEstates.audit(try await Self.estate(UInt64(seed))))
            drifts += report.decisions.count
            unknown += report.unknown.count
            accepted += report.decisions.count { $0.accepted != nil }
        }
        #expect(drifts > 50 && unknown > 50 && accepted > 20, "\(drifts) \(unknown) \(accepted)")
    }

    @Test func isTheSameForTheSame() async throws {
        let fixture = try await Self.estate(4)
        #expect(fixture.anonymized().fixture == fixture.anonymized().fixture)
    }

    // MARK: Searching

    /// Words of the original that are to be found in the other's file. A word is found where it stands alone.
    private static func survivors(of fixture: Fixture, in other: Fixture) -> [String] {
        guard let bytes = try? FixtureFile.encode(other) else { return ["no file"] }
        let text = String(decoding: bytes, as: UTF8.self).lowercased()
        var tokens = Set(text.split { !($0.isLetter || $0.isNumber) }.map(String.init))
        let long = text
        tokens.subtract(["minecraft", "tcp"])
        return names(in: fixture).sorted().filter { name in
            let name = name.lowercased()
            let isWord = name.allSatisfy { $0.isLetter || $0.isNumber }
            return isWord
                ? tokens.contains(name) : long.contains("\"\(name)\"") || (name.count > 8 && long.contains(name))
        }
    }

    private static func names(in fixture: Fixture) -> Set<String> {
        var names: Set<String> = [
            "acmehost", "acmeapi", "acmedns", "acmeproxy", "acmewhy", "acmeop", "acmereason", "acmekind", "acme",
            "corp",
        ]
        names.insert(fixture.settings.id)
        if let cluster = fixture.settings.proxmox?.cluster { names.insert(cluster) }
        if let zone = fixture.settings.zone {
            names.insert(zone)
            names.formUnion(zone.split(separator: ".").map(String.init))
        }
        for dns in [fixture.settings.publicDNS, fixture.settings.internalDNS].compactMap({ $0 }) {
            names.formUnion([dns.edge] + dns.formerEdges)
        }
        for look in fixture.looks {
            if case .success(let desired) = look.desired {
                for row in desired.instances {
                    names.formUnion(
                        [
                            row.key.externalID.description, row.hostname, row.customer, row.node, row.address,
                            row.variant,
                        ]
                        .compactMap { $0 })
                }
                for operation in desired.operations {
                    names.formUnion([operation.id, operation.idempotencyKey, operation.jobID].compactMap { $0 })
                }
                for life in desired.retired {
                    names.formUnion([life.hostname, life.externalID?.description, life.customer].compactMap { $0 })
                }
                names.formUnion(desired.accepted.map(\.driftID))
            }
            if case .success(let reading) = look.proxmox {
                for case .guest(let row) in reading.resources {
                    names.formUnion([row.name, row.pool].compactMap { $0 })
                }
                names.formUnion(reading.status.nodes)
            }
            var records: [DNSRecord] = []
            if case .success(let reading) = look.publicZone { records += reading.pages.flatMap(\.records) }
            if case .success(let reading) = look.internalZone { records += reading.records }
            for record in records {
                names.insert(record.id)
                names.insert(record.name)
                if let comment = record.comment { names.insert(comment) }
                if case .cname(let target) = record.data { names.insert(target) }
                if case .a(let address) = record.data { names.insert(address) }
            }
            if case .success(let reading) = look.velocity {
                for backend in reading.servers ?? [] { names.formUnion([backend.name, backend.address]) }
            }
            if case .success(let reading) = look.proxmox {
                for own in (reading.addresses ?? [:]).values { names.formUnion(own.ipv4) }
            }
        }
        // What a host name may keep: patterns, games and numbers alone, as in `dev-6001` and `rust-5017`.
        return names.filter { name in
            let words = name.split { !($0.isLetter || $0.isNumber) }
            return !words.isEmpty
                && !words.allSatisfy { word in
                    ["mc", "dev"].contains(word) || Games.defaultPorts[String(word)] != nil
                        || word.allSatisfy(\.isNumber)
                } || name.contains(".")
        }
    }
}
