import Core

extension Scope {
    init(reading map: MapReader) {
        let game = map.field("game")?.map().flatMap { Part(reading: $0, hasGame: true) }
        let dev = map.field("dev")?.map().flatMap { Part(reading: $0, hasGame: false) }
        if map.keys.isEmpty { map.problem("names neither game nor dev; leave scope out for its defaults") }
        if let game, let dev, game.vmids.overlaps(dev.vmids) {
            map.problem(
                at: "dev",
                "VMIDs \(dev.vmids.text) overlap those of game (\(game.vmids.text)); a VMID can be of one type only")
        }
        map.finish()
        self.init(game: game, dev: dev)
    }
}

extension Scope.Part {
    init?(reading map: MapReader, hasGame: Bool) {
        let vmids = map.required("vmids", "which VMIDs are ours, e.g. \"5000-5999\"")?.vmidRange()
        let hostnames = map.required("hostnames", "which host names are ours, e.g. [\"mc-{vmid}\"]")?
            .list(of: "host-name patterns", orEmpty: false) { $0.hostnamePattern(hasGame: hasGame) }
        map.finish()
        guard let vmids, let hostnames else { return nil }
        self.init(vmids: vmids, hostnames: hostnames)
    }
}

extension ClosedRange<Int> {
    fileprivate var text: String { "\(lowerBound)-\(upperBound)" }
}

extension Field {
    fileprivate func hostnamePattern(hasGame: Bool) -> HostnamePattern? {
        guard let text = text("a host-name pattern such as mc-{vmid}") else { return nil }
        guard let pattern = HostnamePattern(text) else {
            problem(
                "`\(shown(text))` is not a host-name pattern: lower-case letters, digits, `-`, `*`, {game}, and {vmid}"
                    + " exactly once")
            return nil
        }
        guard hasGame || !pattern.parts.contains(.game) else {
            problem("`\(shown(text))` can never match: a dev server has no game")
            return nil
        }
        return pattern
    }
}
