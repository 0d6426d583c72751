/// One job of which somebody wants to know whether its queue still has it.
package struct JobReference: Hashable, Comparable, Sendable {
    package var queue: String
    package var id: String

    package init(queue: String, id: String) {
        self.queue = queue
        self.id = id
    }

    package static func < (a: JobReference, b: JobReference) -> Bool { (a.queue, a.id) < (b.queue, b.id) }
}

/// What one Redis answered about the configured queues. Decoded, not yet believed; ``Queues`` judges it.
package struct QueueReading: Equatable, Sendable {
    /// Where a job that has not ended can be.
    package enum Place: String, CaseIterable, Sendable {
        case wait, paused, active, delayed, prioritized
        case waitingChildren = "waiting-children"
    }

    /// Where one job is. The lists are not read at one instant, so it may be in two, or between two.
    package enum Presence: Equatable, Sendable {
        case listed([Place])
        /// In none of them, twice in a row.
        case notListed
        /// A list is longer than is searched.
        case listTooLong(Place)
    }

    /// How many jobs a list can have. A count outside makes no sense, and no sum of counts within can overflow.
    package static let lengths = 0...(1 << 40)
    /// The longest term of a lock or delay of a job that makes sense, in milliseconds: some 35 years.
    package static let terms: ClosedRange<Int64> = 0...(1 << 40)

    /// The longest that a sign of a worker without a name counts for. Locks last half a minute, and between two looks for stalled jobs
    /// lies as much, unless somebody chose otherwise: who left a longer one may be long gone.
    package static let longestSign = Span.minutes(24 * 60)

    /// Whether a moment that a worker wrote is recent enough to show that there is one.
    package static func isRecent(_ moment: Timestamp, at now: Timestamp) -> Bool {
        let longest = longestSign
        return now - longest <= moment && moment <= now + longest
    }

    /// A job in `active`.
    package struct Running: Equatable, Sendable {
        package var id: String
        /// What is left of its worker's lock, nothing of one that never ends; nil without one.
        package var lock: Span?
        /// When it was started last, by the worker's clock.
        package var processedOn: Timestamp?

        /// Whether its lock is one that some worker renews.
        var isRenewed: Bool { lock.map { $0 > .seconds(0) && $0 <= QueueReading.longestSign } ?? false }

        package init(id: String, lock: Span?, processedOn: Timestamp?) {
            self.id = id
            self.lock = lock
            self.processedOn = processedOn
        }
    }

    /// A job that waits for a worker. Its times are those of whoever wrote them.
    package struct Waiting: Equatable, Sendable {
        package var id: String
        package var createdAt: Timestamp?
        package var delay: Span
        package var processedOn: Timestamp?
        /// The last event of this job that put it into the queue, where it was looked for and found.
        package var queuedAt: Timestamp?
        /// Whether such an event may exist and could not be looked for.
        package var mayBeNewer: Bool

        package init(
            id: String, createdAt: Timestamp?, delay: Span = .seconds(0), processedOn: Timestamp? = nil,
            queuedAt: Timestamp? = nil, mayBeNewer: Bool = false
        ) {
            self.id = id
            self.createdAt = createdAt
            self.delay = delay
            self.processedOn = processedOn
            self.queuedAt = queuedAt
            self.mayBeNewer = mayBeNewer
        }

        /// The latest moment since which it can have been waiting: the age counted from here is a lower bound.
        package var since: Timestamp? {
            guard let createdAt else { return nil }
            return [createdAt + delay, processedOn, queuedAt].compactMap { $0 }.max()
        }
    }

    package struct Queue: Equatable, Sendable {
        package var name: String
        /// Whether `meta` or `id` exists: without either the queue was never used here, or is gone.
        package var exists: Bool
        package var isPaused: Bool
        /// Who writes it, as `bullmq:5.56.9`; the Python port writes none.
        package var version: String?
        package var counts: [Place: Int]
        /// Of `active` those that were started first: bounded, `counts` has the number.
        package var running: [Running]
        /// Of `wait` and `paused` the one that has waited longest, of `prioritized` those that come first in their priority, of
        /// `delayed` the one that was due first, if it is due: as if it had been made then.
        package var waiting: [Waiting]
        /// Of a list that was not looked at whole: how many of its jobs were, or of how many priorities the first one.
        package var lookedAt: [Place: Int]
        /// Lists in which a job that has waited longer may lie where nobody looked.
        package var mayHideOlder: Set<Place>
        package var jobs: [String: Presence]
        /// Named connections of workers; nil when they may not be listed.
        package var workers: Int?
        /// Whether a worker has looked for stalled jobs lately: it leaves a key that says when, and lives as long as workers wait between
        /// two such looks, half a minute by default.
        package var wasChecked: Bool

        package init(
            name: String, exists: Bool, isPaused: Bool = false, version: String? = nil, counts: [Place: Int] = [:],
            running: [Running] = [], waiting: [Waiting] = [], lookedAt: [Place: Int] = [:],
            mayHideOlder: Set<Place> = [], jobs: [String: Presence] = [:], workers: Int? = nil,
            wasChecked: Bool = false
        ) {
            self.wasChecked = wasChecked
            self.lookedAt = lookedAt
            self.mayHideOlder = mayHideOlder
            self.name = name
            self.exists = exists
            self.isPaused = isPaused
            self.version = version
            self.counts = counts
            self.running = running
            self.waiting = waiting
            self.jobs = jobs
            self.workers = workers
        }

        /// Whether somebody works on it although no connection has a worker's name: a provider may refuse to have them named.
        package var hasNamelessWorker: Bool {
            workers == 0 && (wasChecked || running.contains(where: \.isRenewed))
        }
    }

    /// One queue could be read or not; the others do not care.
    package struct Answer: Equatable, Sendable {
        package var name: String
        package var queue: Result<Queue, ReadFailure>

        package init(name: String, queue: Result<Queue, ReadFailure>) {
            self.name = name
            self.queue = queue
        }
    }

    /// Host, port and database.
    package var endpoint: String
    /// Of the server's process: another one is another memory.
    package var runID: String
    /// `master`, `slave` or `sentinel`.
    package var role: String
    /// The server's own clock.
    package var serverTime: Timestamp
    package var answers: [Answer]
    package var startedAt: Timestamp

    package init(
        endpoint: String, runID: String, role: String, serverTime: Timestamp, answers: [Answer], startedAt: Timestamp
    ) {
        self.endpoint = endpoint
        self.runID = runID
        self.role = role
        self.serverTime = serverTime
        self.answers = answers
        self.startedAt = startedAt
    }
}
