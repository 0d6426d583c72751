/// The believed state of the configured queues. A queue without keys and an empty queue look alike in Redis: the rules of
/// when the absence of a job means anything are all here.
package struct Queues: Equatable, Sendable {
    package enum State: Equatable, Sendable {
        case known(QueueReading.Queue)
        case unknown(Unknown, detail: String)
    }

    package let endpoint: String
    package let observedAt: Timestamp
    package let serverTime: Timestamp
    package let runID: String
    package let states: [String: State]
    package let detail: String
    /// Why the plane is only partly known; nil when all of it is.
    package let problem: String?

    package var evidence: Evidence { Evidence(plane: .queues, observedAt: observedAt) }

    /// Whether a queue's workers could not be counted.
    var hidesWorkers: Bool {
        states.values.contains { if case .known(let queue) = $0 { queue.workers == nil } else { false } }
    }

    /// Whether a queue has workers without a name, which nobody can count.
    var hasNamelessWorkers: Bool {
        states.values.contains { if case .known(let queue) = $0 { queue.hasNamelessWorker } else { false } }
    }

    /// Where a job is, or that its queue certainly does not have it: one look's word.
    package func job(_ job: JobReference) -> Observed<[QueueReading.Place]> {
        switch states[job.queue] {
        case nil: return .unknown(.queueNotListed)
        case .unknown(let reason, _): return .unknown(reason)
        case .known(let queue):
            switch queue.jobs[job.id] {
            case nil: return .unknown(.notRead)
            case .listed(let places): return .present(places, evidence)
            case .listTooLong: return .unknown(.listTooLong)
            // Somebody stopped the queue on purpose and may be moving its jobs about.
            case .notListed: return queue.isPaused ? .unknown(.queuePaused) : .absent(evidence)
            }
        }
    }
}

extension Queues {
    /// The layouts that are understood, by the writer's major version.
    package static let knownMajors = ["5", "6"]

    package static func judge(_ reading: QueueReading) -> PlaneFact<Queues> {
        func failed(_ reason: Unknown, _ detail: String) -> PlaneFact<Queues> {
            .failed(reason, detail: "\(reading.endpoint): \(detail)", at: reading.startedAt)
        }
        if reading.role == "slave" {
            return failed(.replica, "this is a replica, which may lag behind or have lost the newest jobs")
        }
        if reading.role != "master" { return failed(.malformed, "this is no Redis that holds queues") }
        if reading.runID.isEmpty { return failed(.malformed, "the server does not say which process it is") }
        var states: [String: State] = [:]
        for answer in reading.answers { states[answer.name] = state(answer) }
        return .read(
            Queues(
                endpoint: reading.endpoint, observedAt: reading.startedAt, serverTime: reading.serverTime,
                runID: reading.runID, states: states, detail: detail(reading, states), problem: problem(states)))
    }

    private static func state(_ answer: QueueReading.Answer) -> State {
        switch answer.queue {
        case .failure(let failure): return .unknown(failure.code, detail: failure.detail)
        case .success(let queue):
            guard queue.exists else {
                return .unknown(
                    .queueMissing,
                    detail: "it has neither meta nor id: another prefix, name or database, or it was flushed")
            }
            if let version = queue.version, !isKnown(version) {
                return .unknown(.unknownLayout, detail: "it is written by '\(version)', whose layout is not known here")
            }
            return .known(queue)
        }
    }

    /// BullMQ Pro keeps jobs in groups, under keys that are not read here.
    private static func isKnown(_ version: String) -> Bool {
        let parts = version.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "bullmq" else { return false }
        return knownMajors.contains { parts[1] == $0 || parts[1].hasPrefix($0 + ".") }
    }

    private static func detail(_ reading: QueueReading, _ states: [String: State]) -> String {
        let parts = reading.answers.compactMap { answer -> String? in
            guard case .known(let queue) = states[answer.name] else { return nil }
            return queue.told
        }
        return (["\(reading.answers.count) queues at \(reading.endpoint)"] + parts).joined(separator: "; ")
    }

    private static func problem(_ states: [String: State]) -> String? {
        let problems = states.sorted { $0.key < $1.key }.flatMap { name, state -> [String] in
            switch state {
            case .unknown(_, let detail): ["queue '\(name)': \(detail)"]
            case .known(let queue): queue.unseen.map { "queue '\(name)': \($0)" }
            }
        }
        return problems.isEmpty ? nil : problems.joined(separator: "; ")
    }
}

extension Facts {
    /// Whether a queue has a job. Its absence is believed when two looks at the same server process show it.
    package func job(_ job: JobReference) -> Observed<[QueueReading.Place]> {
        switch queues.latest {
        case .notConfigured: return .unknown(.notRead)
        case .failed(let reason, _, _): return .unknown(reason)
        case .read(let latest):
            let earlier = queues.earlier?.value
            let proven = confirmed(latest.job(job), unconfirmed: queues.unconfirmed) { earlier?.job(job) }
            if case .absent = proven, let earlier, earlier.runID != latest.runID { return .unknown(.serverRestarted) }
            return proven
        }
    }
}

extension DesiredOperation {
    /// The job that works on it.
    package var job: JobReference { JobReference(queue: queue, id: jobID ?? id) }
}
