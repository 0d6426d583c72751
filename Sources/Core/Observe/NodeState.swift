/// How the cluster sees one of its nodes.
package enum NodeState: String, Sendable {
    case online
    /// The membership says so. Nothing that is asked there is answered, and what was heard last of its guests is old.
    case offline
    /// A member without statistics, as one that is overloaded, or what a later version calls it: no observation.
    case unknown

    /// - Parameter status: as Proxmox sends it.
    init(_ status: String) { self = NodeState(rawValue: status) ?? .unknown }
}
