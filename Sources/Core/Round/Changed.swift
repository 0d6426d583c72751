/// What the database said has changed, since somebody has looked last.
package enum Changed: Equatable, Sendable {
    case everything
    case instances(Set<VMID>)

    /// More than so many are not looked at one by one: a round of everything costs no more.
    package static let most = 50

    package init(_ vmids: Set<VMID>) { self = vmids.count > Changed.most ? .everything : .instances(vmids) }

    /// Whether there is more in it than what this process has changed itself.
    package func goesBeyond(_ own: Set<VMID>) -> Bool {
        switch self {
        case .everything: true
        case .instances(let vmids): !vmids.isSubset(of: own)
        }
    }

    package func joined(_ other: Changed?) -> Changed {
        switch (self, other) {
        case (_, nil): self
        case (.instances(let some), .instances(let more)?): Changed(some.union(more))
        case (.everything, _), (_, .everything): .everything
        }
    }
}
