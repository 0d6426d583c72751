extension Words {
    /// A standing in one line, no full stop.
    package static func standing(_ standing: LeadStanding, at now: Moment) -> String {
        switch standing {
        case .starting: "asks Redis and the database who leads"
        case .leading(let epoch, let since): "leads with epoch \(epoch), for \(now - since)"
        case .waiting(let epoch, let until):
            "has taken over with epoch \(epoch) and acts in \(until - now): "
                + "a request of its predecessor may still be under way"
        case .standby(let holder): "stands by: \(Words.lockHolder(holder))"
        case .foreign(let holder): "cannot lead: \(Words.lockHolder(holder))"
        case .rival(let until): "does not lead: \(Words.rival); it is left to lead for \(until - now)"
        case .lost(.database(let why)):
            "does not lead; goes on looking at the planes, and compares nothing while the database does not say what should be: "
                + Words.loss(.database(why))
        case .lost(let loss): "does not lead and goes on observing: \(Words.loss(loss))"
        case .stopping: "is stopping: no new repair begins"
        case .stopped: "has stopped"
        }
    }

    static let rival =
        "another controller leads by another lock, so its redis.url or lock.key is not the one here"

    package static func loss(_ loss: LeadStanding.Loss) -> String {
        switch loss {
        case .lock(let holder) where holder.who == .nobody:
            "the lock was gone from Redis before its time (flushed, failed over or deleted)"
        case .lock(let holder): "the lock was taken away; \(lockHolder(holder))"
        case .pause: "this process or its machine stood still for longer than its lease"
        case .redis(let why): "Redis does not answer as it should: \(why)"
        case .database(let why): "the database does not answer as it should: \(why)"
        case .schema(let why): "\(why); run `zlh-controller migrate`"
        case .deposed: "the leadership row names another controller"
        }
    }

    package static func lockHolder(_ holder: LockHolder) -> String {
        let expiry = holder.expires.map { ", for another \($0) unless it is renewed" } ?? " and the key never expires"
        return switch holder.who {
        case .nobody: "nobody holds the lock"
        case .controller(let token):
            "controller \(token.holder) of installation \(Foreign.text(token.id, limit: 64)) holds the lock\(expiry)"
        case .foreign(let bytes):
            "something that is no controller of this kind, perhaps the old one, holds the lock "
                + "(a value of \(bytes) bytes)\(expiry)"
        case .noLock: "the lock's key holds something that is no lock\(expiry)"
        }
    }
}
