import Core
import World

/// A guest in the shapes in which Proxmox shows it.
enum GuestJSON {
    /// A row of `/cluster/resources`. What only the owning node knows is left out when that node has not said.
    static func resource(_ row: ClusterView.Row, _ dialect: LabOptions.Dialect) -> JSON {
        let guest = row.guest
        var members: [(String, JSON)] = [
            ("id", .string("\(guest.type)/\(guest.vmid)")), ("type", .string(guest.type)),
            ("vmid", .int(Int(guest.vmid.number))), ("node", .string(guest.node)), ("status", .string(row.status)),
        ]
        if !guest.tags.isEmpty { members.append(("tags", .string(guest.tags.joined(separator: ";")))) }
        if let lock = guest.lock { members.append(("lock", .string(lock))) }
        if let state = guest.haState { members.append(("hastate", .string(state))) }
        if row.showsPool, let pool = guest.pool { members.append(("pool", .string(pool))) }
        guard row.isKnown else { return .object(members) }
        let isRunning = guest.isRunning
        members += [
            ("name", .string(guest.name)), ("template", .flag(guest.isTemplate)),
            ("uptime", .int(isRunning ? 51_506 : 0)), ("cpu", isRunning ? .double(0.0027) : .int(0)),
            ("maxcpu", .int(guest.cpus)), ("mem", .int(isRunning ? 288_399_360 : 0)), ("maxmem", .int(guest.memory)),
            ("disk", .int(isRunning ? 5_011_886_080 : 0)), ("maxdisk", .int(8_589_934_592)),
            ("netin", .int(isRunning ? 4_743_627_847 : 0)), ("netout", .int(isRunning ? 1_005_552_874 : 0)),
            ("diskread", .int(isRunning ? 7_450_230_784 : 0)), ("diskwrite", .int(isRunning ? 15_211_547_013 : 0)),
        ]
        if dialect == .v9_1 { members.append(("memhost", .int(isRunning ? 301_000_000 : 0))) }
        return .object(members)
    }

    /// `status/current`, and a row of a node's own list.
    static func status(_ guest: Cluster.Container, _ dialect: LabOptions.Dialect) -> JSON {
        let isRunning = guest.isRunning
        var ha: [(String, JSON)] = [("managed", .flag(guest.haState != nil))]
        if let state = guest.haState { ha.append(("state", .string(state))) }
        var members: [(String, JSON)] = [
            ("vmid", .int(Int(guest.vmid.number))), ("status", .string(isRunning ? "running" : "stopped")),
            ("name", .string(guest.name)), ("type", .string("lxc")), ("cpus", .int(guest.cpus)), ("cpu", .int(0)),
            ("mem", .int(isRunning ? 288_399_360 : 0)), ("maxmem", .int(guest.memory)), ("swap", .int(0)),
            ("maxswap", .int(536_870_912)), ("disk", .int(isRunning ? 5_011_886_080 : 0)),
            ("maxdisk", .int(8_589_934_592)), ("diskread", .int(0)), ("diskwrite", .int(0)),
            ("netin", .int(isRunning ? 4_743_627_847 : 0)), ("netout", .int(isRunning ? 1_005_552_874 : 0)),
            ("uptime", .int(isRunning ? 51_506 : 0)), ("ha", .object(ha)),
        ]
        if isRunning { members.append(("pid", .int(1000 + Int(guest.vmid.number)))) }
        if !guest.tags.isEmpty { members.append(("tags", .string(guest.tags.joined(separator: ";")))) }
        if let lock = guest.lock { members.append(("lock", .string(lock))) }
        if guest.isTemplate { members.append(("template", .int(1))) }
        if dialect == .v9_1 {
            for kind in ["cpufull", "cpusome", "iofull", "iosome", "memoryfull", "memorysome"] {
                members.append(("pressure\(kind)", .string("0.00")))
            }
        }
        return .object(members)
    }

    static func config(_ guest: Cluster.Container) -> JSON {
        let number = Int(guest.vmid.number)
        let tail = hardwareAddress(guest)
        var members: [(String, JSON)] = [
            ("digest", .string(digest(guest))), ("hostname", .string(guest.name)), ("arch", .string("amd64")),
            ("ostype", .string("debian")), ("cores", .int(guest.cpus)), ("memory", .int(guest.memory >> 20)),
            ("swap", .int(512)), ("rootfs", .string("local-zfs:subvol-\(number)-disk-0,size=8G")),
            ("net0", .string("name=eth0,bridge=vmbr0,firewall=1,hwaddr=\(tail),ip=dhcp,type=veth")),
            ("features", .string("nesting=1")), ("unprivileged", .int(1)), ("onboot", .int(1)),
        ]
        if !guest.tags.isEmpty { members.append(("tags", .string(guest.tags.joined(separator: ";")))) }
        if guest.isTemplate { members.append(("template", .int(1))) }
        if let lock = guest.lock { members.append(("lock", .string(lock))) }
        return .object(members)
    }

    /// 200 and null while the container is stopped.
    static func interfaces(_ guest: Cluster.Container) -> JSON {
        guard guest.isRunning else { return .null }
        let hardware = hardwareAddress(guest).lowercased()
        func row(_ name: String, _ hardware: String, _ address: String?, _ prefix: Int) -> JSON {
            var members: [(String, JSON)] = [
                ("name", .string(name)), ("hwaddr", .string(hardware)), ("hardware-address", .string(hardware)),
            ]
            guard let address else { return .object(members) }
            members += [
                ("inet", .string("\(address)/\(prefix)")),
                (
                    "ip-addresses",
                    .array([
                        .object([
                            ("ip-address", .string(address)), ("ip-address-type", .string("inet")),
                            ("prefix", .int(prefix)),
                        ])
                    ])
                ),
            ]
            return .object(members)
        }
        return .array([row("lo", "00:00:00:00:00:00", "127.0.0.1", 8), row("eth0", hardware, guest.address, 16)])
    }

    static func snapshots(_ guest: Cluster.Container) -> JSON {
        .array([
            .object([
                ("name", .string("current")), ("description", .string("You are here!")),
                ("digest", .string(digest(guest))), ("running", .flag(guest.isRunning)),
            ])
        ])
    }

    private static func digest(_ guest: Cluster.Container) -> String {
        // The real one is a SHA-1 of the file; here it only has to be as long and to change with what it stands for.
        var hash = SHA256()
        hash.update(field: "\(guest)")
        return String(hash.finish().prefix(40))
    }

    private static func hardwareAddress(_ guest: Cluster.Container) -> String {
        let number = UInt32(bitPattern: guest.vmid.number)
        let bytes = [UInt32(0xbc), 0x24, 0x11, number >> 16 & 0xff, number >> 8 & 0xff, number & 0xff]
        return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16).uppercased() }.joined(separator: ":")
    }
}
