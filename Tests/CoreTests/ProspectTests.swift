import Core
import TestSupport
import Testing

/// What became of a drift so far, and what happens next, from what the ledger has.
@Suite("A prospect")
struct ProspectTests {
    private static let vmid = VMID(5001)!
    private static let since = Fleet.now - .minutes(10)

    private static func leader(closed: Bool = false, mode: String = "repair") -> LedgerPage.Leader {
        LedgerPage.Leader(epoch: 4, isClosed: closed, stance: Stance(mode: mode, policies: "p"))
    }

    private static func open(
        _ decision: Decision, since: Timestamp = since, verdict: Verdict = .repair, reason: Reason = .policyMatched
    ) -> OpenDrift {
        OpenDrift(
            id: decision.drift.id, kind: decision.drift.kind, vmid: vmid, externalID: nil, hostname: nil,
            level: .automatic, action: decision.action, verdict: verdict, reason: reason, since: since)
    }

    private static let soon =
        "attempt 1, with the next round of the leader, if it has seen it in 2 rounds; what stood in its way lately costs a pause, "
        + "of 30 min at most"

    private static func attempt(_ id: String, _ number: Int, _ state: String, _ ago: Int64) -> LedgerPage.Attempt {
        LedgerPage.Attempt(
            driftID: id, number: number, action: "edge_republish", state: state, why: nil,
            begunAt: Fleet.now - .minutes(ago + 1), endedAt: state == "open" ? nil : Fleet.now - .minutes(ago))
    }

    /// Explains a server without its SRV record, with what `page` makes of the one decision.
    private func prospect(
        _ change: (inout Fleet) -> Void = { _ in }, duty: Duty = Fleet.duty(), _ page: (Decision) -> LedgerPage
    ) throws -> (Prospect, Explanation) {
        var fleet = Fleet()
        fleet.removeRecord("s5001")
        change(&fleet)
        var known = try #require(fleet.audit(.explain(Self.vmid))?.explanation)
        let decision = try #require(known.cases.first?.decision)
        known.tell(page(decision), policies: fleet.policies, duty: duty)
        var prospects: [Prospect] = []
        if case .read(let read, _, _)? = known.ledger { prospects = read }
        return (try #require(prospects.first), known)
    }

    @Test func whatTheDaemonHasNotSeenYet() throws {
        let (next, _) = try prospect { _ in LedgerPage(open: [], tries: [:], attempts: [], leader: Self.leader()) }
        #expect(next.since == nil && next.attempts == 0 && next.allowed == 5 && next.notBefore == nil)
        #expect(next.next == "attempt 1, once the leader has seen it in 2 rounds")
    }

    /// The scoped go-live has not come to it: an attempt that never comes is not promised.
    @Test(
        arguments: [
            (["*"], [5002...5010], "repair.vmids of the configuration does not enable VMID 5001"),
            (["dns.internal.*"], nil, "repair.kinds of the configuration does not enable dns.public.srv_missing"),
            (["*"], [5001...5001], nil),
        ] as [([String], [ClosedRange<Int>]?, String?)])
    func whatIsNotEnabledSaysHow(kinds: [String], vmids: [ClosedRange<Int>]?, why: String?) throws {
        let (next, _) = try prospect(duty: Fleet.duty(kinds: kinds, vmids: vmids)) {
            LedgerPage(open: [Self.open($0)], tries: [:], attempts: [], leader: Self.leader())
        }
        let wanted = why.map { "nothing: \($0); add it there, and restart the daemon" }
        #expect(next.next == wanted ?? Self.soon)
    }

    /// What ends by itself says when.
    @Test func whatHoldsItForAWhileSaysUntilWhen() throws {
        let end = Fleet.now + .minutes(9)
        let page = { (decision: Decision) in
            LedgerPage(
                open: [Self.open(decision, verdict: decision.verdict, reason: decision.reason)], tries: [:],
                attempts: [],
                leader: Self.leader())
        }
        let holds: [(Reason, (inout Fleet) -> Void)] = [
            (.paused, { $0.pauses = [Pause(vmid: nil, since: Fleet.now, until: end, why: "move", by: "eva")] }),
            (.maintenanceWindow, { $0.calendar = RepairCalendar(denied: [(Fleet.now - .minutes(1))..<end]) }),
        ]
        for (reason, hold) in holds {
            let (next, known) = try prospect(hold, page)
            #expect(known.cases[0].decision.reason == reason)
            #expect(next.notBefore == end)
        }
    }

    /// Nor is an answer asked for that nobody takes up.
    @Test(arguments: [(Verdict.approvalRequired, Reason.approvalMissing), (.held, .massChange)])
    func whatWaitsForAnAnswerInVainSaysSo(verdict: Verdict, reason: Reason) throws {
        func next(_ duty: Duty, _ mode: String) throws -> String {
            let (next, _) = try prospect(
                { fleet in
                    guard verdict == .approvalRequired else { return }
                    for index in fleet.policies.policies.indices { fleet.policies.policies[index].level = .disruptive }
                }, duty: duty
            ) {
                LedgerPage(
                    open: [Self.open($0, verdict: verdict, reason: reason)], tries: [:], attempts: [],
                    leader: Self.leader(mode: mode))
            }
            return next.next
        }
        let omission = Words.omission(.kinds, of: .publicSRVMissing, Self.vmid)
        #expect(try next(Fleet.duty(kinds: ["operation.*"]), "repair") == "nothing, approved or not: \(omission)")
        #expect(try next(Fleet.duty(), "dry-run") == "nothing, approved or not: the leader's mode is dry-run")
        #expect(try !next(Fleet.duty(), "repair").contains("approved or not"))
    }

    @Test func whatIsDueNext() throws {
        let (next, known) = try prospect {
            LedgerPage(open: [Self.open($0)], tries: [:], attempts: [], leader: Self.leader())
        }
        #expect(next.since == Self.since)
        #expect(next.next == Self.soon)
        let text = FactSheetText.encode(known.sheet)
        #expect(text.contains("LEDGER") && text.contains("since \(Self.since), repair: policy_matched"))
        #expect(text.contains("0 of 5 in vain") && text.contains("a controller leads with epoch 4, mode repair"))
    }

    /// Somebody has changed a file and not reloaded: what comes next is not what the leader will do.
    @Test func aLeaderThatWorksOtherwiseIsSaid() throws {
        func sheet(_ stance: Stance?) throws -> String {
            let (_, known) = try prospect {
                LedgerPage(
                    open: [Self.open($0)], tries: [:], attempts: [],
                    leader: LedgerPage.Leader(epoch: 4, isClosed: false, stance: stance))
            }
            return FactSheetText.encode(known.sheet) + String(decoding: ExplanationJSON.encode(known), as: UTF8.self)
        }
        var fleet = Fleet()
        fleet.removeRecord("s5001")
        let hash = fleet.policies.hash
        #expect(
            try sheet(Stance(mode: "repair", policies: "sha256:0123456789abcdef")).contains("0123456789ab instead of"))
        #expect(try sheet(Stance(mode: "dry-run", policies: hash)).contains("mode dry-run instead of repair"))
        for same in [Stance(mode: "repair", policies: hash), nil] {
            #expect(try !sheet(same).contains("works otherwise"))
        }
    }

