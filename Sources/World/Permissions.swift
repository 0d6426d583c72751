package import Core

/// One entry of an access control list: what somebody may do at a path.
package struct Grant: Hashable, Sendable {
    package var path: String
    package var privileges: Set<String>
    package var propagates: Bool

    package init(path: String, privileges: Set<String>, propagates: Bool = true) {
        self.path = path
        self.privileges = privileges
        self.propagates = propagates
    }

    /// What of the built-in role PVEAuditor matters to a reader of guests.
    package static let auditor: Set<String> = ["VM.Audit", "Sys.Audit", "Pool.Audit", "Datastore.Audit", "SDN.Audit"]
}

/// An API token and what it may do.
package struct Token: Equatable, Sendable {
    /// `USER@REALM!NAME`.
    package var id: String
    package var secret: String
    /// The rights of the user that it belongs to.
    package var userGrants: [Grant]
    package var ownGrants: [Grant]
    /// With privilege separation it may only do what both the user and the token itself are granted.
    package var isSeparated: Bool

    package init(id: String, secret: String, userGrants: [Grant], ownGrants: [Grant] = [], isSeparated: Bool = false) {
        self.id = id
        self.secret = secret
        self.userGrants = userGrants
        self.ownGrants = ownGrants
        self.isSeparated = isSeparated
    }

    /// Privilege → whether it propagates, at one path.
    ///
    /// - Parameter pool: the pool of the guest that `path` names, if any: rights on a pool hold for its members.
    package func privileges(at path: String, pool: String? = nil) -> [String: Bool] {
        let user = Token.privileges(at: path, pool: pool, of: userGrants)
        guard isSeparated else { return user }
        let own = Token.privileges(at: path, pool: pool, of: ownGrants)
        var both: [String: Bool] = [:]
        for (privilege, propagates) in user {
            if let ownPropagates = own[privilege] { both[privilege] = propagates && ownPropagates }
        }
        return both
    }

    /// What `GET /access/permissions` shows: the fixed top paths, each path of the lists and each member of a pool;
    /// none with nothing granted, so that a guest under the role NoAccess does not show up at all.
    ///
    /// - Parameter pools: guest → pool.
    package func effectivePermissions(pools: [VMID: String]) -> [String: [String: Bool]] {
        var all: [String: [String: Bool]] = [:]
        for path in Set(Token.fixedPaths + (userGrants + ownGrants).map(\.path)) {
            let vmid = path.hasPrefix("/vms/") ? VMID(path.dropFirst(5)) : nil
            let privileges = privileges(at: path, pool: vmid.flatMap { pools[$0] })
            if !privileges.isEmpty { all[path] = privileges }
        }
        for (vmid, pool) in pools where all["/vms/\(vmid)"] == nil {
            let privileges = privileges(at: "/vms/\(vmid)", pool: pool)
            if !privileges.isEmpty { all["/vms/\(vmid)"] = privileges }
        }
        return all
    }

    private static let fixedPaths = [
        "/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms",
    ]

    // The entry nearest to the path decides alone: one on /vms/103 replaces what /vms grants, it does not add to it.
    private static func privileges(at path: String, pool: String?, of grants: [Grant]) -> [String: Bool] {
        var result: [String: Bool] = [:]
        for ancestor in ancestors(of: path) {
            let entries = grants.filter { $0.path == ancestor && ($0.propagates || ancestor == path) }
            guard !entries.isEmpty else { continue }
            result = [:]
            for entry in entries {
                for privilege in entry.privileges { result[privilege] = entry.propagates || result[privilege] == true }
            }
        }
        let isDenied = result.isEmpty && grants.contains { $0.path == path && $0.privileges.isEmpty }
        if let pool, !isDenied {
            let ofPool = privileges(at: "/pool/\(pool)", pool: nil, of: grants)
            // Rights from a pool never propagate, and take nothing away from what is granted already.
            result.merge(ofPool.mapValues { _ in false }) { own, _ in own }
        }
        return result
    }

    private static func ancestors(of path: String) -> [String] {
        var all = ["/"]
        var current = ""
        for part in path.split(separator: "/") {
            current += "/\(part)"
            all.append(current)
        }
        return all
    }
}
