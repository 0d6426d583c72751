import Core
import TestSupport

/// A daemon in virtual time over a fleet, with a ledger that remembers as the database does: what is open, what was repaired,
/// and what an operator has answered.
struct LedgerDaemon {
    var fleet: Fleet
    var controller: Controller
    var now = Fleet.now
    var reports: [Report] = []
    var journal: [JournalEntry] = []
    var intents: [Intent] = []
    var redemptions: [Redemption] = []
    var answers: [PlanAnswer] = []
    var redeemWorks = true
    private var open: [String: OpenDrift] = [:]
    private var repaired: [String: [Timestamp]] = [:]
    private var done: [(drift: String, at: Timestamp)] = []

    init(_ fleet: Fleet, mode: Duty.Mode = .repair, kinds: [String] = ["*"]) {
        self.fleet = fleet
        controller = fleet.daemon(mode, kinds: kinds)
    }

    mutating func lead(_ epoch: Int64 = 1) { handle(.tenure(.acting(epoch: epoch))) }

    /// One round, a minute after the last one.
    mutating func round() {
        handle(.woke(.cycle))
        now = now + .seconds(58)
    }

    /// How many repairs begin in each of so many rounds, each a minute after the one before.
    mutating func begun(rounds: Int) -> [Int] {
        (0..<rounds).map { _ in
            let before = intents.count
            now = now + .seconds(2)
            round()
            return intents.count - before
        }
    }

    var last: Report { reports[reports.count - 1] }

    /// The plan of an audit of the same estate.
    var plan: String {
        var fleet = fleet
        fleet.past = past
        return fleet.audit()?.planHash ?? ""
    }

    /// As the command does it: an approval is the last answer to its plan.
    mutating func answer(_ word: PlanAnswer.Word, plan: String, for span: Span = .minutes(60), by: String = "ada") {
        for index in answers.indices
        where answers[index].plan == plan && (word == .reject || answers[index].redeemedAt == nil) {
            answers[index].until = Timestamp(microseconds: 0)
        }
        answers.append(
            PlanAnswer(id: Int64(answers.count + 1), plan: plan, word: word, by: by, until: now + span))
    }

    var past: DriftPast {
        var past = DriftPast(repaired: repaired)
        for drift in open.values where drift.verdict == .repair && !drift.wouldRepair {
            let isApproved = answers.contains { answer in
                answer.covers[drift.id] != nil && answer.redeemedAt.map { $0 >= drift.since } == true
            }
            if !isApproved { past.repairable.insert(drift.id) }
        }
        past.answers = answers.filter { $0.until > now - .minutes(1440) }.map { answer in
            var left = answer
            left.covers = answer.covers.filter { id, _ in
                !done.contains { end in end.drift == id && answer.redeemedAt.map { end.at > $0 } == true }
            }
            return left
        }
        return past
    }

    private mutating func carryOut(_ act: Intent.Act) {
        guard case .edgeRepublish(let grounds) = act else {
            fleet.operations.removeAll { $0.id == act.operation?.id }
            return
        }
        switch grounds.change {
        case .backend(let change): fleet.register(change.wanted.name, change.wanted.address)
        case .record(let change):
            fleet.records.removeAll { $0.name == change.rule.name }
            fleet.records.append(
                DNSRecord(id: change.rule.name, name: change.rule.name, data: change.rule.wanted, ttl: 60, comment: nil)
            )
        }
    }

    mutating func handle(_ event: Event) {
        var queue = controller.handle(event, at: now)
        while !queue.isEmpty {
            switch queue.removeFirst() {
            case .observe(let look):
                fleet.past = past
                queue += controller.handle(.observed(fleet.observation(look, at: now)), at: now)
            case .wake(.secondLook, let moment):
                now = max(now, moment)
                queue += controller.handle(.woke(.secondLook), at: now)
            case .wake: break
            case .tell(.report(let report)): reports.append(report)
            case .tell, .giveWay: break
            case .recall: queue += controller.handle(.recalled(Memory(open: Array(open.values))), at: now)
            case .journal(let entries, _, _, let intents):
                journal += entries
                for entry in entries {
                    open[entry.drift.id] = entry.outcome == .closed ? nil : entry.drift
                    if entry.outcome == .closed { done.append((entry.drift.id, now)) }
                }
                queue += controller.handle(.journaled(true, then: intents), at: now)
            case .redeem(let redemption, _):
                redemptions.append(redemption)
                if redeemWorks, let index = answers.firstIndex(where: { $0.id == redemption.approval }) {
                    answers[index].redeemedAt = now
                    answers[index].covers = redemption.covers
                }
                queue += controller.handle(.redeemed(redeemWorks), at: now)
            case .repair(let intent):
                intents.append(intent)
                now = now + .milliseconds(10)
                carryOut(intent.act)
                let drift = intent.drift
                var change: EdgeChange?
                if case .edgeRepublish(let grounds) = intent.act { change = grounds.change }
                repaired[Drift.place(drift.id, drift.kind, drift.externalID, change), default: []].append(now)
                done.append((intent.drift.id, now))
                queue += controller.handle(.repaired(intent, .verified), at: now)
            }
        }
    }
}

extension Fleet {
    /// `count` servers, the first `dead` of them with an operation whose worker is gone.
    static func withDeadOperations(_ dead: Int, of count: Int) -> Fleet {
        var fleet = Fleet(count)
        fleet.observeQueues()
        for index in 0..<dead { fleet.addDeadBackup("op-\(5001 + index)", vmid: 5001 + index) }
        return fleet
    }
}
