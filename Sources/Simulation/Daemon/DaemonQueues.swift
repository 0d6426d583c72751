import Core
import World

/// What becomes of the queues when the Redis that they share with the lock is wiped, and what may not follow from it.
struct QueueTruth {
    /// What the last wipe took.
    private var lost: [QueueHouse.Queue] = []
    /// When somebody looked at a queue that was gone.
    private var blindLooks: [String: Set<Timestamp>] = [:]
    /// How often jobs came back.
    private var restored = 0
    /// How often they had when an attempt looked for its job right before the act.
    private var looks: [String: (restored: Int, at: Timestamp)] = [:]
    private var isUp = true
    private var wipes = 0

    /// Holds the queues against the Redis of the lock.
    mutating func follow(_ lead: LeadershipRun, _ queues: inout QueueHouse, at now: Timestamp) -> String? {
        var told: String?
        if lead.counts.wipes > wipes {
            wipes = lead.counts.wipes
            // A second wipe takes nothing that would be missed.
            if queues.queues.contains(where: { !$0.jobs.isEmpty }) { lost = queues.queues }
            queues.wipe()
            // Who comes back empty is another process; who was flushed is the same.
            if !isUp { queues.runID += "+" }
            told = "the queues are gone"
        }
        isUp = lead.stores.isRedisUp
        return told
    }

    mutating func looksAgain(_ intent: Intent, at now: Timestamp) { looks[intent.id] = (restored, now) }

    mutating func putBack() { restored += 1 }

    mutating func looked(at queues: QueueHouse, _ now: Timestamp) {
        for queue in queues.queues where !queue.hasKeys { blindLooks[queue.name, default: []].insert(now) }
    }

    /// Somebody uses the queues again: with all that was there, or with nothing of it.
    mutating func come(back isWhole: Bool, _ queues: inout QueueHouse, at now: Timestamp) -> String? {
        guard queues.queues.contains(where: { !$0.hasKeys }) else { return nil }
        for queue in lost {
            queues.change(queue.name) {
                $0.hasKeys = true
                let known = Set($0.jobs.map(\.id))
                if isWhole { $0.jobs += queue.jobs.filter { !known.contains($0.id) } }
            }
        }
        for queue in queues.queues { queues.change(queue.name) { $0.hasKeys = true } }
        if isWhole { restored += 1 }
        return isWhole ? "the queues are restored" : "the queues are used again, and empty"
    }

    /// Why an operation may not be ended: its job waits, or nobody could know whether it does.
    ///
    /// - Parameters:
    ///   - seen: when it truly was that its evidence was seen.
    ///   - queues: as they are at the act.
    ///   - within: how long after the last look the act may come.
    func faults(
        _ intent: Intent, seen: Timestamp, _ queues: QueueHouse, within: Span, at now: Timestamp
    ) -> [String] {
        guard let operation = intent.act.operation else { return [] }
        var faults: [String] = []
        if blindLooks[operation.queue]?.contains(seen) == true {
            faults.append("\(operation.id) was ended by a look at a queue that was gone")
        }
        guard let look = looks[intent.id] else {
            return faults + ["\(operation.id) was ended without a look for its job"]
        }
        if now - look.at > within { faults.append("\(operation.id) was ended \(now - look.at) after that look") }
        // What is put back between the last look and the act nobody can see: the row says nothing of it.
        if queues.has(operation.job), look.restored == restored {
            faults.append("\(operation.id) was ended and its job still waits")
        }
        return faults
    }
}
