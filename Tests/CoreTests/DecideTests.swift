import Core
import TestSupport
import Testing

@Suite("Verdicts")
struct DecideTests {
    private var drifted: Fleet {
        var fleet = Fleet()
        fleet.removeRecord("s5002")
        return fleet
    }

    private func decision(_ change: (inout Fleet) -> Void) throws -> Decision {
        var fleet = drifted
        change(&fleet)
        return try #require(fleet.audit()?.decision(.publicSRVMissing))
    }

    @Test func withoutAPolicyNothingIsDone() throws {
        let decision = try decision { $0.policies.policies = [] }
        #expect((decision.verdict, decision.reason, decision.level) == (.report, .noPolicy, .report))
        #expect(decision.policy == nil)
    }

    @Test func aPolicyCanOnlyDoLess() throws {
        let reported = try decision {
            $0.policies.policies[0].level = .report
            $0.policies.policies[0].action = nil
        }
        #expect((reported.verdict, reported.reason, reported.level) == (.report, .observeOnly, .report))
        let asked = try decision { $0.policies.policies[0].level = .disruptive }
        #expect((asked.verdict, asked.reason, asked.level) == (.approvalRequired, .approvalMissing, .disruptive))
        #expect(asked.action == .edgeRepublish)
    }

    @Test func anExceptedServerHasNoPolicy() throws {
        #expect(try decision { $0.policies.policies[0].except = [VMID(5002)!] }.reason == .noPolicy)
    }

    @Test func theFirstPolicyThatMatchesDecides() throws {
        let decision = try decision { fleet in
            var first = fleet.policies.policies[0]
            (first.name, first.level, first.action) = ("watch", .report, nil)
            fleet.policies.policies.insert(first, at: 0)
        }
        #expect(decision.policy == "watch")
        #expect(decision.verdict == .report)
    }

    @Test(arguments: [nil, 5002, 5001])
    func aPauseHolds(vmid: Int?) throws {
        let decision = try decision {
            $0.pauses = [
                Pause(
                    vmid: vmid.flatMap { VMID($0) }, since: Fleet.now, until: Fleet.now + .minutes(60),
                    why: "moving house",
                    by: "ops")
            ]
        }
        #expect(decision.verdict == (vmid == 5001 ? .repair : .held))
        if vmid != 5001 {
            #expect(decision.reason == .paused)
            #expect(decision.detail?.contains("moving house") == true)
        }
    }

    @Test func aPauseEnds() throws {
        let decision = try decision {
            $0.pauses = [Pause(vmid: nil, since: Fleet.now, until: Fleet.now, why: "over", by: "ops")]
        }
        #expect(decision.verdict == .repair)
    }

    @Test func theFirstReasonInOrderIsNamed() throws {
        let decision = try decision {
            $0.pauses = [Pause(vmid: nil, since: Fleet.now, until: Fleet.now + .minutes(1), why: "", by: "ops")]
            $0.addOperation("op", .restart, vmid: 5002, status: .queued)
            $0.changeGuest(5002) { $0.lock = "backup" }
        }
        #expect(decision.reason == .paused)
    }

    @Test func aLockHoldsTheEdge() throws {
        #expect(try decision { $0.changeGuest(5002) { $0.lock = "migrate" } }.reason == .proxmoxLocked)
    }

    @Test func anAcceptedDriftIsShownAndNotCounted() throws {
        var fleet = drifted
        let id = try #require(fleet.audit()?.decisions.first?.drift.id)
        fleet.accepted = [Acceptance(driftID: id, reason: "known", until: Fleet.now + .minutes(1), by: "ops")]
        let report = try #require(fleet.audit())
        #expect(report.decisions.count == 1)
        #expect(report.decisions[0].accepted?.reason == "known")
        #expect(report.exitStatus == 0)
        fleet.accepted[0].until = Fleet.now
        #expect(try #require(fleet.audit()).exitStatus == 2)
    }

    @Test func staleEvidenceHolds() throws {
        let decision = try decision { $0.policies.brakes.evidenceMaxAge = .seconds(-1) }
        #expect(decision.reason == .evidenceStale)
    }

    @Test func twoRowsWithOneHostNameExplainTheRecords() throws {
        var fleet = Fleet()
        fleet.addServer(5050, hostname: "mc-paper-5001")
        fleet.records.removeAll { $0.id.hasSuffix("5050") }
        fleet.changeRow(5050) { $0.port = 50050 }
        let report = try #require(fleet.audit())
        let cause = try #require(report.decision(.allocationDuplicateHostname))
        let wrong = try #require(report.decision(.publicSRVWrong))
        #expect(wrong.drift.subject.vmid == VMID(5050))
        #expect(wrong.drift.causedBy == cause.drift.id)
        #expect(wrong.verdict == .held)
    }

    @Test func idsAndThePlanHashDependOnFactsAlone() throws {
        let one = try #require(drifted.audit())
        var other = drifted
        other.records.reverse()
        let again = try #require(other.audit())
        #expect(one.planHash == again.planHash)
        #expect(one.planHash.hasPrefix("sha256:"))
        var changed = drifted
        changed.changeRow(5002) { $0.port = 50001 }
        let moved = try #require(changed.audit())
        #expect(moved.decisions[0].drift.id == one.decisions[0].drift.id, "the same drift, of another value")
        #expect(moved.planHash != one.planHash)
    }
}
