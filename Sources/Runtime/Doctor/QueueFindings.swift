import Core
import Platform
import Settings

extension Doctor {
    /// The Redis of the queues: reachable, readable, the right place, and one in which jobs are safe.
    func queueFindings(_ observer: QueueObserver, _ queues: Configuration.Queues) async -> [Finding] {
        let asked = installation.now()
        let facts: QueueServerFacts
        switch await observer.serverFacts() {
        case .failure(let failure):
            return [Finding(.queues, .fail, failure.detail, remedy: Remedy.queues(failure.code))]
        case .success(let answer): facts = answer
        }
        var findings = [Finding(.queues, .ok, "Redis \(facts.version)")]
        let skew = Doctor.skew(of: facts.clock, asked: asked, answered: installation.now())
        if abs(skew.microseconds) > Doctor.mostSkew.microseconds {
            findings.append(
                Finding(
                    .queues, .warn, "its clock differs from this machine's by \(skew)",
                    why: "the age of jobs is judged by these clocks", remedy: "run a time service on both"))
        }
        switch facts.evictionPolicy {
        case "noeviction": break
        case let policy?:
            findings.append(
                Finding(
                    .queues, .fail, "maxmemory-policy is \(policy)",
                    why: "under memory pressure Redis drops jobs, and a dropped job looks like a dead operation",
                    remedy: "set maxmemory-policy noeviction, as BullMQ requires"))
        case nil:
            findings.append(
                Finding(
                    .queues, .warn, "it does not say its maxmemory-policy",
                    why: "with any but noeviction Redis drops jobs under memory pressure",
                    remedy: "make sure that it is noeviction"))
        }
        if let workers = facts.workers {
            findings.append(oldWorkers(workers, queues, facts.database))
        } else {
            findings.append(
                Finding(
                    .queues, .warn, "CLIENT LIST is not allowed, so nothing is known of workers",
                    why:
                        "a queue without a worker is not seen, nor is an old repair worker that undoes what is repaired",
                    remedy: "grant +client|list to the user, if the provider lets you"))
        }
        return findings + (await queueList(observer, queues))
    }

    private func queueList(_ observer: QueueObserver, _ queues: Configuration.Queues) async -> [Finding] {
        let reading: QueueReading
        switch await observer.readAsOfAJob() {
        case .failure(let failure):
            return [Finding(.queues, .fail, failure.detail, remedy: Remedy.queues(failure.code))]
        case .success(let answer): reading = answer
        }
        switch Queues.judge(reading) {
        case .notConfigured: return []
        case .failed(let code, let detail, _):
            return [Finding(.queues, .fail, detail, remedy: Remedy.queues(code))]
        case .read(let judged):
            return reading.answers.map { answer in
                switch judged.states[answer.name] {
                case .unknown(let code, let detail):
                    return Finding(
                        .queues, .fail, "queue '\(queues.prefix):\(answer.name)': \(detail)",
                        remedy: Remedy.queues(code))
                case .known(let queue):
                    let version = queue.version.map { ", written by \(Foreign.text($0, limit: 40))" } ?? ""
                    let counted = queue.workers.map { ", \(Words.count($0, "worker connection"))" } ?? ""
                    let workers =
                        queue.hasNamelessWorker
                        ? ", worked on by connections without a worker's name, which cannot be counted" : counted
                    return Finding(
                        .queues, .ok, "queue '\(queues.prefix):\(answer.name)' is readable\(version)\(workers)")
                case nil:
                    return Finding(.queues, .fail, "queue '\(answer.name)' was not read", remedy: "run doctor again")
                }
            }
        }
    }

    /// Said where a daemon is configured and no queue is.
    static var unseenWorkers: Finding {
        Finding(
            .queues, .warn, "queues is left out: whether an old repair worker consumes one was not looked at",
            why: "two who repair the same things undo each other, and a dead operation is known by its queue alone",
            remedy: "configure queues, or make sure that no such worker runs before mode: repair")
    }

    /// The platform had a worker that repaired before there was a controller. Its queue may have any name, any prefix, and lie in any
    /// database: what tells it is what its name says that it does.
    private func oldWorkers(
        _ workers: [QueueServerFacts.Workers], _ queues: Configuration.Queues, _ database: Int
    ) -> Finding {
        let old = workers.filter { Doctor.namesRepairs($0.queue) }
        if old.isEmpty { return Finding(.queues, .ok, "no worker consumes a queue of repairs") }
        let names = old.map { worker in
            var name = "'\(Foreign.text(worker.queue, limit: 80))'"
            let prefix = Foreign.text(worker.prefix, limit: 80)
            if worker.prefix != queues.prefix { name += " under the prefix '\(prefix)'" }
            if let other = worker.database, other != database { name += " in database \(other)" }
            return "\(name) (\(Words.count(worker.connections, "connection")))"
        }
        return Finding(
            .queues, installation.configuration.mode == .repair ? .fail : .warn,
            "a worker consumes \(names.joined(separator: ", ")): the old repair worker?",
            why: "two who repair the same things undo each other",
            remedy: "stop it before mode: repair, or leave the kinds that it repairs out of repair.kinds")
    }

    /// Whether a queue of this name is one whose jobs repair: `repair`, `zpack-repair`, `edgeReconcile`.
    static func namesRepairs(_ queue: String) -> Bool {
        let name = queue.lowercased()
        return ["repair", "reconcil", "self-heal", "selfheal", "self_heal"].contains { name.contains($0) }
    }
}

extension Remedy {
    static func queues(_ code: Unknown) -> String {
        switch code {
        case .unauthorized: "check queues.password and the user in queues.url (or those of redis)"
        case .forbidden:
            "the user needs %R~PREFIX:QUEUE:* and +@read +ping +info +time +role +client|list (and +select unless the "
                + "database is 0)"
        case .queueMissing:
            "check queues.prefix, queues.names and the database's number; leave out a name that is never used"
        case .replica: "point queues.url at the master"
        case .unknownLayout: "this version reads BullMQ 5 and 6"
        case .refused, .unreachable, .timeout, .connectionLost:
            "is Redis running there, and does a firewall stand between?"
        case .malformed, .rejected: "is that really the Redis of the queues?"
        case .loading: "wait until Redis has loaded its data"
        default: "run doctor again; if it stays, look at Redis's log"
        }
    }
}
