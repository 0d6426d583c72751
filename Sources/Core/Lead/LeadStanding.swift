/// Where a process stands: whether it leads, and if not, why.
package enum LeadStanding: Hashable, Sendable {
    /// It has not heard from Redis and the database yet.
    case starting
    case leading(epoch: Int64, since: Moment)
    /// It has taken the row. A predecessor that did not stop cleanly may still have a request under way.
    case waiting(epoch: Int64, until: Moment)
    /// Another controller of this installation leads.
    case standby(LockHolder)
    /// The key is in the hands of something else: the old controller, or one of another installation.
    case foreign(LockHolder)
    /// Another controller of this installation leads by another lock: the two do not share one Redis, or one key. The row is left to
    /// it until then.
    case rival(until: Moment)
    case lost(Loss)
    /// No new act begins; those under way come to their end.
    case stopping
    case stopped

    /// Why a process cannot lead.
    package enum Loss: Hashable, Sendable {
        /// The key is gone or another's before its time: flushed, failed over, deleted.
        case lock(LockHolder)
        /// The lease ended while nothing ran here: the process or the machine stood still.
        case pause
        case redis(String)
        case database(String)
        /// The schema is older than this program.
        case schema(String)
        /// The row names another epoch or holder.
        case deposed
    }

    package var mayAct: Bool { if case .leading = self { true } else { false } }

    /// The same without what runs down by itself, to tell whether there is any news.
    package var withoutCountdown: LeadStanding {
        func still(_ holder: LockHolder) -> LockHolder {
            LockHolder(holder.who, expires: holder.expires.map { _ in .seconds(0) })
        }
        return switch self {
        case .standby(let holder): .standby(still(holder))
        case .foreign(let holder): .foreign(still(holder))
        case .lost(.lock(let holder)): .lost(.lock(still(holder)))
        default: self
        }
    }
}

extension Tenure {
    /// What a standing comes to for whoever acts under it.
    package init(_ standing: LeadStanding, at now: Moment) {
        self =
            switch standing {
            case .leading(let epoch, _): .acting(epoch: epoch)
            case .waiting(let epoch, _): .waiting(epoch: epoch)
            default: .none(why: Words.standing(standing, at: now))
            }
    }
}
