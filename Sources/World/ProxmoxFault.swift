package import Core

/// How a Proxmox endpoint fails or lies.
package enum ProxmoxFault: Hashable, Sendable {
    case refused
    case timeout
    case serverError
    case unauthorized
    /// Every grant of the token is gone: no row, no error in the list, `{}` as permissions, 403 where `/` is asked for.
    case permissionLost
    /// VM.Audit alone is gone: nodes and cluster status as ever, not one guest, and no error anywhere.
    case vmAuditLost
    /// The guest left its pool, and a rule on `/vms/N` without VM.Audit replaces what `/vms` grants.
    case guestHidden(VMID)
    /// The role NoAccess on `/vms/N`: the guest is hidden, and its path is not even among the permissions.
    case guestDenied(VMID)
    /// The token was made anew with privilege separation, the default, and has no rights of its own.
    case privilegeSeparated
    /// The cluster file system fails for one request: 200, no guest, and the answering node alone.
    case fileSystemHiccup
    /// The answering node is outside the quorum and reads its stale copy.
    case noQuorum
    case wrongCluster
    /// A node went down; its guests go on as they were for five minutes, then lose status and name.
    case nodeOffline(String, since: Timestamp)
    /// The statistics could not be read: every guest is `unknown` and has no name.
    case statusesUnknown
    /// A guest is between two nodes and on neither list.
    case migrating(VMID)
    case malformed
}

extension ProxmoxFault {
    /// The node that is said to be down.
    package var offlineNode: String? { if case .nodeOffline(let name, _) = self { name } else { nil } }

    /// The words by which a person names a fault: `timeout`, `guest-hidden:5001`, `node-offline:pve2`.
    package init?(_ text: some StringProtocol, at now: Timestamp) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard let word = parts.first else { return nil }
        let argument = parts.count > 1 ? parts[1] : nil
        if let simple = ProxmoxFault.simple[String(word)], argument == nil {
            self = simple
            return
        }
        guard let argument else { return nil }
        switch word {
        case "guest-hidden", "guest-denied", "migrating":
            guard let vmid = VMID(argument) else { return nil }
            self =
                switch word {
                case "migrating": .migrating(vmid)
                case "guest-denied": .guestDenied(vmid)
                default: .guestHidden(vmid)
                }
        case "node-offline": self = .nodeOffline(String(argument), since: now)
        default: return nil
        }
    }

    package static let simple: [String: ProxmoxFault] = [
        "refused": .refused, "timeout": .timeout, "server-error": .serverError, "unauthorized": .unauthorized,
        "permission-lost": .permissionLost, "vm-audit-lost": .vmAuditLost, "privilege-separated": .privilegeSeparated,
        "hiccup": .fileSystemHiccup, "no-quorum": .noQuorum, "wrong-cluster": .wrongCluster,
        "statuses-unknown": .statusesUnknown, "malformed": .malformed,
    ]
}
