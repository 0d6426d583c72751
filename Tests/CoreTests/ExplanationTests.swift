import Core
import TestSupport
import Testing

@Suite("An explanation")
struct ExplanationTests {
    private func explain(_ number: Int, _ change: (inout Fleet) -> Void = { _ in }) throws -> Explanation {
        var fleet = Fleet(9)
        change(&fleet)
        let report = try #require(fleet.audit(.explain(VMID(number)!)))
        return try #require(report.explanation)
    }

    @Test func ofAServerThatIsWell() throws {
        let known = try explain(5001)
        #expect(known.answer == .instance && known.cases.isEmpty && known.unknown.isEmpty)
        #expect(known.rows.map(\.word) == [.inSync])
        #expect(
            known.sights.filter { $0.shows == .present }.map(\.plane) == [.database, .proxmox, .publicDNS, .publicDNS])
        #expect(known.sights.count { $0.shows == .notConfigured } == 4)
    }

    @Test func namesAllThatHoldsNotTheFirstAlone() throws {
        let known = try explain(5002) { fleet in
            fleet.removeRecord("s5002")
            fleet.billing = []
            fleet.addOperation("op", .backup, vmid: 5002, status: .running)
            fleet.changeGuest(5002) { $0.lock = "backup" }
            fleet.pauses = [
                Pause(vmid: nil, since: Fleet.now, until: Fleet.now + .minutes(5), why: "move", by: "ada")
            ]
        }
        let item = try #require(known.cases.first)
        #expect(known.cases.count == 1 && item.decision.reason == .paused)
        #expect(item.holds.map(\.reason) == [.paused, .operationInFlight, .proxmoxLocked])
        #expect(item.needed == [.paused, .operationInFlight, .proxmoxLocked].map(Words.remedy))
        #expect(known.operations.map(\.id) == ["op"] && known.pauses.count == 1)
        let text = ExplanationText.encode(known)
        for reason in [Reason.paused, .operationInFlight, .proxmoxLocked] {
            #expect(text.contains(reason.rawValue) && text.contains(Words.remedy(reason)))
        }
    }

    @Test func showsWhatIsAbsentAndOnWhatThatRests() throws {
        let known = try explain(5002) { fleet in
            fleet.removeGuest(5002)
            fleet.probes = [VMID(5002)!: true]
        }
        let guest = try #require(known.sights.first { $0.plane == .proxmox })
        #expect(guest.shows == .absent && guest.evidence?.looks == 2)
        #expect(known.cases.map(\.decision.drift.kind) == [.containerMissing])
        #expect(known.cases[0].needed == [Words.remedy(.personOnly)])
    }

    @Test func neverCallsGoneWhatTheReportCallsUnknown() throws {
        let known = try explain(5002) { fleet in
            for number in 5001...5007 { fleet.removeGuest(number) }
        }
        let guest = try #require(known.sights.first { $0.plane == .proxmox })
        #expect(guest.shows == .unknown && guest.reason == .bulkAbsence)
        #expect(known.cases.isEmpty && known.unknown.map(\.reason) == [.bulkAbsence])
    }

    @Test func ofAVMIDWithoutARow() throws {
        #expect(try explain(5500).answer == .nothing)
        #expect(try explain(9001).answer == .outOfScope)
        let orphan = try explain(5003) { $0.removeRow(5003) }
        #expect(orphan.answer == .orphan && orphan.cases.map(\.decision.drift.kind).contains(.containerOrphan))
        let claimed = try explain(5500) { $0.addOperation("op", .create, vmid: 5500, status: .running) }
        #expect(claimed.answer == .claimed)
        let doubt = try explain(5003) { fleet in
            fleet.removeRow(5003)
            fleet.addOperation("op", .create, vmid: nil, status: .queued)
        }
        #expect(doubt.answer == .guestInDoubt && doubt.unknown.map(\.reason).contains(.createWithoutVMID))
        let retired = try explain(5500) { fleet in
            fleet.retired = [
                RetiredInstance(
                    vmid: VMID(5500)!, externalID: nil, customer: nil, hostname: "mc-paper-5500", game: "minecraft",
                    deletedAt: Fleet.now)
            ]
        }
        #expect(retired.answer == .retired && retired.retired.count == 1)
        let unknown = try explain(5500) { $0.permissions = [:] }
        #expect(unknown.answer == .unknown)
        let unreadable = try explain(5500) { fleet in
            fleet.unreadable = [
                UnreadableRow(table: .instance, vmid: VMID(5500), externalID: nil, hostname: nil, why: "status 'x'")
            ]
        }
        #expect(unreadable.answer == .unreadableRow)
    }

    @Test func bothFormatsAreHarmlessAndTheSameEachTime() throws {
        for injection in ReportFormatsTests.injections {
            let known = try explain(5002) { fleet in
                fleet.changeRow(5002) { ($0.hostname, $0.customer) = (injection, injection) }
                fleet.changeGuest(5002) { $0.name = injection }
            }
            let text = ExplanationText.encode(known)
            #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || !Foreign.isDangerous($0) })
            #expect(text == ExplanationText.encode(known))
            let json = String(decoding: ExplanationJSON.encode(known), as: UTF8.self)
            #expect(json.unicodeScalars.allSatisfy { $0 == "\n" || !Foreign.isDangerous($0) })
        }
    }

    @Test func anAuditExplainsNothing() throws { #expect(Fleet().audit().map { $0.explanation == nil } == true) }
}
