import Core
import TestSupport
import Testing

/// The answer to a plan that is held: once, for what was seen, for a while.
@Suite("An approval")
struct ApprovalTests {
    /// Nine dead operations on twelve servers: over the limit of five.
    private static func held(_ dead: Int = 9, of count: Int = 12, budget: Int = 30) -> LedgerDaemon {
        var fleet = Fleet.withDeadOperations(dead, of: count)
        fleet.policies.brakes.budgetPerMinute = budget
        var daemon = LedgerDaemon(fleet)
        daemon.lead()
        daemon.round()
        daemon.round()
        return daemon
    }

    /// One operation, and a policy that wants to be asked.
    private static func asked() -> LedgerDaemon {
        var fleet = Fleet.withDeadOperations(1, of: 3)
        for index in fleet.policies.policies.indices { fleet.policies.policies[index].level = .disruptive }
        var daemon = LedgerDaemon(fleet)
        daemon.lead()
        daemon.round()
        daemon.round()
        return daemon
    }

    private static func reasons(_ report: Report) -> [Reason: Int] {
        Dictionary(report.decisions.map { ($0.reason, 1) }, uniquingKeysWith: +)
    }

    /// To accept what is held is no leave to repair it later: when that ends all of it is as new as it was.
    @Test(arguments: [false, true])
    func whatWasAcceptedIsNewToTheBrakeWhenThatEnds(fromTheFirst: Bool) throws {
        var daemon = Self.held()
        if fromTheFirst {
            let fleet = daemon.fleet
            daemon = LedgerDaemon(Fleet.withDeadOperations(0, of: 12))
            daemon.lead()
            daemon.round()
            daemon.fleet.operations = fleet.operations
        }
        let ids = try #require(daemon.fleet.audit()).decisions.map(\.drift.id)
        #expect(ids.count == 9)
        daemon.fleet.accepted = ids.map {
            Acceptance(driftID: $0, reason: "known", until: daemon.now + .minutes(600), by: "eva")
        }
        for _ in 0..<4 { daemon.round() }
        #expect(daemon.last.decisions.allSatisfy { $0.verdict == .repair && $0.accepted != nil })
        daemon.fleet.accepted = []
        for _ in 0..<4 { daemon.round() }
        #expect(Self.reasons(daemon.last) == [.massChange: 9] && daemon.intents == [])
    }

    @Test func aMassChangeIsHeldUntilItIsApprovedAndThenRunsOnce() throws {
        var daemon = Self.held()
        #expect(Self.reasons(daemon.last) == [.massChange: 9] && daemon.intents == [])
        let plan = daemon.plan
        #expect(plan == daemon.last.planHash, "an audit's hash is the daemon's")
        daemon.answer(.approve, plan: plan)
        daemon.round()
        #expect(daemon.redemptions.map(\.approval) == [1] && daemon.redemptions[0].covers.count == 9)
        #expect(daemon.intents == [], "first what is covered is written down")
        #expect(daemon.last.decisions.allSatisfy { $0.detail?.contains("approved by ada") == true })
        daemon.round()
        #expect(daemon.intents.count == 9 && daemon.intents.allSatisfy { $0.approval == 1 })
        daemon.round()
        #expect(daemon.last.decisions == [])
        // The very same plan again, within the hour: what was approved is done.
        daemon.fleet.operations = Fleet.withDeadOperations(9, of: 12).operations
        #expect(daemon.plan == plan)
        for _ in 0..<3 { daemon.round() }
        #expect(Self.reasons(daemon.last) == [.massChange: 9])
        #expect(daemon.intents.count == 9 && daemon.redemptions.count == 1)
        // Until somebody approves it anew.
        daemon.answer(.approve, plan: plan)
        daemon.round()
        daemon.round()
        #expect(daemon.intents.count == 18 && daemon.intents.last?.approval == 2)
    }

    @Test func theBudgetStillAppliesAndTheChangedHashStopsNothing() {
        var daemon = Self.held(budget: 4)
        let plan = daemon.plan
        daemon.answer(.approve, plan: plan)
        daemon.round()
        #expect(daemon.begun(rounds: 4) == [4, 4, 1, 0])
        #expect(daemon.reports.map(\.planHash).contains { $0 != plan })
        #expect(daemon.last.decisions == [])
    }

