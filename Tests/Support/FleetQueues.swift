package import Core

/// The queues of a ``Fleet``: one queue `provisioning`, empty and well, for tests to break.
package struct FleetQueues: Sendable {
    package var runID = "run-1"
    package var role = "master"
    package var exists = true
    package var isPaused = false
    package var version: String? = "bullmq:5.56.9"
    package var jobs: [String: QueueReading.Presence] = [:]
    package var waiting: [QueueReading.Waiting] = []
    package var running: [QueueReading.Running] = []
    /// How many jobs each list has, where there are more than those above.
    package var counts: [QueueReading.Place: Int] = [:]
    package var lookedAt: [QueueReading.Place: Int] = [:]
    package var mayHideOlder: Set<QueueReading.Place> = []
    package var workers: Int? = 1
    package var wasChecked = false
    package var failure: ReadFailure?
    /// Of the one queue, where the rest answers.
    package var queueFailure: ReadFailure?
    /// Of a second queue, `repair`, of which nothing is known; nil where there is none.
    package var otherFailure: ReadFailure?

    package func reading(_ asked: [JobReference]) -> Result<QueueReading, ReadFailure> {
        if let failure { return .failure(failure) }
        var presence: [String: QueueReading.Presence] = [:]
        for job in asked where job.queue == "provisioning" { presence[job.id] = jobs[job.id] ?? .notListed }
        let queue = QueueReading.Queue(
            name: "provisioning", exists: exists, isPaused: isPaused, version: version,
            counts: [.wait: waiting.count, .active: running.count].merging(counts) { _, most in most },
            running: running, waiting: waiting, lookedAt: lookedAt, mayHideOlder: mayHideOlder, jobs: presence,
            workers: workers, wasChecked: wasChecked)
        return .success(
            QueueReading(
                endpoint: "127.0.0.1:6379/0", runID: runID, role: role, serverTime: Fleet.now,
                answers: [
                    QueueReading.Answer(
                        name: "provisioning", queue: queueFailure.map { .failure($0) } ?? .success(queue))
                ]
                    + (otherFailure.map { [QueueReading.Answer(name: "repair", queue: .failure($0))] } ?? []),
                startedAt: Fleet.now))
    }
}

extension Fleet {
    /// Observes the queues, and has the shipped policies about operations.
    package mutating func observeQueues() {
        settings.queues = true
        let rules: [(DriftKind, Action)] = [
            (.operationStale, .clearStaleOperationLock), (.operationStuck, .failStuckOperation),
        ]
        for (kind, action) in rules {
            policies.policies.append(
                Policy(
                    name: action.rawValue, kinds: [KindPattern(kind.rawValue)], level: .automatic, action: action,
                    after: Policy.defaultAfter, retry: Policy.defaultRetry, except: []))
        }
    }

    package mutating func changeOperation(_ id: String, _ change: (inout DesiredOperation) -> Void) {
        for index in operations.indices where operations[index].id == id { change(&operations[index]) }
    }

    /// A backup whose worker has long been silent.
    package mutating func addDeadBackup(_ id: String, vmid: Int) {
        addOperation(id, .backup, vmid: vmid, status: .running)
        changeOperation(id) {
            $0.phase = "archive"
            $0.enqueuedAt = Fleet.now - .minutes(60)
            $0.heartbeatAt = Fleet.now - .minutes(30)
            $0.leaseExpiresAt = Fleet.now - .minutes(25)
        }
    }

    /// A create that was asked for half an hour ago and never began.
    package mutating func addStuckCreate(_ id: String, vmid: Int?) {
        addOperation(id, .create, vmid: vmid, status: .queued)
        changeOperation(id) { $0.enqueuedAt = Fleet.now - .minutes(30) }
    }
}
