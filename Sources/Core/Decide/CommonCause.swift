/// A cause that many drifts share. They are one piece of news, and none of them is mended before the cause has had its time.
package enum CommonCause: String, CaseIterable, Hashable, Sendable {
    /// The proxy restarted: its registrations live in memory, and it fills its list again by itself.
    case proxyRestart = "proxy_restart"
}

extension CommonCause {
    /// Marks the backends that a proxy seems to have forgotten: more are missing than it knows of ours, or more than
    /// max(5, 20 %). A list of nothing but lobbies is one that forgot everything.
    ///
    /// - Parameter explaining: the one server whose agent was asked. Of the others it is not known whether they should be there; those
    ///   that are not count, since the leader asks them.
    static func mark(
        _ decisions: inout [Decision], expectation: Expectation, facts: Facts, settings: PipelineSettings, settle: Span,
        explaining: VMID? = nil
    ) {
        let missing = decisions.indices.filter {
            decisions[$0].drift.kind == .velocityMissing && decisions[$0].drift.causedBy == nil
        }
        guard !missing.isEmpty, let list = facts.proxy.latest.value else { return }
        let others = explaining.map { expectation.backends(missingIn: list, besides: $0) } ?? 0
        let lacking = missing.count + others
        func isTooMuch(_ known: Int) -> Bool { lacking > known || Bulk.isTooMuch(lacking, of: lacking + known) }
        var known = 0
        for backend in list.backends {
            let host = HostName.canonical(backend.name, zone: settings.zone)
            if settings.scope.vmid(inName: host, games: expectation.games) != nil { known += 1 }
            // The more it knows, the less is missing: once that is not too much, no other makes it so.
            if !isTooMuch(known) { return }
        }
        guard isTooMuch(known) else { return }
        let number = others > 0 ? "up to \(lacking)" : "\(lacking)"
        let words =
            "the proxy lacks \(number) of \(Words.count(lacking + known, "backend")), as after a restart: it fills its list "
            + "by itself, so nothing is registered for \(settle)"
        for index in missing {
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
