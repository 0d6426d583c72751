import Core
import Redis

/// The jobs of a queue that wait for a worker: which have waited longest.
extension QueueReader {
    /// What was found of them.
    struct Waiting {
        var jobs: [QueueReading.Waiting] = []
        var lookedAt: [QueueReading.Place: Int] = [:]
        var mayHideOlder: Set<QueueReading.Place> = []
    }

    /// - Parameters:
    ///   - lists: the right ends of `wait` and `paused`, as far as they were read.
    ///   - urgent: the first of `prioritized`: all of them, where they are few.
    func waiting(
        _ lists: [QueueReading.Place: [String]], urgent: [String], _ counts: [QueueReading.Place: Int]
    ) throws(Refused) -> Waiting {
        var found = Waiting()
        var prioritized = urgent
        if counts[.prioritized, default: 0] > QueueObserver.prioritized {
            let (heads, isWhole) = try self.heads()
            prioritized = heads
            found.lookedAt[.prioritized] = heads.count
            if !isWhole { found.mayHideOlder.insert(.prioritized) }
        }
        let places = [QueueReading.Place.wait, .paused].filter { lists[$0]?.isEmpty == false }
        var jobs = try dated(places.flatMap { lists[$0] ?? [] } + prioritized)
        for place in places {
            let end = Array(jobs.prefix(lists[place]?.count ?? 0))
            jobs.removeFirst(end.count)
            guard let oldest = Self.oldest(end, at: server.time) else { continue }
            found.jobs.append(oldest)
            guard counts[place, default: 0] > QueueObserver.waiting else { continue }
            found.lookedAt[place] = QueueObserver.waiting
            if !QueueBacklog.isOverdue(oldest, at: server.time), Self.mayHideOlder(end) {
                found.mayHideOlder.insert(place)
            }
        }
        found.jobs += jobs
        return found
    }

    /// The first job of each priority. Their score is priority * 2^32 + a counter, so that within one priority they are in the order
    /// in which they came; who waits longest of all may well be of the lowest one.
    private func heads() throws(Refused) -> (ids: [String], isWhole: Bool) {
        let step = 4_294_967_296.0
        var heads: [String] = []
        var from = 0.0
        while heads.count <= QueueObserver.priorities {
            let range = [keys.place(.prioritized), "\(Int64(from))", "+inf"]
            let reply = try ids(try ask([["ZRANGEBYSCORE"] + range + ["WITHSCORES", "LIMIT", "0", "1"]])[0])
            if reply.isEmpty { return (heads, true) }
            // Scores are whole, and stay exact in a double.
            guard reply.count == 2, let score = Double(reply[1]), score >= from, score < 9_007_199_254_740_992 else {
                throw senseless
            }
            if heads.count == QueueObserver.priorities { break }
            heads.append(reply[0])
            from = ((score / step).rounded(.down) + 1) * step
        }
        return (heads, false)
    }

    /// Asks for the first of `delayed` that has a due time. The score is that time in milliseconds * 4096 + a number below 4096; a job that
    /// is to be run at once may be put there without a time.
    var due: [String] { ["ZRANGEBYSCORE", keys.place(.delayed), "4096", "+inf", "WITHSCORES", "LIMIT", "0", "1"] }

    /// That one where it is due already: workers put it into the queue at that moment, and where none does it waits from then on.
    func firstDue(_ reply: RedisReply) throws(Refused) -> [QueueReading.Waiting] {
        let found = try ids(reply)
        if found.isEmpty { return [] }
        guard found.count == 2, let score = Double(found[1]) else { throw senseless }
        guard let milliseconds = Int64(exactly: (score / 4096).rounded(.down)), let due = moment("\(milliseconds)"),
            due <= server.time
        else { return [] }
        return [QueueReading.Waiting(id: found[0], createdAt: due)]
    }

    /// The one that has waited longest of the end of a list, the next one of several. One that certainly waits too long counts
    /// more than one that may have come back since.
    ///
    /// - Parameter end: in the order of the list, the next one last.
    static func oldest(_ end: [QueueReading.Waiting], at now: Timestamp) -> QueueReading.Waiting? {
        let sure = end.filter { QueueBacklog.isOverdue($0, at: now) && !$0.mayBeNewer }
        return (sure.isEmpty ? end : sure).reversed().min { a, b in
            guard let one = a.since else { return false }
            return b.since.map { one < $0 } ?? true
        }
    }

