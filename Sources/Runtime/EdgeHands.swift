package import Core
package import Platform

/// The services that the edge is made of, each behind its plane. What is not configured is neither read nor written.
package struct EdgeHands: EdgeReach {
    private let hands: [Plane: any EdgeHand]

    package init(publicZone: (any EdgeHand)?, internalZone: (any EdgeHand)?, velocity: (any EdgeHand)?) {
        var hands: [Plane: any EdgeHand] = [:]
        hands[.publicDNS] = publicZone
        hands[.internalDNS] = internalZone
        hands[.velocity] = velocity
        self.hands = hands
    }

    package func obstacle(to change: EdgeChange, within timeout: Span) async -> String? {
        var creates = false
        if case .create? = change.writes.first { creates = true }
        return await hands[change.plane]?.obstacle(creates: creates, within: timeout)
    }

    package func look(at change: EdgeChange, timeout: Span) async -> EdgeSight {
        await hands[change.plane]?.look(at: change.name, timeout: timeout)
            ?? .unreadable("\(change.plane.rawValue) is not configured")
    }

    package func write(_ write: EdgeWrite, timeout: Span) async -> WriteAnswer {
        await hands[write.plane]?.write(write, timeout: timeout)
            ?? .refused("\(write.plane.rawValue) is not configured")
    }
}
