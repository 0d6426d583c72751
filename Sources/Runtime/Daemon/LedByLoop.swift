package import Core
package import Postgres

/// Leadership as the daemon knows it, from the loop that cares for it.
package struct LedByLoop: Stewardship {
    private let loop: LeadershipLoop
    private let holder: HolderID
    private let limits: HoldLimits
    private let told: @Sendable (LeadStanding) -> Void
    private let stream: AsyncStream<Tenure>
    private let sender: AsyncStream<Tenure>.Continuation

    /// - Parameters:
    ///   - times: by which transactions under a lease are bounded.
    ///   - told: hears each standing while ``hear()`` runs, for whoever writes it down.
    package init(
        _ loop: LeadershipLoop, holder: HolderID, times: LeadTimes,
        told: @escaping @Sendable (LeadStanding) -> Void = { _ in }
    ) {
        self.loop = loop
        self.holder = holder
        limits = HoldLimits(ttl: times.ttl)
        self.told = told
        (stream, sender) = AsyncStream.makeStream()
    }

    /// Hears each standing until the loop has ended. Apart from whoever acts under it: once the daemon is asked to stop, a last repair may
    /// still run, and how leadership stands has to be said until its end.
    package func hear() async {
        var last: Tenure?
        for await standing in loop.standings {
            told(standing)
            let tenure = Tenure(standing, at: BootClock.now())
            if tenure != last { sender.yield(tenure) }
            last = tenure
        }
        sender.finish()
    }

    /// What ``hear()`` hears, for one who reads it.
    package func tenures() async -> AsyncStream<Tenure> { stream }

    package func lease() async -> Lease? {
        guard let epoch = Tenure(await loop.standing(), at: BootClock.now()).epoch else { return nil }
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
}
