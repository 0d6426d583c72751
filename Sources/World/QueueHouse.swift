package import Core

/// The Redis with a platform's job queues, as it really is.
package struct QueueHouse: Equatable, Sendable {
    package struct Job: Equatable, Sendable {
        package var id: String
        package var place: QueueReading.Place
        package var createdAt: Timestamp
        package var processedOn: Timestamp?
        /// What is left of its worker's lock.
        package var lock: Span?

        package init(
            id: String, place: QueueReading.Place, createdAt: Timestamp, processedOn: Timestamp? = nil,
            lock: Span? = nil
        ) {
            self.id = id
            self.place = place
            self.createdAt = createdAt
            self.processedOn = processedOn
            self.lock = lock
        }

        var since: Timestamp { max(createdAt, processedOn ?? createdAt) }
    }

    package struct Queue: Equatable, Sendable {
        package var name: String
        /// Whether it has its own keys: a wipe takes them with the jobs, and whoever uses the queue next makes them again.
        package var hasKeys = true
        package var isPaused = false
        /// In the order in which they came.
        package var jobs: [Job] = []
        package var workers = 1
        /// Whether their connections have the names by which they are counted: a provider may refuse to set them.
        package var hasNames = true

        package init(name: String) { self.name = name }
    }

    package var runID: String
    package var queues: [Queue]

    package init(runID: String, queues: [Queue]) {
        self.runID = runID
        self.queues = queues
    }

    /// Whether a queue has a job that has not ended.
    package func has(_ job: JobReference) -> Bool {
        queues.contains { $0.name == job.queue && $0.jobs.contains { $0.id == job.id } }
    }

    package mutating func change(_ name: String, _ body: (inout Queue) -> Void) {
        guard let index = queues.firstIndex(where: { $0.name == name }) else { return }
        body(&queues[index])
    }

    /// All keys go, whoever used them; workers stay connected, and what they work on is in no list any more.
    package mutating func wipe() {
        for index in queues.indices { (queues[index].jobs, queues[index].hasKeys) = ([], false) }
    }

    package mutating func remove(_ job: JobReference) { change(job.queue) { $0.jobs.removeAll { $0.id == job.id } } }
}

/// How the Redis of the queues fails or lies.
package enum QueueFault: Hashable, Sendable {
    case refused
    case timeout
    /// A password is set, and ours is not it.
    case unauthorized
    /// The ACL user may not read one queue's keys.
    case permissionLost(String)
    /// CLIENT LIST is forbidden, as managed services do.
    case clientsHidden
    /// Every key is gone, or another database or prefix is read.
    case flushed
    case replica
    /// It was restarted and has another run_id; here it has also lost what it held, the worst case.
    case restarted
    case paused(String)
    /// A job moves between two of our commands and is seen in no list.
    case between(JobReference)
    case malformed
    case loading
}

extension Estate {
    /// What a controller reads of the queues.
    package func queueReading(
        endpoint: String, jobs: [JobReference], faults: Set<QueueFault> = [], at now: Timestamp
    ) -> Result<QueueReading, ReadFailure> {
        func failure(_ code: Unknown, _ detail: String) -> Result<QueueReading, ReadFailure> {
            .failure(ReadFailure(code, "\(endpoint): \(detail)", at: now))
        }
        if faults.contains(.refused) { return failure(.refused, "connection refused") }
        if faults.contains(.timeout) { return failure(.timeout, "no answer in time") }
        if faults.contains(.unauthorized) { return failure(.unauthorized, "NOAUTH") }
        if faults.contains(.malformed) { return failure(.malformed, "no Redis protocol") }
        if faults.contains(.loading) { return failure(.loading, "LOADING") }
        let isLost = faults.contains(.flushed)
        return .success(
            QueueReading(
                endpoint: endpoint,
                runID: faults.contains(.restarted) ? "restarted-\(queueHouse.runID)" : queueHouse.runID,
                role: faults.contains(.replica) ? "slave" : "master", serverTime: now,
                answers: queueHouse.queues.map { queue in
                    if faults.contains(.permissionLost(queue.name)) {
                        let failure = ReadFailure(.forbidden, "\(endpoint): NOPERM", at: now)
                        return QueueReading.Answer(name: queue.name, queue: .failure(failure))
                    }
                    // Of what is gone a reader hears the same as of what is empty.
                    var answer = self.answer(queue, jobs: jobs, faults: isLost ? faults.union([.restarted]) : faults)
                    if isLost || !queue.hasKeys { (answer.exists, answer.version) = (false, nil) }
                    return QueueReading.Answer(name: queue.name, queue: .success(answer))
                }, startedAt: now))
    }

    private func answer(
        _ queue: QueueHouse.Queue, jobs: [JobReference], faults: Set<QueueFault>
    ) -> QueueReading.Queue {
        // What was only in memory is gone with the process; the keys are there again as soon as somebody uses the queue.
        let held = faults.contains(.restarted) ? [] : queue.jobs
        var presence: [String: QueueReading.Presence] = [:]
        for job in jobs where job.queue == queue.name {
            let places = faults.contains(.between(job)) ? [] : held.filter { $0.id == job.id }.map(\.place)
            presence[job.id] = places.isEmpty ? .notListed : .listed(places)
        }
        var counts: [QueueReading.Place: Int] = [:]
        for job in held { counts[job.place, default: 0] += 1 }
        let oldest = [QueueReading.Place.wait, .paused].compactMap { place in
            held.filter { $0.place == place }.min { $0.since < $1.since }
        }
        return QueueReading.Queue(
            name: queue.name, exists: true, isPaused: queue.isPaused || faults.contains(.paused(queue.name)),
            version: "bullmq:5.56.9", counts: counts,
            running: held.filter { $0.place == .active }.map {
                // Nobody renews it once they are gone.
                QueueReading.Running(
                    id: $0.id, lock: queue.workers > 0 ? $0.lock : nil, processedOn: $0.processedOn)
            },
            waiting: (oldest + held.filter { $0.place == .prioritized }).map {
                QueueReading.Waiting(id: $0.id, createdAt: $0.createdAt, processedOn: $0.processedOn)
            }, jobs: presence,
            workers: faults.contains(.clientsHidden) ? nil : queue.hasNames ? queue.workers : 0,
            wasChecked: queue.workers > 0 && !faults.contains(.restarted))
    }
}
