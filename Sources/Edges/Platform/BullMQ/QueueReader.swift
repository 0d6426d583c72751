import Core
import Redis

/// Reads one queue within one call. An error of the server concerns this queue alone; one of the connection ends the call.
struct QueueReader {
    let session: RedisSession
    let keys: QueueKeys
    let server: ServerReading
    let database: Int
    let jobs: [String]

    private static let lists: [QueueReading.Place] = [.wait, .paused, .active]
    private static let sets: [QueueReading.Place] = [.delayed, .prioritized, .waitingChildren]

    func read() throws(RedisError) -> Result<QueueReading.Queue, RedisError> {
        session.beginPart()
        do throws(Refused) {
            return .success(try queue())
        } catch {
            if error.isOfConnection { throw error.error }
            return .failure(error.error)
        }
    }

    /// Tells an error reply from a broken connection.
    struct Refused: Error {
        var error: RedisError
        var isOfConnection: Bool
    }

    private func queue() throws(Refused) -> QueueReading.Queue {
        var replies = try ask(
            [["EXISTS", keys.meta, keys.id], ["HEXISTS", keys.meta, "paused"], ["HGET", keys.meta, "version"]]
                + QueueReader.lists.map { ["LLEN", keys.place($0)] }
                + QueueReader.sets.map { ["ZCARD", keys.place($0)] } + [
                    ["LRANGE", keys.place(.active), "-\(QueueObserver.running)", "-1"],
                    ["LRANGE", keys.place(.wait), "-\(QueueObserver.waiting)", "-1"],
                    ["LRANGE", keys.place(.paused), "-\(QueueObserver.waiting)", "-1"],
                    ["ZRANGE", keys.place(.prioritized), "0", "\(QueueObserver.prioritized - 1)"],
                    due, ["GET", keys.stalledCheck],
                ])[...]
        let found = try integer(replies.removeFirst())
        let isPaused = try integer(replies.removeFirst())
        let version = try optionalText(replies.removeFirst())
        var counts: [QueueReading.Place: Int] = [:]
        for place in QueueReader.lists + QueueReader.sets { counts[place] = try length(replies.removeFirst()) }
        let active = try ids(replies.removeFirst())
        let lists = [QueueReading.Place.wait: try ids(replies.removeFirst()), .paused: try ids(replies.removeFirst())]
        let urgent = try ids(replies.removeFirst())
        let overdue = try firstDue(replies.removeFirst())
        let checked = moment(try optionalText(replies.removeFirst()))
        let waiting = try waiting(lists.mapValues { $0.filter(isJob) }, urgent: urgent, counts)
        var lookedAt = waiting.lookedAt
        if counts[.active, default: 0] > QueueObserver.running { lookedAt[.active] = QueueObserver.running }
        return QueueReading.Queue(
            name: keys.queue, exists: found > 0, isPaused: isPaused != 0, version: version, counts: counts,
            running: try running(active.filter(isJob)), waiting: waiting.jobs + overdue, lookedAt: lookedAt,
            mayHideOlder: waiting.mayHideOlder, jobs: try presence(counts),
            workers: server.clients.map { $0.count { $0.isIn(database) && keys.isWorker($0.name) } },
            wasChecked: checked.map { QueueReading.isRecent($0, at: server.time) } ?? false)
    }

    /// Before the marker key of version 5 there were markers among the ids: "0:" and a time.
    private func isJob(_ id: String) -> Bool { !id.hasPrefix("0:") }

    // MARK: Active jobs

    private func running(_ ids: [String]) throws(Refused) -> [QueueReading.Running] {
        let running = try locks(of: ids)
        // A job that ended between the listing and this has no lock any more and is in the list no longer: who seems to have none is
        // read once more, and then the list.
        let unlocked = running.filter { $0.lock == nil }.map(\.id)
        if unlocked.isEmpty { return running }
        let again = Dictionary(try locks(of: unlocked).map { ($0.id, $0) }) { first, _ in first }
        // From the same end: nothing joins there, so that whoever was among the first started still is.
        let listed = Set(
            try self.ids(ask([["LRANGE", keys.place(.active), "-\(QueueObserver.longestRange)", "-1"]])[0]))
        return running.compactMap { job in
            if job.lock != nil { return job }
            return listed.contains(job.id) ? again[job.id] : nil
        }
    }

    private func locks(of ids: [String]) throws(Refused) -> [QueueReading.Running] {
        let replies = try ask(ids.flatMap { [["PTTL", keys.lock($0)], ["HGET", keys.job($0), "processedOn"]] })
        var running: [QueueReading.Running] = []
        for (index, id) in ids.enumerated() {
            // PTTL: milliseconds, -1 without an expiry, which a worker's lock never lacks, -2 without a key.
            let left = try integer(replies[2 * index])
            running.append(
                QueueReading.Running(
                    id: id, lock: left == -2 ? nil : term(left),
                    processedOn: moment(try optionalText(replies[2 * index + 1]))))
        }
        return running
    }

    // MARK: Single jobs

    private func presence(_ counts: [QueueReading.Place: Int]) throws(Refused) -> [String: QueueReading.Presence] {
        var found = try search(jobs, counts)
        // A job that moves between two of our commands is seen in no list: who is missing is asked for once more.
        let missing = jobs.filter { found[$0] == .notListed }
        for (id, presence) in try search(missing, counts) { found[id] = presence }
        return found
    }

