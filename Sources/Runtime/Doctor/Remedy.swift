import Core

/// What to do about a plane that cannot be read.
enum Remedy {
    static func proxmox(_ code: Unknown) -> String {
        switch code {
        case .unauthorized: "check proxmox.token: does it exist, is it enabled, has it expired?"
        case .forbidden, .permissionMissing:
            "give the token (and its user) the role PVEAuditor on / with propagation; new tokens start without any right"
        case .wrongCluster: "set proxmox.cluster to the name in `pvecm status`, or correct proxmox.urls"
        case .noQuorum: "this node has lost its cluster: look at `pvecm status` on it"
        case .tls: "set proxmox.tls.ca to the cluster's /etc/pve/pve-root-ca.pem, or pin the new fingerprint"
        case .refused, .unreachable, .timeout, .connectionLost:
            "is pveproxy running there, and does a firewall stand between?"
        case .canaryMissing: "is that guest really there? Then the listing is not whole; if not, choose another canary"
        case .configuration: "correct the configuration"
        case .partialListing, .emptyListing: "run doctor again; if it stays, look at pmxcfs on that node"
        default: "look at the node's pveproxy log"
        }
    }

    static func cloudflare(_ code: Unknown) -> String {
        switch code {
        case .unauthorized, .forbidden:
            "the token needs DNS Read on this zone, and no IP filter that excludes this machine"
        case .notFound: "dns.public.zone_id is the 32 hexadecimal digits of the zone's overview page, not its name"
        case .wrongZone: "dns.public.zone_id is of another zone than dns.zone"
        case .rateLimited: "some other program uses up the quota of this user: 1,200 requests in five minutes"
        case .refused, .unreachable, .timeout, .connectionLost, .tls:
            "check dns.public.url and the way out of this machine"
        default: "try again; if it stays, see Cloudflare's status page"
        }
    }
}