    /// Whether what lies deeper in a list may have waited longer than its end. New jobs are put at the left and the next one is taken
    /// at the right; what is put in front (LIFO, retried or stalled jobs) comes in at the right, too. So times fall from the left to
    /// where both meet, and rise again to the right. Where the deepest of the end is older than all the rest of it, that place
    /// lies deeper.
    static func mayHideOlder(_ end: [QueueReading.Waiting]) -> Bool {
        let times = end.compactMap(\.since)
        guard let deepest = times.first else { return true }
        return times.dropFirst().allSatisfy { deepest < $0 }
    }

    private func dated(_ ids: [String]) throws(Refused) -> [QueueReading.Waiting] {
        let replies = try ask(ids.map { ["HMGET", keys.job($0), "timestamp", "delay", "processedOn"] })
        var waiting: [QueueReading.Waiting] = []
        for (id, reply) in zip(ids, replies) {
            guard let fields = reply.list, fields.count == 3 else { throw senseless }
            let delay = try optionalText(fields[1]).flatMap { Int64($0) } ?? 0
            waiting.append(
                QueueReading.Waiting(
                    id: id, createdAt: moment(try optionalText(fields[0])),
                    delay: term(delay),
                    processedOn: moment(try optionalText(fields[2]))))
        }
        if waiting.contains(where: { QueueBacklog.isOverdue($0, at: server.time) }) { try date(&waiting) }
        return waiting
    }

    /// `timestamp` is when a job was made. One that was delayed, retried, resumed or stalled since then came back into its
    /// queue later, and the events say when.
    private func date(_ waiting: inout [QueueReading.Waiting]) throws(Refused) {
        let since = (server.time - QueueBacklog.longest - QueueBacklog.clockSkew).microseconds / 1000
        var sought = Set(waiting.lazy.filter { QueueBacklog.isOverdue($0, at: server.time) }.map(\.id))
        var last: [String: Timestamp] = [:]
        var read = 0
        var end: String? = "+"
        // In steps: an event may hold all that a job returned, and mostly the newest of them are enough.
        while let from = end, read < QueueObserver.events, !sought.isEmpty {
            let count = min(QueueObserver.eventsAtOnce, QueueObserver.events - read)
            let reply = try ask([["XREVRANGE", keys.events, from, "\(since)", "COUNT", "\(count)"]])[0]
            guard let entries = reply.list else { throw senseless }
            end = nil
            for entry in entries {
                let event = try self.event(entry)
                end = event.before
                guard let job = event.job, last[job] == nil else { continue }
                last[job] = event.at
                sought.remove(job)
            }
            read += entries.count
            if entries.count < count { end = nil }
        }
        for index in waiting.indices {
            waiting[index].queuedAt = last[waiting[index].id]
            waiting[index].mayBeNewer = sought.contains(waiting[index].id) && end != nil
        }
    }

    /// One entry of the events: the job that it puts into the queue, or that was not waiting until then, and the greatest id before it.
    private func event(_ entry: RedisReply) throws(Refused) -> (job: String?, at: Timestamp?, before: String?) {
        guard let parts = entry.list, parts.count == 2, let id = parts[0].text, let fields = parts[1].list else {
            throw senseless
        }
        var values: [String: String] = [:]
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            if let name = fields[index].text { values[name] = fields[index + 1].text }
        }
        let numbers = id.split(separator: "-").map { UInt64($0) }
        var before: String?
        if numbers.count == 2, let moment = numbers[0], let number = numbers[1] {
            before = number > 0 ? "\(moment)-\(number - 1)" : moment > 0 ? "\(moment - 1)" : nil
        }
        let isEntering = values["event"].map(Self.entering.contains) == true
        return (isEntering ? values["jobId"] : nil, moment(id.split(separator: "-").first.map(String.init)), before)
    }

    /// Events that say that a job is in the queue from then on, or was not waiting until then.
    private static let entering: Set<String> = ["added", "waiting", "active", "delayed", "stalled"]
}
