import Core
import Redis

extension Doctor {
    /// The Redis of the lock: whether the lock can be written there, lives as long as it should, and by which clock.
    func lockServerFindings(_ live: LiveLeadership) async -> [Finding] {
        let asked = installation.now()
        do throws(RedisError) {
            let server = try await live.server()
            return Doctor.judge(server, asked: asked, answered: installation.now())
        } catch {
            return [
                Finding(
                    .database, .warn, "the Redis of the lock says nothing of itself: \(error)",
                    why: "whether it may drop the lock, and whether its clock is right, is not known",
                    remedy: "run doctor again; if it stays, look at Redis's log")
            ]
        }
    }

    static func judge(_ server: LockServer, asked: Timestamp, answered: Timestamp) -> [Finding] {
        var findings: [Finding] = []
        if let version = server.version {
            findings.append(
                Finding(
                    .database, .ok,
                    "the Redis of the lock is \(Foreign.text(version, limit: 40)); it needs no persistence: a lock that a restart "
                        + "loses is taken anew"))
        }
        if let role = server.role, role != "master" {
            findings.append(
                Finding(
                    .database, .fail, "the Redis of the lock is no master (role \(Foreign.text(role, limit: 40)))",
                    why: "a lock cannot be taken there: run would never lead",
                    remedy: "point redis.url at the master"))
        }
        findings += eviction(server)
        if let clock = server.clock {
            findings.append(lockClock(skew(of: clock, asked: asked, answered: answered)))
        }
        if !server.refused.isEmpty {
            let commands = server.refused.map { $0.uppercased() }.joined(separator: ", ")
            findings.append(
                Finding(
                    .database, .warn, "the Redis of the lock does not answer this user \(commands)",
                    why: "\(unseen(server).joined(separator: ", ")): not looked at; leading needs none of it",
                    remedy: "grant \(server.refused.map { "+" + $0 }.joined(separator: " ")) to the user of redis.url"))
        }
        return findings
    }

    private static func eviction(_ server: LockServer) -> [Finding] {
        switch server.eviction {
        case .never(let policy):
            return [
                Finding(
                    .database, .ok,
                    policy == "noeviction"
                        ? "the Redis of the lock drops no key (maxmemory-policy noeviction)"
                        : "the Redis of the lock drops no key: it has no maxmemory (maxmemory-policy "
                            + "\(Foreign.text(policy, limit: 40)))")
            ]
        case .possible(let policy):
            return [
                Finding(
                    .database, .warn,
                    "the Redis of the lock may drop it when memory is short: maxmemory-policy "
                        + Foreign.text(policy, limit: 40),
                    why:
                        "the lock has a TTL, so both volatile-… and allkeys-… may choose it: whoever leads loses the lead, and "
                        + "repairs rest until one leads again",
                    remedy: "set maxmemory-policy noeviction, or give the lock a Redis that is not short of memory")
            ]
        // That INFO was refused is said by itself.
        case nil where server.refused.contains("info"): return []
        case nil:
            return [
                Finding(
                    .database, .warn, "the Redis of the lock does not say its maxmemory and its maxmemory-policy",
                    why: "with any policy but noeviction it may drop the lock, and with it the lead",
                    remedy: "make sure that it is noeviction")
            ]
        }
    }

    private static func lockClock(_ skew: Span) -> Finding {
        guard abs(skew.microseconds) > mostSkew.microseconds else {
            return Finding(.database, .ok, "the clock of the Redis of the lock agrees with this machine's")
        }
        return Finding(
            .database, .warn, "the clock of the Redis of the lock differs from this machine's by \(skew)",
            why: "the lock ends by that clock: once it is set right, the lock ends too early or too late",
            remedy: "run a time service on both")
    }

    private static func unseen(_ server: LockServer) -> [String] {
        server.refused.map { command in
            switch command {
            case "info": "whether it may drop the lock"
            case "role": "whether it is a replica"
            default: "its clock"
            }
        }
    }
}
