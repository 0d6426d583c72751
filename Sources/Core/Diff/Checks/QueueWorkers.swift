/// `queue.stalled` and `queue.no_worker`: a job that is worked on without a lock in two looks at least a minute apart, and a
/// queue that nobody consumes for a minute. Only a daemon can tell them: a job may lose its lock for a moment, and a worker
/// that reconnects has no name for one.
///
/// Without a name there may still be a worker. A job whose lock lives has one, or had one until a moment ago, and so has a queue
/// that was looked through for stalled jobs: only without either nobody consumes it.
package enum QueueWorkers: FleetCheck {
    package static let kinds: [DriftKind] = [.queueStalled, .queueNoWorker]

    package static func check(_ fleet: FleetContext, _ findings: inout Findings) {
        guard let history = fleet.history, let queues = fleet.facts.queues.latest.value else { return }
        for (name, state) in queues.states.sorted(by: { $0.key < $1.key }) {
            // That it is not known is told once, by whoever looks at its backlog.
            guard case .known(let queue) = state else { continue }
            stalled(queue, name, queues.evidence, history, &findings)
            workers(queue, name, queues.evidence, history, &findings)
        }
    }

    private static func stalled(
        _ queue: QueueReading.Queue, _ name: String, _ evidence: Evidence, _ history: History,
        _ findings: inout Findings
    ) {
        let subject = Subject(queue: name)
        let all = LastingCondition(.queueStalled, name: name)
        // How long this queue has been watched: by that a job is known that may have stalled before.
        let watch = findings.note(.holds(mark: ""), of: all, subject, evidence)
        var hasStalled = false
        var mayHaveStalled = false
        for job in queue.running {
            let condition = LastingCondition(.queueStalled, name: "\(name)/\(job.id)")
            guard job.lock == nil else {
                findings.sawEnd(of: condition, subject, history, evidence)
                continue
            }
            let mark = job.processedOn.map { String($0.microseconds) } ?? ""
            let sighting = findings.note(.holds(mark: mark), of: condition, subject, evidence)
            if history.hasLasted(sighting) { hasStalled = true }
            if history.mayBeOpen(sighting, since: watch) { mayHaveStalled = true }
        }
        // What is not worked on any more has ended, also where the same run is there again later, with a Redis that was restored.
        if queue.lookedAt[.active] == nil {
            let running = Set(queue.running.map { "\(name)/\($0.id)" })
            for condition in history.remembered(.queueStalled, under: "\(name)/")
            where !running.contains(condition.name) {
                findings.sawEnd(of: condition, subject, history, evidence)
            }
        }
        guard hasStalled else {
            // Of a long list only a part is read: what stalled may be in the rest.
            if mayHaveStalled || queue.lookedAt[.active] != nil {
                findings.cannotTell(all, subject, history)
            }
            return
        }
        findings.add(
            Drift(
                kind: .queueStalled, subject: subject, desired: "a lock on every job that is worked on",
                observed: "active without a lock in two looks", evidence: evidence, instance: nil))
    }

    private static func workers(
        _ queue: QueueReading.Queue, _ name: String, _ evidence: Evidence, _ history: History,
        _ findings: inout Findings
    ) {
        let subject = Subject(queue: name)
        let condition = LastingCondition(.queueNoWorker, name: name)
        guard let workers = queue.workers, !queue.hasNamelessWorker else {
            return findings.cannotTell(condition, subject, history)
        }
        guard workers == 0 else { return findings.sawEnd(of: condition, subject, history, evidence) }
        guard findings.saw(.holds(mark: ""), of: condition, subject, history, evidence) else { return }
        findings.add(
            Drift(
                kind: .queueNoWorker, subject: subject, desired: "a worker that consumes it",
                observed: "no worker is connected" + (queue.isPaused ? "; the queue is paused" : ""),
                evidence: evidence, instance: nil))
    }
}