    /// When the first of as many repairs as the budget has is a minute ago.
    @Test func aBudgetThatIsUsedUpSaysWhenThereIsRoom() throws {
        let spent = (1...3).map { Fleet.now - .seconds(Int64($0 * 10)) }
        for (budget, until) in [(3, Fleet.now + .seconds(30)), (2, Fleet.now + .seconds(40)), (4, nil)] {
            let (next, known) = try prospect {
                $0.policies.brakes.budgetPerMinute = budget
            } _: {
                LedgerPage(open: [Self.open($0)], tries: [:], attempts: [], leader: Self.leader(), spent: spent)
            }
            #expect(next.notBefore == until)
            let text = FactSheetText.encode(known.sheet)
            #expect(text.contains("attempt 1, later: \(Words.pending(.budgetSpent))") == (until != nil))
        }
    }

    @Test func afterAnAttemptInVainThereIsAPause() throws {
        let (next, known) = try prospect { decision in
            let id = decision.drift.id
            return LedgerPage(
                open: [Self.open(decision)], tries: [id: Memory.Tries(attempts: 3, endedAt: Fleet.now - .minutes(1))],
                attempts: [Self.attempt(id, 3, "not_verified", 1), Self.attempt(id, 2, "unknown", 4)],
                leader: Self.leader())
        }
        let end =
            Fleet.now - .minutes(1)
            + RepairPlan.backoff(Policy.defaultRetry, 3, next.driftID)
        #expect(next.attempts == 3 && next.next == "attempt 4, after a pause" && next.notBefore == end)
        #expect(next.last == "attempt 3 (edge_republish) ended at \(Fleet.now - .minutes(1)), not_verified")
        let json = String(decoding: ExplanationJSON.encode(known), as: UTF8.self)
        #expect(json.contains("\"not_before\"") && json.contains("\(end)"))
    }

    @Test func whenTheAttemptsAreUsedUpNothingMoreComes() throws {
        let (next, _) = try prospect { decision in
            LedgerPage(
                open: [Self.open(decision)],
                tries: [decision.drift.id: Memory.Tries(attempts: 5, endedAt: Fleet.now - .minutes(50))], attempts: [],
                leader: Self.leader())
        }
        #expect(next.next.hasPrefix("nothing more") && next.notBefore == nil)
    }

