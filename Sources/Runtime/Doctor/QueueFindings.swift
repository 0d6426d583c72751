import Core
import Platform
import Settings

extension Doctor {
    /// The Redis of the queues: reachable, readable, the right place, and one in which jobs are safe.
    func queueFindings(_ observer: QueueObserver, _ queues: Configuration.Queues) async -> [Finding] {
        let facts: QueueServerFacts
        switch await observer.serverFacts() {
        case .failure(let failure):
            return [Finding(.queues, .bad, failure.detail, remedy: Remedy.queues(failure.code))]
        case .success(let answer): facts = answer
        }
        var findings = [Finding(.queues, .good, "Redis \(facts.version)")]
        let skew = facts.clock - WallClock.now()
        if abs(skew.microseconds) > 2_000_000 {
            findings.append(
                Finding(
                    .queues, .warning, "its clock differs from this machine's by \(skew)",
                    remedy: "run a time service on both; the age of jobs is judged by these clocks"))
        }
        switch facts.evictionPolicy {
        case "noeviction": break
        case let policy?:
            findings.append(
                Finding(
                    .queues, .bad, "maxmemory-policy is \(policy): under memory pressure Redis drops jobs",
                    remedy: "set maxmemory-policy noeviction, as BullMQ requires"))
        case nil:
            findings.append(
                Finding(
                    .queues, .warning, "it does not say its maxmemory-policy",
                    remedy: "make sure that it is noeviction, or jobs may be dropped"))
        }
        if !facts.mayListClients {
            findings.append(
                Finding(
                    .queues, .warning, "CLIENT LIST is not allowed, so nothing is known of workers",
                    remedy: "grant +client|list to the user, if the provider lets you"))
        }
        return findings + (await queueList(observer, queues))
    }

    private func queueList(_ observer: QueueObserver, _ queues: Configuration.Queues) async -> [Finding] {
        let reading: QueueReading
        switch await observer.read() {
        case .failure(let failure):
            return [Finding(.queues, .bad, failure.detail, remedy: Remedy.queues(failure.code))]
        case .success(let answer): reading = answer
        }
        switch Queues.judge(reading) {
        case .notConfigured: return []
        case .failed(let code, let detail, _):
            return [Finding(.queues, .bad, detail, remedy: Remedy.queues(code))]
        case .read(let judged):
            return oldWorkers(judged)
                + reading.answers.map { answer in
                    switch judged.states[answer.name] {
                    case .unknown(let code, let detail):
                        return Finding(
                            .queues, .bad, "queue '\(queues.prefix):\(answer.name)': \(detail)",
                            remedy: Remedy.queues(code))
                    case .known(let queue):
                        let version = queue.version.map { ", written by \(Foreign.text($0, limit: 40))" } ?? ""
                        let workers = queue.workers.map { ", \($0) worker connections" } ?? ""
                        return Finding(
                            .queues, .good, "queue '\(queues.prefix):\(answer.name)' is readable\(version)\(workers)")
                    case nil:
                        return Finding(.queues, .bad, "queue '\(answer.name)' was not read", remedy: "run doctor again")
                    }
                }
        }
    }

    /// The platform had a worker that repaired before there was a controller; two who repair the same things undo each other.
    private func oldWorkers(_ judged: Queues) -> [Finding] {
        guard case .known(let queue) = judged.states["repair"], let workers = queue.workers, workers > 0 else {
            return []
        }
        return [
            Finding(
                .queues, .warning,
                "\(workers) worker connections consume queue 'repair': the old repair worker works on the same things",
                remedy: "stop it before mode: repair, or leave the kinds that it repairs out of repair.kinds")
        ]
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
