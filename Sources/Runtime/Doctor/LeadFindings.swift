import Core
import Postgres
import Redis
import Settings

extension Doctor {
    /// Who has the lock that `run` would take: nobody, a controller of this installation, or somebody who should not.
    func leadership() async -> [Finding] {
        guard installation.configuration.redis != nil else { return [] }
        let key = Foreign.text(installation.configuration.lock.key, limit: 80)
        let live: LiveLeadership
        do {
            live = try LiveLeadership(installation.configuration)
        } catch {
            return [
                Finding(
                    .database, .fail, "\(error)",
                    why: "run takes this lock before it does anything; an audit does without",
                    remedy: "correct redis in the configuration")
            ]
        }
        var findings: [Finding] = []
        do throws(RedisError) {
            let holder = try await live.holder()
            findings = [lockFinding(holder, key)] + (await rowFindings(holder, key))
            findings += await lockServerFindings(live)
        } catch {
            findings = [
                Finding(
                    .database, .fail, "the Redis of the lock does not say who holds '\(key)': \(error)",
                    why: "run takes this lock before it does anything; an audit does without",
                    remedy: Remedy.lock(error.code, key))
            ]
        }
        await live.close()
        return findings + (await stanceFindings())
    }

    /// Whether whoever holds the lock is whom the leadership row names: two that do not share a lock share the row all the same.
    private func rowFindings(_ holder: LockHolder, _ key: String) async -> [Finding] {
        let row: LeadRecord
        do {
            row = try await LeadershipRow.record(
                on: installation.database, timeout: installation.configuration.postgres.timeout)
        } catch {
            return [unread(error)]
        }
        guard !row.isClosed, let leader = row.holder else { return [] }
        func doubt(_ what: String, _ remedy: String) -> [Finding] {
            [
                Finding(
                    .database, .warn, what,
                    why: "two controllers that do not share one lock depose each other, and each leads by turns only",
                    remedy: remedy)
            ]
        }
        switch holder.who {
        case .controller(let token) where token.holder == leader:
            return [Finding(.database, .ok, "the leadership row names the holder of the lock, epoch \(row.epoch)")]
        case .controller(let token):
            return doubt(
                "\(token.holder) holds the lock '\(key)', and the leadership row names \(leader), epoch \(row.epoch)",
                "run doctor again after lock.ttl; if it stays, a controller with this database has another redis.url or lock.key: "
                    + "give both the same"
            )
        case .nobody, .foreign, .noLock:
            return doubt(
                "the leadership row names \(leader), epoch \(row.epoch), who does not hold the lock '\(key)'",
                "it was killed, and the next leader takes over; if none was, a controller with this database has another "
                    + "redis.url or lock.key: give both the same")
        }
    }

    /// An audit's role may read views only, which is as it should be; what was not looked at is said all the same.
    private func unread(_ error: PostgresError) -> Finding {
        if error.code == .permission {
            return Finding(
                .database, .ok, "which controller the leadership row names is not looked at: this role reads views only"
            )
        }
        return Finding(
            .database, .warn, "which controller the leadership row names could not be read: \(error)",
            why: "a second controller with a lock of its own would not be seen",
            remedy: "run doctor again once the database answers; with zlh_run it may read the row")
    }

    /// Whether the daemon that leads now works as this configuration says.
    private func stanceFindings() async -> [Finding] {
        let configuration = installation.configuration
        guard let policies else { return [] }
        let own = Stance(Duty(configuration), policies)
        do {
            guard
                let leader = try await LeadershipRow.stance(
                    on: installation.database, timeout: configuration.postgres.timeout)
            else { return [] }
            guard let difference = leader.difference(from: own) else {
                return [
                    Finding(
                        .database, .ok,
                        "the controller that leads works in this mode, with these policies and this scope")
                ]
            }
            return [
                Finding(
                    .database, .warn,
                    "the controller that leads works otherwise than this configuration: \(difference)",
                    why: "what is repaired changes with whoever leads",
                    remedy:
                        "give both the same configuration and policies; reload or restart the leader if it is the old one"
                )
            ]
        } catch {
            // Said of the same row already.
            return []
        }
    }

    private func lockFinding(_ holder: LockHolder, _ key: String) -> Finding {
        switch holder.who {
        case .nobody: return Finding(.database, .ok, "no controller holds the lock '\(key)'")
        case .controller(let token) where token.id == settings.id:
            return Finding(.database, .ok, "controller \(token.holder) of this installation holds the lock '\(key)'")
        case .controller(let token):
            return Finding(
                .database, .fail,
                "installation '\(Foreign.text(token.id, limit: 80))' holds the lock '\(key)': two installations share one lock",
                why: "only one of them ever leads", remedy: "give each its own lock.key, or its own Redis database")
        case .foreign(let bytes):
            return Finding(
                .database, .fail,
                "another program holds the lock '\(key)' with a value of \(bytes) bytes: the old controller?",
                why: "this one never leads meanwhile, and the other may repair the same things",
                remedy: "stop it before you start run; delete the key only when you know that nothing holds it any more"
            )
        case .noLock:
            return Finding(
                .database, .fail, "the key '\(key)' holds something that is no lock", why: "nobody can take it",
                remedy: "set lock.key to a free key")
        }
    }
}

extension Remedy {
    static func lock(_ code: RedisError.Code, _ key: String) -> String {
        switch code {
        case .permission:
            "the user needs ~\(key) and +get +set +del +pttl +pexpire +eval (and +select unless the database is 0); "
                + "for doctor +info +role +time"
        case .authentication: "check redis.password and the user in redis.url"
        case .loading: "wait until Redis has loaded its data"
        default: "is Redis running at redis.url, and does a firewall stand between?"
        }
    }
}