    private func search(
        _ ids: [String], _ counts: [QueueReading.Place: Int]
    ) throws(Refused) -> [String: QueueReading.Presence] {
        if ids.isEmpty { return [:] }
        var places: [String: [QueueReading.Place]] = [:]
        var tooLong: [String: QueueReading.Place] = [:]
        let scores = try ask(ids.flatMap { id in QueueReader.sets.map { ["ZSCORE", keys.place($0), id] } })
        for (index, reply) in scores.enumerated() {
            let (id, place) = (ids[index / QueueReader.sets.count], QueueReader.sets[index % QueueReader.sets.count])
            if try optionalText(reply) != nil { places[id, default: []].append(place) }
        }
        for (id, (place, position)) in try positions(ids, counts) {
            switch position {
            case .found: places[id, default: []].append(place)
            case .unsearched: tooLong[id] = place
            }
        }
        var presence: [String: QueueReading.Presence] = [:]
        for id in ids {
            presence[id] = places[id].map { .listed($0) } ?? tooLong[id].map { .listTooLong($0) } ?? .notListed
        }
        return presence
    }

    private enum Position { case found, unsearched }

    /// Where in the lists the ids are; who is in none of them is not in the answer.
    private func positions(
        _ ids: [String], _ counts: [QueueReading.Place: Int]
    ) throws(Refused) -> [(String, (QueueReading.Place, Position))] {
        var result: [(String, (QueueReading.Place, Position))] = []
        // The lengths are read in the same pipeline: a list that has grown beyond the search proves nothing.
        let limit = "\(QueueObserver.longestSearch)"
        for list in QueueReader.lists {
            let replies = try send(
                [["LLEN", keys.place(list)]] + ids.map { ["LPOS", keys.place(list), $0, "MAXLEN", limit] })
            let length = try integer(replies[0])
            if replies.dropFirst().contains(where: { $0.error?.code == .unknownCommand }) {
                result += try ranged(ids, list)
                continue
            }
            for (id, reply) in zip(ids, replies.dropFirst()) {
                switch reply {
                case .nothing where length > QueueObserver.longestSearch: result.append((id, (list, .unsearched)))
                case .nothing: break
                default:
                    _ = try integer(reply)
                    result.append((id, (list, .found)))
                }
            }
        }
        return result
    }

    private func ranged(
        _ ids: [String], _ list: QueueReading.Place
    ) throws(Refused) -> [(String, (QueueReading.Place, Position))] {
        let replies = try ask(
            [["LLEN", keys.place(list)], ["LRANGE", keys.place(list), "0", "\(QueueObserver.longestRange - 1)"]])
        let isWhole = try integer(replies[0]) <= QueueObserver.longestRange
        let listed = Set(try self.ids(replies[1]))
        return ids.compactMap { id in
            if listed.contains(id) { return (id, (list, .found)) }
            return isWhole ? nil : (id, (list, .unsearched))
        }
    }

    // MARK: Replies

    private func send(_ commands: [[String]]) throws(Refused) -> [RedisReply] {
        if commands.isEmpty { return [] }
        do throws(RedisError) {
            return try session.pipeline(commands)
        } catch {
            throw Refused(error: error, isOfConnection: true)
        }
    }

    /// Sends commands of which none may be refused.
    func ask(_ commands: [[String]]) throws(Refused) -> [RedisReply] {
        let replies = try send(commands)
        for reply in replies { if let error = reply.error { throw Refused(error: error, isOfConnection: false) } }
        return replies
    }

    var senseless: Refused {
        Refused(error: RedisError(.protocol, "an answer has another shape than its command"), isOfConnection: false)
    }

    private func integer(_ reply: RedisReply) throws(Refused) -> Int64 {
        if let error = reply.error { throw Refused(error: error, isOfConnection: false) }
        guard let number = reply.integer else { throw senseless }
        return number
    }

    private func length(_ reply: RedisReply) throws(Refused) -> Int {
        let number = try integer(reply)
        guard let length = Int(exactly: number), QueueReading.lengths.contains(length) else { throw senseless }
        return length
    }

    /// A term that a worker wrote, in milliseconds: any number can stand there.
    func term(_ milliseconds: Int64) -> Span {
        .milliseconds(max(QueueReading.terms.lowerBound, min(milliseconds, QueueReading.terms.upperBound)))
    }

    func optionalText(_ reply: RedisReply) throws(Refused) -> String? {
        switch reply {
        case .text(let text): return text
        case .nothing: return nil
        default: throw senseless
        }
    }

    func ids(_ reply: RedisReply) throws(Refused) -> [String] {
        guard let list = reply.list else { throw senseless }
        var ids: [String] = []
        for element in list {
            guard let id = element.text else { throw senseless }
            ids.append(id)
        }
        return ids
    }

    /// Milliseconds since 1970 as text; nil for anything that is no moment of this century.
    func moment(_ text: String?) -> Timestamp? {
        guard let milliseconds = text.flatMap({ Int64($0) }), (0..<4_102_444_800_000).contains(milliseconds) else {
            return nil
        }
        return Timestamp(microseconds: milliseconds * 1000)
    }
}
