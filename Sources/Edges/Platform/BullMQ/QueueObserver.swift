package import Core
package import Redis

/// Reads BullMQ's queues, layouts of versions 5 and 6, with plain read commands: no script, no write, no blocking pop.
///
/// The commands are those that a read-only ACL user can be given: see ``QueueKeys``.
package struct QueueObserver: Sendable {
    /// Lists are searched to this length. LPOS takes a few milliseconds for it, during which Redis does nothing else.
    package static let longestSearch = 100_000
    /// What an older server without LPOS (before 6.0.6) is asked to send instead.
    package static let longestRange = 5_000
    /// Active jobs whose locks are read: those that were started first, at the right end of their list.
    package static let running = 1_000
    /// Waiting jobs whose ages are read: the right end, where the next one is taken.
    package static let waiting = 1_000
    /// So many prioritized jobs are read whole; of more the first one of each of so many priorities.
    package static let prioritized = 20
    package static let priorities = 50
    /// Events that are looked through for the moment in which an old job came back into its queue.
    package static let events = 1_000
    /// How many of them are asked for at a time.
    static let eventsAtOnce = 50

    private let connection: RedisConnection
    private let prefix: String
    private let names: [String]
    private let timeout: Span
    private let now: Now

    package init(connection: RedisConnection, prefix: String, names: [String], timeout: Span, now: @escaping Now) {
        self.connection = connection
        self.prefix = prefix
        self.names = names
        self.timeout = timeout
        self.now = now
    }

    /// Reads all queues once.
    ///
    /// - Parameter jobs: of which it is asked whether their queues have them; those of other queues are left out.
    package func read(jobs: [JobReference] = []) async -> Result<QueueReading, ReadFailure> {
        await read(names, jobs: jobs)
    }

    /// Where one job is, by a look at its queue alone.
    package func place(of job: JobReference) async -> Observed<[QueueReading.Place]> {
        guard names.contains(job.queue) else { return .unknown(.queueNotListed) }
        switch await read([job.queue], jobs: [job]) {
        case .failure(let failure): return .unknown(failure.code)
        case .success(let reading):
            switch Queues.judge(reading) {
            case .read(let queues): return queues.job(job)
            case .failed(let reason, _, _): return .unknown(reason)
            case .notConfigured: return .unknown(.notRead)
            }
        }
    }

    private func read(_ names: [String], jobs: [JobReference]) async -> Result<QueueReading, ReadFailure> {
        let startedAt = now()
        let (prefix, place, database) = (prefix, connection.target.place, connection.target.database)
        do throws(RedisError) {
            return .success(
                try await connection.run(timeout: timeout) { session throws(RedisError) in
                    let server = try ServerReading.read(session)
                    var answers: [QueueReading.Answer] = []
                    for name in names {
                        let reader = QueueReader(
                            session: session, keys: QueueKeys(prefix: prefix, queue: name), server: server,
                            database: database,
                            jobs: jobs.filter { $0.queue == name }.map(\.id))
                        answers.append(
                            QueueReading.Answer(
                                name: name,
                                queue: try reader.read().mapError { ReadFailure($0, at: startedAt, place: place) }))
                    }
                    return QueueReading(
                        endpoint: place, runID: server.runID, role: server.role, serverTime: server.time,
                        answers: answers, startedAt: startedAt)
                })
        } catch {
            return .failure(ReadFailure(error, at: startedAt, place: place))
        }
    }

    /// Reads all queues once, each with a question about a job that it cannot have: what an operation asks of its job is asked of a queue
    /// without one, too, and what is forbidden shows.
    package func readAsOfAJob() async -> Result<QueueReading, ReadFailure> {
        // BullMQ takes no id with one colon.
        await read(names, jobs: names.map { JobReference(queue: $0, id: "no:job") })
    }

    /// What `doctor` asks besides.
    package func serverFacts() async -> Result<QueueServerFacts, ReadFailure> {
        let (place, database) = (connection.target.place, connection.target.database)
        do throws(RedisError) {
            return .success(
                try await connection.run(timeout: timeout) { session throws(RedisError) in
                    try QueueServerFacts.read(session, database: database)
                })
        } catch {
            return .failure(ReadFailure(error, at: now(), place: place))
        }
    }
}

extension ReadFailure {
    /// What a failed call to Redis means for a reading.
    package init(_ error: RedisError, at moment: Timestamp, place: String) {
        let code: Unknown =
            switch error.code {
            case .refused: .refused
            case .unreachable: .unreachable
            case .timeout: .timeout
            case .cancelled: .notRead
            case .lost: .connectionLost
            case .authentication: .unauthorized
            case .permission: .forbidden
            case .loading: .loading
            case .wrongType: .unknownLayout
            case .unknownCommand, .server: .rejected
            case .protocol: .malformed
            case .oversize: .oversize
            }
        let said = error.description
        self.init(code, said.contains(place) ? said : "\(place): \(said)", at: moment)
    }
}
