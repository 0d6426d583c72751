/// `queue.backlog`: the oldest job of a queue waits over 15 minutes. The jobs carry their own times, so one look is enough.
package enum QueueBacklog: FleetCheck {
    package static let kinds: [DriftKind] = [.queueBacklog]

    package static let longest = Span.minutes(15)
    /// Jobs are stamped by their producers, their age is counted by Redis: the two clocks may differ this much.
    package static let clockSkew = Span.seconds(5)

    package static func check(_ fleet: FleetContext, _ findings: inout Findings) {
        guard let queues = fleet.facts.queues.latest.value else { return }
        for (name, state) in queues.states.sorted(by: { $0.key < $1.key }) {
            switch state {
            case .unknown(let reason, _): findings.add(reason, queue: name)
            case .known(let queue): check(queue, name, queues, &findings)
            }
        }
    }

    /// Whether a job has waited too long for all that is known about it.
    package static func isOverdue(_ job: QueueReading.Waiting, at now: Timestamp) -> Bool {
        job.since.map { $0 < now - longest - clockSkew } ?? false
    }

    private static func check(
        _ queue: QueueReading.Queue, _ name: String, _ queues: Queues, _ findings: inout Findings
    ) {
        let overdue = queue.waiting.filter { isOverdue($0, at: queues.serverTime) }
        if overdue.isEmpty {
            // One that has waited longer may lie where nobody looked.
            if !queue.mayHideOlder.isEmpty {
                findings.note(
                    .unknown, of: LastingCondition(.queueBacklog, name: name), Subject(queue: name), queues.evidence)
            }
            return
        }
        guard overdue.contains(where: { !$0.mayBeNewer }) else {
            findings.add(.partialListing, queue: name)
            return
        }
        findings.add(
            Drift(
                kind: .queueBacklog, subject: Subject(queue: name),
                desired: "no job waits longer than \(longest)",
                observed: "at least one job has waited longer" + (queue.isPaused ? "; the queue is paused" : ""),
                evidence: queues.evidence, instance: nil))
    }
}
