/// How a daemon's round spares what it looks at again and again. An audit looks once and has none.
package struct Pace: Equatable, Sendable {
    /// The most that an agent's turn may be put off: it is answered within the first look all the same, and so is the desired state
    /// before it.
    static let longestSpread = Span.seconds(20)
    /// Of a cycle.
    static let share: Int64 = 3
    /// Faster than this nobody needs to be spared.
    static let agentsPerSecond = 50
    /// Guests whose own addresses are asked for in one round: each is a request that its node has to answer.
    static let mostAddresses = 10

    /// Whose addresses one round looks at.
    package struct Turn: Equatable, Sendable {
        package var guests: [VMID] = []
        /// The last one in the order of turns.
        package var last: VMID?

        package init(guests: [VMID] = [], last: VMID? = nil) {
            self.guests = guests
            self.last = last
        }
    }

    /// From the begin of one round to that of the next.
    package var cycle: Span
    /// Whether something has changed and somebody waits for the answer.
    package var isHurried: Bool
    /// The last guest whose addresses were looked at in turn.
    package var lastLooked: VMID?
    /// Guests that an open drift about their address is about: they are looked at until it has ended.
    package var doubtful: [VMID]
    /// Who was left out of the last round's questions to Proxmox.
    package var turns: Turns

    package init(
        cycle: Span, isHurried: Bool = false, lastLooked: VMID? = nil, doubtful: [VMID] = [], turns: Turns = Turns()
    ) {
        self.turns = turns
        self.cycle = cycle
        self.isHurried = isHurried
        self.lastLooked = lastLooked
        self.doubtful = doubtful
    }

    /// Over how long so many agents are asked: a third of the cycle at most.
    package func spread(agents count: Int) -> Span {
        if isHurried { return .seconds(0) }
        let needed = Span(microseconds: Int64(count) * 1_000_000 / Int64(Pace.agentsPerSecond))
        return min(needed, Pace.longestSpread, Span(microseconds: cycle.microseconds / Pace.share))
    }

    /// The guests whose turn it is, so that each of them has one within a day while there are not too many: first those in
    /// doubt, then the next ones by VMID.
    ///
    /// - Parameter rows: the VMIDs of the servers that should run and say where they are, by an IPv4 address.
    package func addresses(of rows: [VMID]) -> Turn {
        let known = Set(rows)
        let guests = known.sorted()
        if guests.isEmpty { return Turn() }
        let roundsInADay = max(1, 86_400_000_000 / max(1, cycle.microseconds))
        let share = min(Pace.mostAddresses, Int((Int64(guests.count) + roundsInADay - 1) / roundsInADay))
        let first = lastLooked.map { last in guests.firstIndex { $0 > last } ?? 0 } ?? 0
        let next = (0..<min(share, guests.count)).map { guests[(first + $0) % guests.count] }
        let open = doubtful.filter { known.contains($0) && !next.contains($0) }.prefix(Pace.mostAddresses)
        return Turn(guests: Array(open) + next, last: next.last)
    }
}
