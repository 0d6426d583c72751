/// A cause that many drifts share. They are one piece of news, and none of them is mended before the cause has had its time.
package enum CommonCause: String, CaseIterable, Hashable, Sendable {
    /// The proxy restarted: its registrations live in memory, and it fills its list again by itself.
    case proxyRestart = "proxy_restart"
}

/// Backends that a proxy seems to have forgotten.
struct ProxyRestart: Equatable, Sendable {
    /// Of ours, in words, since of some it may not be known whether they should be there: "up to 12".
    let lacking: String
    /// All of ours, those that it knows among them.
    let of: Int

    /// Found where more are missing than it knows of ours, or more than max(5, 20 %). A list of nothing but lobbies is one that forgot
    /// everything.
    ///
    /// - Parameter explaining: the one server whose agent was asked. Of the others it is not known whether they should be there; those
    ///   that are not count, since the leader asks them.
    init?(
        _ drifts: [Drift], expectation: Expectation, facts: Facts, settings: PipelineSettings, explaining: VMID?
    ) {
        let missing = drifts.count(where: ProxyRestart.mayHaveForgotten)
        guard missing > 0, let list = facts.proxy.latest.value else { return nil }
        let others = explaining.map { expectation.backends(missingIn: list, besides: $0) } ?? 0
        let lacking = missing + others
        func isTooMuch(_ known: Int) -> Bool { lacking > known || Bulk.isTooMuch(lacking, of: lacking + known) }
        var known = 0
        for backend in list.backends {
            let host = HostName.canonical(backend.name, zone: settings.zone)
            if settings.scope.vmid(inName: host, games: expectation.games) != nil { known += 1 }
            // The more it knows, the less is missing: once that is not too much, no other makes it so.
            if !isTooMuch(known) { return nil }
        }
        guard isTooMuch(known) else { return nil }
        self.lacking = others > 0 ? "up to \(lacking)" : "\(lacking)"
        of = lacking + known
        isLikelier = lacking > 2
    }

    private static func mayHaveForgotten(_ drift: Drift) -> Bool {
        drift.kind == .velocityMissing && drift.causedBy == nil
    }

    /// Whether so many are missing that somebody who unregisters one server again and again is not the likelier reason.
    private let isLikelier: Bool

    /// Whether the restart is why a drift is there.
    func hasForgotten(_ drift: Drift) -> Bool { isLikelier && ProxyRestart.mayHaveForgotten(drift) }

    func mark(_ decisions: inout [Decision], settle: Span) {
        let words =
            "the proxy lacks \(lacking) of \(Words.count(of, "backend")), as after a restart: it fills its list by itself, so "
            + "nothing is registered for \(settle)"
        for index in decisions.indices where ProxyRestart.mayHaveForgotten(decisions[index].drift) {
            decisions[index].commonCause = .proxyRestart
            if decisions[index].verdict == .repair, !decisions[index].pending.contains(.notSeenLongEnough) {
                decisions[index].pending.insert(.notSeenLongEnough, at: 0)
            }
            guard decisions[index].verdict == .repair || decisions[index].reason == .massChange else { continue }
            decisions[index].detail = decisions[index].detail.map { "\($0); \(words)" } ?? words
        }
    }
}

extension Expectation {
    /// How many other servers may have to be in the proxy's list and are not: whether they are ready is not asked.
    fileprivate func backends(missingIn list: ProxyList, besides vmid: VMID) -> Int {
        desired.instances.indices.count { index in
            let row = desired.instances[index]
            return row.vmid != vmid
                && VelocityBackends.expectsBackend(
                    standings[index], isGame: row.ctype == .game, wantsService: desired.index.briefs[index].wantsService
                )
                && list.backends(named: hosts.names[index]).isEmpty
        }
    }
}