    @Test func whatHasMovedIsNotReleased() {
        var daemon = Self.held(15, of: 20, budget: 4)
        daemon.answer(.approve, plan: daemon.plan)
        daemon.round()
        daemon.round()
        #expect(daemon.intents.count == 4)
        let left = daemon.fleet.operations.prefix(7).map(\.id)
        for id in left { daemon.fleet.changeOperation(id) { $0.phase = "upload" } }
        for _ in 0..<4 { daemon.round() }
        #expect(daemon.intents.count == 8)
        #expect(Self.reasons(daemon.last) == [.massChange: 7])
        #expect(
            daemon.last.decisions.allSatisfy {
                $0.approval == .changed && $0.detail?.contains("not what ada approved any more") == true
            })
    }

    @Test func anApprovalOfAnotherPlanReleasesNothing() {
        var daemon = Self.held()
        let older = daemon.plan
        daemon.fleet.addDeadBackup("op-new", vmid: 5012)
        daemon.answer(.approve, plan: older)
        for _ in 0..<3 { daemon.round() }
        #expect(daemon.redemptions == [] && daemon.intents == [])
        #expect(daemon.last.decisions.allSatisfy { $0.detail?.contains("approved another plan, \(older)") == true })
    }

    @Test func anApprovalThatEndsInTheMiddleLeavesTheRest() {
        var daemon = Self.held(15, of: 20, budget: 4)
        daemon.answer(.approve, plan: daemon.plan, for: .seconds(100))
        daemon.round()
        daemon.round()
        #expect(daemon.intents.count == 4)
        for _ in 0..<5 { daemon.round() }
        #expect(daemon.intents.count == 4)
        #expect(Self.reasons(daemon.last) == [.massChange: 11])
        #expect(daemon.last.decisions.allSatisfy { $0.approval == .expired })
    }

    @Test func otherPoliciesAreAnotherPlan() {
        var daemon = Self.held(15, of: 20, budget: 4)
        daemon.answer(.approve, plan: daemon.plan)
        daemon.round()
        daemon.round()
        var policies = daemon.fleet.policies
        policies.brakes.budgetPerMinute = 30
        daemon.fleet.policies = policies
        daemon.handle(.reloaded(policies, .always))
        for _ in 0..<3 { daemon.round() }
        #expect(daemon.intents.count == 4)
        #expect(Self.reasons(daemon.last) == [.massChange: 11])
        #expect(daemon.last.decisions.allSatisfy { $0.approval == .changed })
    }

    @Test func aRejectionStaysAndSaysByWhom() {
        var daemon = Self.held()
        let plan = daemon.plan
        daemon.answer(.approve, plan: plan)
        daemon.answer(.reject, plan: plan, by: "ben")
        for _ in 0..<3 { daemon.round() }
        #expect(daemon.redemptions == [] && daemon.intents == [])
        #expect(daemon.last.decisions.allSatisfy { $0.detail?.contains("rejected by ben") == true })
        // Whoever approves it after that has the last word.
        daemon.answer(.approve, plan: plan)
        daemon.round()
        daemon.round()
        #expect(daemon.intents.count == 9)
    }

    @Test func aRejectionEndsAnApprovalThatWasTakenUp() {
        var daemon = Self.held(15, of: 20, budget: 4)
        let plan = daemon.plan
        daemon.answer(.approve, plan: plan)
        daemon.round()
        daemon.round()
        daemon.answer(.reject, plan: plan)
        for _ in 0..<3 { daemon.round() }
        #expect(daemon.intents.count == 4 && Self.reasons(daemon.last) == [.massChange: 11])
    }

    @Test func twoApprovalsOfOnePlanAreTakenUpOnce() {
        var daemon = Self.held()
        let plan = daemon.plan
        daemon.answer(.approve, plan: plan)
        daemon.answer(.approve, plan: plan, by: "ben")
        for _ in 0..<4 { daemon.round() }
        #expect(daemon.redemptions.map(\.approval) == [2])
        #expect(daemon.intents.count == 9 && daemon.intents.allSatisfy { $0.approval == 2 })
    }

    @Test func whatWasNotWrittenDownDoesNotBegin() {
        var daemon = Self.held()
        daemon.redeemWorks = false
        daemon.answer(.approve, plan: daemon.plan)
        for _ in 0..<3 { daemon.round() }
        #expect(daemon.redemptions.count == 3 && daemon.intents == [])
        daemon.redeemWorks = true
        daemon.round()
        daemon.round()
        #expect(daemon.intents.count == 9)
    }

    @Test func onlyWhoWouldCarryItOutTakesItUp() {
        let fleet = Fleet.withDeadOperations(9, of: 12)
        var dry = LedgerDaemon(fleet, mode: .dryRun)
        var elsewhere = LedgerDaemon(fleet, kinds: ["dns.*"])
        var waiting = LedgerDaemon(fleet)
        dry.lead()
        elsewhere.lead()
        waiting.handle(.tenure(.waiting(epoch: 1)))
        for var daemon in [dry, elsewhere, waiting, LedgerDaemon(fleet)] {
            daemon.round()
            daemon.answer(.approve, plan: daemon.plan)
            for _ in 0..<3 { daemon.round() }
            #expect(daemon.redemptions == [] && daemon.intents == [])
            #expect(Self.reasons(daemon.last) == [.massChange: 9])
        }
    }

    @Test func theOtherGuardsHoldWhatIsApproved() {
        var daemon = Self.held()
        daemon.answer(.approve, plan: daemon.plan)
        daemon.round()
        let vmid = VMID(5003)!
        daemon.fleet.pauses = [
            Pause(vmid: vmid, since: daemon.now, until: daemon.now + .minutes(9), why: "move", by: "eva")
        ]
        daemon.round()
        #expect(daemon.intents.count == 8)
        #expect(
            daemon.last.decisions.map(\.reason) == [.policyMatched, .policyMatched, .paused]
                + Array(repeating: .policyMatched, count: 6))
        daemon.fleet.pauses = []
        daemon.round()
        #expect(daemon.intents.count == 9, "it is covered still")
    }

    // MARK: Level 2 by a policy

    @Test func aPolicyThatAsksIsAnswered() {
        var daemon = Self.asked()
        #expect(Self.reasons(daemon.last) == [.approvalMissing: 1])
        daemon.answer(.approve, plan: daemon.plan)
        daemon.round()
        #expect(daemon.last.decisions.map(\.verdict) == [.approvalRequired])
        daemon.round()
        #expect(daemon.last.decisions.map(\.verdict) == [.repair])
        #expect(daemon.last.decisions.map(\.level) == [.disruptive])
        #expect(daemon.intents.map(\.approval) == [1])
    }

    @Test func theReasonSaysWhyAnAnswerIsNone() {
        var daemon = Self.asked()
        daemon.redeemWorks = false
        let plan = daemon.plan
        daemon.answer(.approve, plan: "sha256:other")
        daemon.round()
        #expect(Self.reasons(daemon.last) == [.planChanged: 1])
        daemon.answers = []
        daemon.answer(.approve, plan: plan, for: .seconds(30))
        daemon.now = daemon.now + .minutes(1)
        daemon.round()
        #expect(Self.reasons(daemon.last) == [.approvalExpired: 1])
        daemon.answers = []
        daemon.answer(.reject, plan: plan)
        daemon.round()
        #expect(Self.reasons(daemon.last) == [.approvalMissing: 1])
        #expect(daemon.last.decisions[0].detail?.hasPrefix("rejected by ada") == true)
        #expect(daemon.intents == [])
    }

    @Test func whatMovesAfterItWasTakenUpIsAskedAnew() {
        var daemon = Self.asked()
        daemon.answer(.approve, plan: daemon.plan)
        daemon.round()
        daemon.fleet.changeOperation("op-5001") { $0.phase = "upload" }
        daemon.round()
        #expect(Self.reasons(daemon.last) == [.planChanged: 1] && daemon.intents == [])
        daemon.fleet.changeOperation("op-5001") { $0.phase = "archive" }
        daemon.now = daemon.now + .minutes(60)
        daemon.fleet.changeOperation("op-5001") { $0.heartbeatAt = $0.heartbeatAt.map { $0 + .minutes(60) } }
        daemon.round()
        #expect(Self.reasons(daemon.last) == [.approvalExpired: 1] && daemon.intents == [])
    }

    // MARK: What is new

    @Test func whatMayBeRepairedAlreadyIsNotNew() {
        var daemon = LedgerDaemon(Fleet.withDeadOperations(5, of: 12), mode: .dryRun)
        daemon.lead()
        daemon.round()
        #expect(Self.reasons(daemon.last) == [.policyMatched: 5])
        for index in 6...9 { daemon.fleet.addDeadBackup("op-\(5000 + index)", vmid: 5000 + index) }
        daemon.round()
        #expect(Self.reasons(daemon.last) == [.policyMatched: 9])
        var audited = daemon.fleet
        audited.past = daemon.past
        #expect(audited.audit().map(Self.reasons) == [.policyMatched: 9], "an audit says the same")
        audited.past = DriftPast()
        #expect(audited.audit().map(Self.reasons) == [.massChange: 9], "without a ledger all of them are new")
    }

    @Test func onlyTheNewOnesAreHeld() {
        var daemon = LedgerDaemon(Fleet.withDeadOperations(3, of: 12), kinds: ["dns.*"])
        daemon.lead()
        daemon.round()
        for index in 4...9 { daemon.fleet.addDeadBackup("op-\(5000 + index)", vmid: 5000 + index) }
        for _ in 0..<3 {
            daemon.round()
            #expect(Self.reasons(daemon.last) == [.policyMatched: 3, .massChange: 6])
        }
    }

    /// What a dry-run would have repaired nobody has let pass yet: all of it is counted, as it will be when it goes live.
    @Test func aDryRunCountsAllThatItWouldRepair() {
        var daemon = LedgerDaemon(Fleet.withDeadOperations(3, of: 12), mode: .dryRun)
        daemon.lead()
        for _ in 0..<3 { daemon.round() }
        #expect(Self.reasons(daemon.last) == [.policyMatched: 3])
        for index in 4...9 { daemon.fleet.addDeadBackup("op-\(5000 + index)", vmid: 5000 + index) }
        for _ in 0..<3 {
            daemon.round()
            #expect(Self.reasons(daemon.last) == [.massChange: 9])
        }
    }

    // MARK: What a person is told

    @Test func theReportAndTheExplanationSayWhatToRun() throws {
        let fleet = Fleet.withDeadOperations(9, of: 12)
        let report = try #require(fleet.audit())
        let command = "zlh-controller approve \(report.planHash)"
        #expect(ReportText.encode(report, usesColor: false).contains(command))
        #expect(ReportMarkdown.encode(report).contains(command))
        #expect(String(decoding: ReportHTML.encode(report), as: UTF8.self).contains(command))
        let known = try #require(fleet.audit(.explain(VMID(5003)!))?.explanation)
        // Of one server's jobs alone nobody can tell that nine are dead: the ledger's own word says it.
        #expect(known.cases[0].decision.reason == .policyMatched && known.unjudged == Words.unjudged)
        #expect(!FactSheetText.encode(known.sheet).contains(command), "its plan is not the estate's")
        let quiet = try #require(Fleet.withDeadOperations(2, of: 12).audit())
        #expect(!ReportText.encode(quiet, usesColor: false).contains("zlh-controller approve"))
    }

    @Test func aDriftThatNobodyActsOnIsNoPartOfThePlan() throws {
        let fleet = Fleet.withDeadOperations(9, of: 12)
        var other = fleet
        other.changeGuest(5011) { $0.status = "stopped" }
        let (one, two) = (try #require(fleet.audit()), try #require(other.audit()))
        #expect(two.decisions.count == one.decisions.count + 1 && one.planHash == two.planHash)
    }
}
