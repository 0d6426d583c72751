/// What is ours. Everything else is never touched and never reported.
package struct Scope: Equatable, Sendable {
    package struct Part: Equatable, Sendable {
        package var vmids: ClosedRange<Int>
        package var hostnames: [HostnamePattern]

        package init(vmids: ClosedRange<Int>, hostnames: [HostnamePattern]) {
            self.vmids = vmids
            self.hostnames = hostnames
        }
    }

    package var game: Part?
    package var dev: Part?

    package init(game: Part?, dev: Part?) {
        self.game = game
        self.dev = dev
    }

    package static let defaults = Scope(
        game: Part(
            vmids: 5000...5999,
            hostnames: ["mc-*-{vmid}", "mc-{vmid}", "{game}-{vmid}"].compactMap(HostnamePattern.init)),
        dev: Part(vmids: 6000...6999, hostnames: ["dev-{vmid}"].compactMap(HostnamePattern.init)))

    package func part(_ type: DesiredInstance.ContainerType) -> Part? {
        switch type {
        case .game: game
        case .dev: dev
        }
    }

    /// Whether a guest under this VMID is one of ours, whatever it is.
    package func contains(_ vmid: VMID) -> Bool { numbers.contains(vmid) }

    /// The VMIDs alone: what is asked for every row and every guest.
    struct Numbers: Sendable {
        let game, dev: ClosedRange<Int>?

        func contains(_ vmid: VMID) -> Bool { contains(vmid, .game) || contains(vmid, .dev) }

        func contains(_ vmid: VMID, _ type: DesiredInstance.ContainerType) -> Bool {
            switch type {
            case .game: game?.contains(Int(vmid.number)) == true
            case .dev: dev?.contains(Int(vmid.number)) == true
            }
        }
    }

    // Swift 6.3.1 fails to compile what this is inlined into ("Found ownership error").
    @inline(never)
    var numbers: Numbers { Numbers(game: game?.vmids, dev: dev?.vmids) }

    /// Whether a row is in scope: its VMID lies in the range of its own type.
    package func contains(_ row: DesiredInstance) -> Bool { contains(row.vmid, row.ctype) }

    package func contains(_ vmid: VMID, _ type: DesiredInstance.ContainerType) -> Bool {
        numbers.contains(vmid, type)
    }

    /// Whether the row's host name is a label that one of its type's patterns gives, with the row's own VMID in it.
    package func accepts(hostname: String, of row: DesiredInstance) -> Bool {
        let name = DNSName.canonical(hostname)
        guard DNSName.isHostLabel(name), let part = part(row.ctype) else { return false }
        let games = row.game.map { [DNSName.canonical($0)] } ?? []
        return part.hostnames.contains { $0.vmid(in: name, games: games) == row.vmid }
    }

    /// The VMID that a name of ours carries; nil when the name is not of our shape.
    package func vmid(inName name: String, games: Set<String>) -> VMID? {
        guard DNSName.isHostLabel(name) else { return nil }
        for part in [game, dev].compactMap({ $0 }) {
            for pattern in part.hostnames {
                if let vmid = pattern.vmid(in: name, games: games), part.vmids.contains(Int(vmid.number)) {
                    return vmid
                }
            }
        }
        return nil
    }
}
