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

    static func technitium(_ code: Unknown) -> String {
        switch code {
        case .unauthorized:
            "create an API token (Administration, Sessions, Create Token) and put it where dns.internal.token points"
        case .forbidden:
            "give the token's user View on the zone (Zones, the zone's Permissions); repairs need Modify and Delete as well"
        case .notFound:
            "create the zone dns.zone as a Primary zone on that server, or correct dns.internal.url (it ends in /api)"
        case .wrongZone:
            "the zone dns.zone has to exist there by itself, as Primary: a zone above it or a copy of it will not do"
        case .configuration: "enable the zone on the server, or correct dns.internal"
        case .redirected: "write dns.internal.url with https and the port of the web service's TLS (53443 by habit)"
        case .refused, .unreachable, .timeout, .connectionLost, .tls:
            "is the DNS server's web service running at dns.internal.url, and does a firewall stand between?"
        case .emptyListing, .partialListing, .changedWhileRead:
            "run doctor again; if it stays, look at the zone on the server"
        case .rateLimited: "wait five minutes: the server has blocked this address for failed logins"
        default: "look at the DNS server's log"
        }
    }
}
