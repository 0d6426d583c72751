package import Core
package import Postgres

/// Leadership as the daemon knows it, from the loop that cares for it.
package struct LedByLoop: Stewardship {
    private let loop: LeadershipLoop
    private let holder: HolderID
    private let limits: HoldLimits
    private let told: @Sendable (LeadStanding) -> Void

    /// - Parameters:
    ///   - times: by which transactions under a lease are bounded.
    ///   - told: hears each standing, for whoever writes it down.
    package init(
        _ loop: LeadershipLoop, holder: HolderID, times: LeadTimes,
        told: @escaping @Sendable (LeadStanding) -> Void = { _ in }
    ) {
        self.loop = loop
        self.holder = holder
        limits = HoldLimits(ttl: times.ttl)
        self.told = told
    }

    package func tenures() async -> AsyncStream<Tenure> {
        let (stream, continuation) = AsyncStream<Tenure>.makeStream()
        let task = Task {
            var last: Tenure?
            for await standing in loop.standings {
                told(standing)
                let tenure = LedByLoop.tenure(standing)
                if tenure != last { continuation.yield(tenure) }
                last = tenure
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    package func lease() async -> Lease? {
        guard let epoch = LedByLoop.tenure(await loop.standing()).epoch else { return nil }
        return Lease(epoch: epoch, holder: holder, limits: limits)
    }

    package func beginAct() async -> ActLeave? {
        guard let permit = await loop.beginAct() else { return nil }
        return ActLeave(
            lease: Lease(epoch: permit.epoch, holder: holder, limits: limits), isValid: { loop.isValid(permit) },
            left: { max(.milliseconds(1), permit.until - BootClock.now()) },
            end: { await loop.end(permit) })
    }

    package func refused(_ lease: Lease) async { await loop.claimRefused(epoch: lease.epoch) }

    private static func tenure(_ standing: LeadStanding) -> Tenure {
        switch standing {
        case .leading(let epoch, _): .acting(epoch: epoch)
        case .waiting(let epoch, _): .waiting(epoch: epoch)
        default: .none(why: Words.standing(standing, at: BootClock.now()))
        }
    }
}
