/// One guest of a Proxmox cluster, as a believed listing shows it.
package struct Guest: Equatable, Sendable {
    package enum Kind: String, Sendable { case lxc, qemu, other }
    package enum Power: String, Sendable { case running, stopped }

    package var vmid: VMID
    package var kind: Kind
    package var node: String
    /// Nil when the owning node has not said: a new guest, a dead node, a restarted cluster file system.
    package var name: String?
    /// Unknown when the node is not online or has not said.
    package var power: Observed<Power>
    package var isTemplate: Bool
    package var lock: String?
    package var haState: String?
    package var pool: String?

    package init(
        vmid: VMID, kind: Kind, node: String, name: String?, power: Observed<Power>, isTemplate: Bool, lock: String?,
        haState: String?, pool: String?
    ) {
        self.vmid = vmid
        self.kind = kind
        self.node = node
        self.name = name
        self.power = power
        self.isTemplate = isTemplate
        self.lock = lock
        self.haState = haState
        self.pool = pool
    }
}