    @Test func whatRunsNow() throws {
        let (next, _) = try prospect { decision in
            LedgerPage(
                open: [Self.open(decision)], tries: [:], attempts: [Self.attempt(decision.drift.id, 1, "open", 0)],
                leader: Self.leader())
        }
        #expect(next.last?.contains("runs since") == true)
        #expect(next.next == "attempt 1 comes to its end, and a fresh read says how")
    }

    /// The daemon begins nothing else on its server meanwhile.
    @Test func anOpenAttemptAtAnotherDriftOfTheServerIsNamed() throws {
        let (next, _) = try prospect { decision in
            LedgerPage(
                open: [Self.open(decision)], tries: [:],
                attempts: [
                    Self.attempt(decision.drift.id, 1, "refused", 2), Self.attempt("feedbeef", 2, "open", 3),
                ], leader: Self.leader())
        }
        let wanted =
            "nothing begins before attempt 2 (edge_republish) at another drift of this server, feedbeef, has ended; it runs since "
        #expect(next.next == wanted + "\(Fleet.now - .minutes(4))" && next.notBefore == nil)
    }

    @Test func whatHoldsItBackIsNamed() throws {
        func page(_ leader: LedgerPage.Leader?) -> (Decision) -> LedgerPage {
            { LedgerPage(open: [Self.open($0)], tries: [:], attempts: [], leader: leader) }
        }
        #expect(try prospect({ _ in }, page(Self.leader(closed: true))).0.next == "nothing: no controller leads")
        #expect(try prospect({ _ in }, page(nil)).0.next == "nothing: no controller leads")
        #expect(
            try prospect({ _ in }, page(Self.leader(mode: "dry-run"))).0.next == "nothing: the leader's mode is dry-run"
        )
        let held = try prospect({ $0.changeGuest(5001) { $0.lock = "backup" } }, page(Self.leader())).0
        #expect(held.next == "nothing while that holds it; each round looks again")
        let until = Fleet.now + .minutes(90)
        let accepted = try prospect(
            { fleet in
                let id = fleet.audit()?.decision(.publicSRVMissing)?.drift.id ?? ""
                fleet.accepted = [Acceptance(driftID: id, reason: "known", until: until, by: "eva")]
            }, page(Self.leader())
        ).0
        #expect(accepted.next == "nothing: it is accepted" && accepted.notBefore == until)
    }

    @Test func whatTheLedgerHasAndThisLookDoesNotShow() throws {
        var fleet = Fleet()
        var known = try #require(fleet.audit(.explain(Self.vmid))?.explanation)
        fleet.removeRecord("s5001")
        let gone = try #require(fleet.audit()?.decision(.publicSRVMissing))
        known.tell(
            LedgerPage(open: [Self.open(gone)], tries: [:], attempts: [], leader: Self.leader()),
            policies: fleet.policies, duty: Fleet.duty())
        guard case .read(let prospects, _, _)? = known.ledger else {
            Issue.record("no ledger")
            return
        }
        #expect(prospects.map(\.next) == ["it is closed by the next round that could see it and does not"])
    }

    /// It was seen long before somebody paused it: both are said.
    @Test func sinceWhenItIsHeldIsSaidBesideSinceWhenItIsSeen() throws {
        let turned = Fleet.now - .minutes(2)
        let (next, known) = try prospect { decision in
            LedgerPage(
                open: [Self.open(decision, verdict: .held, reason: .paused)], tries: [:], attempts: [],
                leader: Self.leader(),
                turned: [decision.drift.id: turned])
        }
        #expect(next.since == Self.since && next.turnedAt == turned)
        #expect(FactSheetText.encode(known.sheet).contains("since \(Self.since); since \(turned), held: paused"))
        #expect(
            String(decoding: ExplanationJSON.encode(known), as: UTF8.self).contains("\"verdict_since\": \"\(turned)\""))
    }

    /// The leader asks for what was refused less and less often.
    @Test func afterARefusalThereIsAPause() throws {
        for (states, pause) in [(["refused", "refused", "refused"], true), (["verified", "refused"], false)] {
            let (next, _) = try prospect { decision in
                LedgerPage(
                    open: [Self.open(decision)], tries: [:],
                    attempts: states.enumerated().map { Self.attempt(decision.drift.id, 1, $1, Int64($0)) },
                    leader: Self.leader())
            }
            let end = RepairPlan.backoff(Policy.defaultRetry, 3, next.driftID)
            #expect(next.notBefore == (pause ? Fleet.now + end : nil))
            #expect(next.next == (pause ? "attempt 1, after a pause, since it was not tried" : Self.soon))
        }
    }
}
