import Core

/// What one Redis answered about the queues: names, numbers and times. What a job carries is never read.
struct QueuesForm: Codable {
    var endpoint: String
    var readAt: String
    var runId: String
    var role: String
    var serverTime: String
    var queues: [QueueForm]

    struct QueueForm: Codable {
        var name: String
        var failed: FixtureForm.FailureForm?
        var exists: Bool?
        var paused: Bool?
        var version: String?
        /// By the names of the lists; those that are left out are empty.
        var counts: [Entry]?
        var running: [Running]?
        var waiting: [Waiting]?
        /// Left out where each list was looked at whole.
        var lookedAt: [Entry]?
        var mayHideOlder: [String]?
        var jobs: [Job]?
        /// Named connections; left out where they could not be listed.
        var workers: Int?
        /// Left out where no worker has looked for stalled jobs lately.
        var checked: Bool?
    }
    // Lists instead of maps: keys of maps are respelled in the file, and names of jobs and lists may not be.
    struct Entry: Codable {
        var list: String
        var count: Int
    }
    struct Running: Codable {
        var id: String
        var lockMs: Int64?
        var processedOn: String?
    }
    struct Waiting: Codable {
        var id: String
        var createdAt: String?
        var delayMs: Int64?
        var processedOn: String?
        var queuedAt: String?
        var mayBeNewer: Bool?
    }
    struct Job: Codable {
        var id: String
        /// Empty: in no list.
        var lists: [String]
        var tooLong: String?
    }

    init(_ reading: QueueReading) {
        endpoint = reading.endpoint
        readAt = reading.startedAt.exact
        runId = reading.runID
        role = reading.role
        serverTime = reading.serverTime.exact
        queues = reading.answers.map(QueueForm.init)
    }

    func reading() throws -> QueueReading {
        QueueReading(
            endpoint: endpoint, runID: runId, role: role, serverTime: try Timestamp(exact: serverTime),
            answers: try queues.map { try $0.answer() }, startedAt: try Timestamp(exact: readAt))
    }
}

extension QueuesForm.QueueForm {
    init(_ answer: QueueReading.Answer) {
        name = answer.name
        switch answer.queue {
        case .failure(let failure): failed = FixtureForm.FailureForm(failure)
        case .success(let queue):
            exists = queue.exists
            paused = queue.isPaused ? true : nil
            version = queue.version
            counts = QueueReading.Place.allCases.compactMap { place in
                queue.counts[place].map { QueuesForm.Entry(list: place.rawValue, count: $0) }
            }
            running = queue.running.map {
                QueuesForm.Running(
                    id: $0.id, lockMs: $0.lock.map { $0.microseconds / 1000 }, processedOn: $0.processedOn?.exact)
            }
            waiting = queue.waiting.map {
                QueuesForm.Waiting(
                    id: $0.id, createdAt: $0.createdAt?.exact,
                    delayMs: $0.delay == .seconds(0) ? nil : $0.delay.microseconds / 1000,
                    processedOn: $0.processedOn?.exact, queuedAt: $0.queuedAt?.exact,
                    mayBeNewer: $0.mayBeNewer ? true : nil)
            }
            let places = QueueReading.Place.allCases
            let looked = places.compactMap { place in
                queue.lookedAt[place].map { QueuesForm.Entry(list: place.rawValue, count: $0) }
            }
            lookedAt = looked.isEmpty ? nil : looked
            let hiding = places.filter(queue.mayHideOlder.contains).map(\.rawValue)
            mayHideOlder = hiding.isEmpty ? nil : hiding
            jobs = queue.jobs.sorted { $0.key < $1.key }.map { id, presence in
                switch presence {
                case .listed(let places): QueuesForm.Job(id: id, lists: places.map(\.rawValue), tooLong: nil)
                case .notListed: QueuesForm.Job(id: id, lists: [], tooLong: nil)
                case .listTooLong(let place): QueuesForm.Job(id: id, lists: [], tooLong: place.rawValue)
                }
            }
            workers = queue.workers
            checked = queue.wasChecked ? true : nil
        }
    }

    func answer() throws -> QueueReading.Answer {
        if let failed { return QueueReading.Answer(name: name, queue: .failure(try failed.failure())) }
        guard let exists else { throw FormError(message: "queue '\(name)' has neither 'exists' nor 'failed'") }
        var found: [QueueReading.Place: Int] = [:]
        for entry in counts ?? [] { found[try QueueReading.Place(word: entry.list)] = try entry.length() }
        var looked: [QueueReading.Place: Int] = [:]
        for entry in lookedAt ?? [] { looked[try QueueReading.Place(word: entry.list)] = try entry.length() }
        var presence: [String: QueueReading.Presence] = [:]
        for job in jobs ?? [] {
            if let tooLong = job.tooLong {
                presence[job.id] = .listTooLong(try QueueReading.Place(word: tooLong))
            } else {
                let places = try job.lists.map { try QueueReading.Place(word: $0) }
                presence[job.id] = places.isEmpty ? .notListed : .listed(places)
            }
        }
        return QueueReading.Answer(
            name: name,
            queue: .success(
                QueueReading.Queue(
                    name: name, exists: exists, isPaused: paused ?? false, version: version, counts: found,
                    running: try (running ?? []).map { try $0.running() },
                    waiting: try (waiting ?? []).map { try $0.waiting() }, lookedAt: looked,
                    mayHideOlder: Set(try (mayHideOlder ?? []).map { try QueueReading.Place(word: $0) }),
                    jobs: presence, workers: workers, wasChecked: checked ?? false)))
    }
}

extension QueuesForm.Entry {
    fileprivate func length() throws -> Int {
        guard QueueReading.lengths.contains(count) else {
            throw FormError(message: "list '\(list)' of a queue cannot have \(count) jobs")
        }
        return count
    }
}

extension QueuesForm {
    fileprivate static func term(_ milliseconds: Int64, _ name: String) throws -> Span {
        guard QueueReading.terms.contains(milliseconds) else {
            throw FormError(message: "a job's \(name) cannot be \(milliseconds)")
        }
        return .milliseconds(milliseconds)
    }
}

extension QueuesForm.Running {
    func running() throws -> QueueReading.Running {
        QueueReading.Running(
            id: id, lock: try lockMs.map { try QueuesForm.term($0, "lock_ms") },
            processedOn: try processedOn.map { try Timestamp(exact: $0) })
    }
}

extension QueuesForm.Waiting {
    func waiting() throws -> QueueReading.Waiting {
        QueueReading.Waiting(
            id: id, createdAt: try createdAt.map { try Timestamp(exact: $0) },
            delay: try QueuesForm.term(delayMs ?? 0, "delay_ms"),
            processedOn: try processedOn.map { try Timestamp(exact: $0) },
            queuedAt: try queuedAt.map { try Timestamp(exact: $0) }, mayBeNewer: mayBeNewer ?? false)
    }
}
