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
            return [Finding(.database, .bad, "\(error)", remedy: "run needs it; an audit does not")]
        }
        let finding: Finding
        do {
            finding = lockFinding(try await live.holder(), key)
        } catch {
            finding = Finding(
                .database, .bad, "the Redis of the lock does not say who holds '\(key)': \(error)",
                remedy:
                    "the user needs ~\(key) and +get +set +del +pttl +pexpire +eval (and +select unless the database is 0); an audit does without"
            )
        }
        await live.close()
        return [finding] + (await stanceFindings())
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
                return [Finding(.database, .good, "the controller that leads works in this mode, with these policies")]
            }
            return [
                Finding(
                    .database, .warning,
                    "the controller that leads works otherwise than this configuration: \(difference)",
                    remedy:
                        "give both the same configuration and policies; reload or restart the leader if it is the old one"
                )
            ]
        } catch  where error.code == .permission {
            // An audit's role may read views only; that is as it should be.
            return []
        } catch {
            return [Finding(.database, .warning, "how the leader works could not be read: \(error)", remedy: nil)]
        }
    }

    private func lockFinding(_ holder: LockHolder, _ key: String) -> Finding {
        switch holder.who {
        case .nobody: return Finding(.database, .good, "no controller holds the lock '\(key)'")
        case .controller(let token) where token.id == settings.id:
            return Finding(.database, .good, "controller \(token.holder) of this installation holds the lock '\(key)'")
        case .controller(let token):
            return Finding(
                .database, .bad,
                "installation '\(Foreign.text(token.id, limit: 80))' holds the lock '\(key)': two installations share one lock",
                remedy: "give each its own lock.key, or its own Redis database; until then only one of them ever leads")
        case .foreign(let bytes):
            return Finding(
                .database, .bad,
                "another program holds the lock '\(key)' with a value of \(bytes) bytes: the old controller?",
                remedy: "stop it before you start run; delete the key only when you know that nothing holds it any more"
            )
        case .noLock:
            return Finding(
                .database, .bad, "the key '\(key)' holds something that is no lock",
                remedy: "set lock.key to a free key")
        }
    }
}
