import Core
import Fixtures
import Foundation
import Runtime
import Testing
import World

@Suite("A capture under other names")
struct AnonymousTests {
    static let now = Timestamp(seconds: 1_767_225_600)

    /// A random estate with what random estates lack: pauses, acceptances, unreadable rows, names that are not ours, faults, and
    /// a ledger with a past.
    static func estate(_ seed: UInt64) async throws -> Fixture {
        let estate = Estate.random(seed: seed, instances: [4, 12, 40][Int(seed % 3)], at: now)
        var desired = estate.desiredState(at: now)
        var rows = desired.instances
        if seed % 4 == 0, rows.count > 3 {
            rows[0].hostname = rows[1].hostname.uppercased() + "." + (estate.settings.zone ?? "") + "."
            rows[2].hostname = "acme_corp \(rows[2].vmid)"
            rows[3].address = rows[2].address
        }
        if seed % 4 == 1, let row = rows.last {
            // A customer's number in the name, as `mc-*-{vmid}` allows it.
            rows[rows.count - 1].hostname = "mc-48211-\(row.vmid)"
        }
        let unreadable =
            seed % 5 == 0
            ? [
                UnreadableRow(
                    table: .operation, vmid: rows.last?.vmid, externalID: nil, hostname: nil, why: "kind 'acmekind'")
            ] : []
        var operations = desired.operations
        if seed % 3 == 1, let row = rows.first {
            // Two dead ones of one server stand in one place.
            for id in ["acmefirst", "acmesecond"] {
                operations.append(
                    DesiredOperation(
                        id: id, idempotencyKey: nil, customer: row.customer, vmid: row.vmid, kind: .backup,
                        queue: "provisioning", jobID: nil, status: .running, phase: "acmephase", attempts: 1,
                        enqueuedAt: now - .minutes(60), startedAt: nil, heartbeatAt: now - .minutes(30),
                        leaseExpiresAt: nil, finishedAt: nil))
            }
        }
        func state(_ accepted: [Acceptance], _ past: DriftPast = DriftPast()) -> DesiredState {
            DesiredState(
                instances: rows, operations: operations, billing: desired.billing, retired: desired.retired,
                unreadable: unreadable,
                pauses: seed % 7 == 0
                    ? [
                        Pause(
                            vmid: rows.first?.vmid, since: now, until: now + .minutes(9), why: "acmewhy", by: "acmeop")
                    ]
                    : [],
                accepted: accepted, readAt: now, past: past)
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
                    numbered(&reading, seed)
                    restrict(&reading, seed)
                    if second {
                        reading.probes = Dictionary(rows.map { ($0.vmid, true) }) { $1 }
                        reading.addresses = estate.guestAddresses(of: rows.map(\.vmid))
                        if seed % 6 != 5 {
                            reading.tasks = Dictionary(estate.cluster.nodes.map { ($0.name, []) }) { $1 }
                        }
                    }
                    return reading
                },
                publicZone: estate.zoneReading(
                    endpoint: "https://acmeapi.example", perPage: 100, faults: seed % 8 == 5 ? [.refused] : [], at: now
                ).map { numbered($0, estate.settings.zone ?? "") },
                internalZone: estate.internalReading(endpoint: "http://acmedns:5380", at: now).map { reading in
                    var reading = reading
                    if seed % 2 == 0 { reading.expiring = Set(reading.records.prefix(9).map(\.id)) }
                    return reading
                },
                agents: .success(
                    estate.agentReading(
                        rows.compactMap { row in row.address.map { AgentTarget(key: row.key, address: $0) } },
                        faults: seed % 9 == 4 ? [AgentFault(.refused)] : [], at: now)),
                velocity: estate.velocityReading(
                    endpoint: "http://acmeproxy:8081", faults: seed % 8 == 3 ? [.brokenEntry] : [], at: now),
                queues: estate.queueReading(
                    endpoint: "acmeredis:6379/0", jobs: operations.filter(\.isLive).map(\.job),
                    faults: seed % 10 == 7 ? [.permissionLost("provisioning")] : [], at: now))
        }
        let plain = Fixture(
            capturedAt: now, settings: estate.settings,
            looks: [look(desired, second: false), look(desired, second: true)])
        let report = try #require(try await RecordedEstates.audit(plain))
        let accepted = report.decisions.enumerated().filter { $0.offset % 7 == 0 }.map {
            Acceptance(driftID: $0.element.drift.id, reason: "acmereason", until: now + .minutes(9), by: "acmeop")
        }
        desired = state(accepted, past(of: report, seed, policies: try RecordedEstates.policies.get()))
        return Fixture(
            capturedAt: now, settings: estate.settings,
            looks: [look(desired, second: false), look(desired, second: true)])
    }

    /// Guests whose names are addresses or somebody's numbers.
    private static func numbered(_ reading: inout ProxmoxReading, _ seed: UInt64) {
        guard seed % 3 == 0, let node = reading.status.nodes.first else { return }
        for (number, name) in [(9001, "198.51.100.7"), (9002, "48211"), (9003, "mc-paper-77301"), (9004, "CT9004")] {
            guard let vmid = VMID(number) else { continue }
            reading.resources.append(
                .guest(.init(vmid: vmid, type: "lxc", node: node, status: "running", name: name)))
        }
    }

    /// Rights that differ from node to node: of some the tasks are hidden.
    private static func restrict(_ reading: inout ProxmoxReading, _ seed: UInt64) {
        guard let node = reading.status.nodes.first else { return }
        switch seed % 4 {
        case 0: reading.permissions["/nodes/\(node)"] = [:]
        case 1:
            reading.permissions["/"]?["Sys.Audit"] = nil
            reading.permissions["/nodes"] = nil
            reading.permissions["/nodes/\(node)"] = ["Sys.Audit": true]
        default: break
        }
    }

    /// Records as others keep them: named after addresses, and for the way back.
    private static func numbered(_ reading: ZoneReading, _ zone: String) -> ZoneReading {
        var reading = reading
        guard let page = reading.pages.indices.last else { return reading }
        let strangers = [
            DNSRecord(id: "acme1", name: "host-203-0-113-77.\(zone)", data: .a("203.0.113.77"), ttl: 60, comment: nil),
            DNSRecord(
                id: "acme2", name: "203-0-113-77.\(zone)", data: .cname("77.113.0.203.in-addr.arpa"), ttl: 60,
                comment: nil),
        ]
        reading.pages[page].records += strangers
        reading.pages[page].count += strangers.count
        for index in reading.pages.indices { reading.pages[index].totalCount += strangers.count }
        return reading
    }

    /// What a ledger might know of an estate's drifts: attempts in vain, repairs that were undone, answers of every sort.
    private static func past(of report: Report, _ seed: UInt64, policies: PolicySet) -> DriftPast {
        var past = DriftPast(inVain: ["0123456789abcdef": 5], repaired: ["gone": [now]])
        var (approved, moved, over) = ([String: String](), [String: String](), [String: String]())
        // Half of the estates have answers alone: what is released or hopeless counts for no brake on many at once.
        for (index, decision) in report.decisions.enumerated() where decision.action != nil && seed % 2 == 0 {
            let drift = decision.drift
            let print = Fingerprint.of(decision, policies: policies.hash)
            switch (index + Int(seed)) % 6 {
            case 0: past.inVain[drift.id] = 5
            case 1: past.repaired[drift.place] = [40, 20, 1].map { now - .minutes($0) }
            case 2: past.repairable.insert(drift.id)
            case 3: approved[drift.id] = print
            case 4: moved[drift.id] = "f" + print.dropFirst()
            default: over[drift.id] = print
            }
        }
        func answer(
            _ id: Int64, _ plan: String, _ word: PlanAnswer.Word, _ minutes: Int64, _ covers: [String: String]? = nil
        ) -> PlanAnswer {
            PlanAnswer(
                id: id, plan: plan, word: word, by: "acmeop", until: now + .minutes(minutes),
                redeemedAt: covers.map { _ in now - .minutes(90) }, covers: covers ?? [:])
        }
        past.answers = [
            answer(1, "sha256:acmeplan", .approve, 9, approved), answer(2, "sha256:acmeplan", .approve, 9, moved),
            answer(3, "sha256:acmeplan", .approve, -9, over),
        ]
        return past
    }

    /// All that a report decides, without a name in it.
    private func essence(_ report: Report) -> [String] {
        var lines = report.decisions.map { decision -> String in
            let drift = decision.drift
            let subject = "\(drift.kind.rawValue) \(drift.subject.vmid?.description ?? drift.subject.queue ?? "-")"
            let verdict = "\(decision.verdict) \(decision.reason) \(decision.level) \(decision.pending)"
            let deed = decision.action?.rawValue ?? "-"
            let approval = decision.approval.map { "\($0)" } ?? "-"
            let rest = "\(drift.causedBy != nil) \(decision.accepted != nil) \(drift.evidence.looks)"
            return "\(subject) \(verdict) \(deed) \(approval) \(rest)"
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
        // The id of two claims to a VMID, of a queue, or of two claims to a host name of which all may stay, is a hash of what
        // stays; so is a plan of nothing.
        let names = Self.names(in: fixture)
        var nameless: Set<String> = []
        for drift in before.decisions.map(\.drift) {
            let host = drift.subject.hostname ?? ""
            let isOfPlainHost = drift.kind == .allocationDuplicateHostname && !names.contains(host)
            let isOfNumbers = drift.kind == .allocationDuplicateVMID || drift.kind.plane == .queues
            if isOfPlainHost || isOfNumbers { nameless.insert(drift.id) }
        }
        if before.decisions.allSatisfy({ $0.action == nil }) { nameless.insert(before.planHash) }
        let survivors = Self.survivors(of: fixture, in: other).filter { !nameless.contains($0) }
        #expect(survivors.isEmpty, "\(survivors)")
    }

    @Test func someOfThemHaveDriftUnknownsAndAcceptances() async throws {
        var (drifts, unknown, accepted) = (0, 0, 0)
        var kinds: Set<DriftKind> = []
        var reasons: Set<Reason> = []
        for seed in 1...60 {
            let report = try #require(try await RecordedEstates.audit(try await Self.estate(UInt64(seed))))
            drifts += report.decisions.count
            unknown += report.unknown.count
            accepted += report.decisions.count { $0.accepted != nil }
            kinds.formUnion(report.decisions.map(\.drift.kind))
            reasons.formUnion(report.decisions.map(\.reason))
        }
        #expect(drifts > 50 && unknown > 50 && accepted > 20, "\(drifts) \(unknown) \(accepted)")
        #expect(kinds.isSuperset(of: [.operationStale, .queueBacklog, .velocityMissing, .publicSRVMissing]))
        #expect(reasons.isSuperset(of: [.quarantined, .contested, .massChange, .policyMatched]))
    }

    /// An answer names a plan by its hash, which is another one under other names.
    @Test(arguments: [ApprovalStanding.given(7), .rejected, .changed, .missing])
    func anAnswerToAPlanStandsAsItDid(_ standing: ApprovalStanding) async throws {
        var found = 0
        for seed in 1...60 {
            var fixture = try await Self.estate(UInt64(seed))
            let report = try #require(try await RecordedEstates.audit(fixture))
            guard report.decisions.contains(where: { $0.isUnanswered }) else { continue }
            found += 1
            let answer = PlanAnswer(
                id: 7, plan: standing == .changed ? "sha256:acmeplan" : report.planHash,
                word: standing == .rejected ? .reject : .approve, by: "acmeop", until: Self.now + .minutes(9))
            let past = DriftPast(answers: standing == .missing ? [] : [answer])
            for look in fixture.looks.indices {
                fixture.looks[look].desired = fixture.looks[look].desired.map { desired in
                    DesiredState(
                        instances: desired.instances, operations: desired.operations, billing: desired.billing,
                        retired: desired.retired, unreadable: desired.unreadable, pauses: desired.pauses,
                        accepted: desired.accepted, readAt: desired.readAt, past: past)
                }
            }
            let other = await AnonymousCapture.make(of: fixture, policies: try RecordedEstates.policies.get())
            let (before, after) = (
                try #require(try await RecordedEstates.audit(fixture)),
                try #require(try await RecordedEstates.audit(other))
            )
            #expect(before.decisions.contains { $0.approval == standing })
            #expect(essence(before) == essence(after))
            #expect(before.planHash != after.planHash)
        }
        #expect(found > 0)
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
            "acmehost", "acmeapi", "acmedns", "acmeproxy", "acmeredis", "acmeplan", "acmephase", "acmewhy", "acmeop",
            "acmereason", "acmekind", "acme", "corp",
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
                let past = desired.past
                names.formUnion(past.repairable.union(past.inVain.keys).union(past.repaired.keys))
                names.formUnion(past.answers.flatMap { [$0.plan] + $0.covers.flatMap { [$0.key, $0.value] } })
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
        // What a host name may keep: patterns, games and VMIDs of ours alone, as in `dev-6001` and `rust-5017`.
        return names.filter { name in
            let words = name.split { !($0.isLetter || $0.isNumber) }
            return !words.isEmpty
                && !words.allSatisfy { word in
                    ["mc", "dev"].contains(word) || Games.defaultPorts[String(word)] != nil
                        || VMID(word).map(fixture.settings.scope.contains) == true
                } || name.contains(".")
        }
    }
}
