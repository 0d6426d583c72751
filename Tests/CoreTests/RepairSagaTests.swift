import Core
import Testing

/// The order of one attempt, answer by answer.
@Suite("A repair")
struct RepairSagaTests {
    private static let policies = PolicySet(policies: [], brakes: .defaults, windows: [], notifications: [])
    private static let rules = PoliciesInForce(policies, calendar: .always)
    private static let now = Timestamp(seconds: 1000)

    private static let intent = Intent(
        drift: OpenDrift(
            id: "0123456789abcdef", kind: .operationStale, vmid: VMID(5001), externalID: nil, hostname: "mc-paper-5001",
            level: .automatic, action: .clearStaleOperationLock, verdict: .repair, reason: .policyMatched, since: now),
        act: .clearStaleOperationLock(
            DesiredOperation(
                id: "op", idempotencyKey: nil, customer: nil, vmid: VMID(5001), kind: .backup, queue: "provisioning",
                jobID: nil, status: .running, phase: nil, attempts: 1, enqueuedAt: now, startedAt: nil,
                heartbeatAt: nil,
                leaseExpiresAt: nil, finishedAt: nil)),
        attempt: 1, epoch: 1, cycle: 1, policies: policies.hash, evidenceAt: now)

    /// The moves that answers lead to, begun with leave and fresh evidence.
    private func moves(
        _ answers: RepairSaga.Answer..., mayAct: [Bool] = [], at times: [Timestamp] = [],
        under rules: PoliciesInForce = Self.rules
    ) -> [RepairSaga.Move] {
        var saga = RepairSaga(Self.intent)
        return ([.begun] + answers).enumerated().map { index, answer in
            saga.next(
                answer, mayAct: index < mayAct.count ? mayAct[index] : true, under: rules,
                at: index < times.count ? times[index] : Self.now)
        }
    }

    @Test func successIsWhatAFreshReadSaw() {
        #expect(
            moves(.claimed, .gone, .done, .seen(.verified))
                == [.step(.claim), .step(.look), .step(.act), .step(.check), .end(.verified)])
        #expect(moves(.claimed, .gone, .done, .failed("x")).last == .end(.unknown("it could not be read back: x")))
    }

    @Test func whatMayHaveBeenDoneIsLookedAtAndNeverDoneAgain() {
        for answer in [RepairSaga.Answer.failed("no answer"), .moved] {
            #expect(moves(.claimed, .gone, answer).last == .step(.check))
            #expect(
                moves(.claimed, .gone, answer, .seen(.notVerified("running"))).last == .end(.notVerified("running")))
        }
        #expect(
            moves(.claimed, .gone, .failed("no answer"), .failed("gone")).last
                == .end(.unknown("the act was not answered: no answer")))
    }

    @Test func whatCertainlyWasNotDoneIsNoAttempt() {
        #expect(moves(.claimed, .gone, .obstacle("held")).last == .step(.refuse(why: "held")))
        #expect(moves(.claimed, .gone, .obstacle("held"), .refusalWritten).last == .end(.refused("held")))
    }

    /// It was put back since the round looked, or nobody knows.
    @Test func whatIsInItsQueueAgainIsLeft() {
        for answer in [RepairSaga.Answer.obstacle("it is back"), .failed("timeout")] {
            guard case .step(.refuse)? = moves(.claimed, answer).last else {
                Issue.record("\(answer)")
                continue
            }
        }
    }

    @Test func withoutAClaimThereIsNoAct() {
        #expect(moves(.obstacle("paused")).last == .end(.refused("paused")))
        #expect(moves(.failed("x")).last == .end(.unknown("the claim was not answered: x")))
    }

    @Test func leaveEvidenceAndPoliciesAreAskedForBeforeTheClaimAndAfterIt() {
        let late = Self.now + .seconds(91)
        var others = Self.policies
        others.brakes.budgetPerMinute = 1
        let before = [
            moves(mayAct: [false]), moves(at: [late]), moves(under: PoliciesInForce(others, calendar: .always)),
            moves(under: PoliciesInForce(Self.policies, calendar: RepairCalendar(denied: [Self.now..<late]))),
        ]
        for moves in before {
            guard case .end(.refused)? = moves.last else {
                Issue.record("\(moves)")
                continue
            }
        }
        for moves in [
            moves(.claimed, .gone, mayAct: [true, true, false]),
            moves(.claimed, .gone, at: [Self.now, Self.now, late]),
        ] {
            guard case .step(.refuse)? = moves.last else {
                Issue.record("\(moves)")
                continue
            }
        }
        #expect(
            moves(.claimed, .gone, .refusalWritten, mayAct: [true, true, false]).last
                == .end(.refused("this process may not act any more")))
    }
}
