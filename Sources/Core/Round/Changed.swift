/// What the database said has changed, since somebody has looked last.
package enum Changed: Equatable, Sendable {
    case everything
    case instances(Set<VMID>)

    package func joined(_ other: Changed?) -> Changed {
        switch (self, other) {
        case (_, nil): self
        case (.instances(let some), .instances(let more)?): .instances(some.union(more))
        case (.everything, _), (_, .everything): .everything
        }
    }

    /// Whether there is more in it than what this process has changed itself.
    package func goesBeyond(_ own: Set<VMID>) -> Bool {
        switch self {
        case .everything: true
        case .instances(let vmids): !vmids.isSubset(of: own)
        }
    }
}
