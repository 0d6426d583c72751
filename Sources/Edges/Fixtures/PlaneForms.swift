import Core

/// What one Proxmox endpoint answered.
struct ProxmoxForm: Codable {
    var endpoint: String
    var readAt: String
    var cluster: String?
    var quorate: Bool?
    var clusterNodes: [String]
    var nodes: [Node]
    var guests: [GuestForm]
    var pools: [Pool]?
    var unreadableRows: Int?
    var permissions: [String: [String: Bool]]
    /// VMID → whether the token could see it, for the suspects of a second look.
    var probes: [String: Bool]?
    /// VMID → the addresses on that guest's interfaces.
    var addresses: [String: AddressesForm]?
    /// Node → what it runs. Left out altogether: nothing runs anywhere; a node that is left out did not say.
    var tasks: [String: [Task]]?

    struct Task: Codable {
        var vmid: Int?
        var type: String
        var ours: Bool?
    }
    struct Node: Codable {
        var name: String
        var status: String
    }
    struct GuestForm: Codable {
        var vmid: Int
        var type: String
        var node: String
        var status: String
        var name: String?
        var template: Bool?
        var lock: String?
        var hastate: String?
        var pool: String?
    }
    struct Pool: Codable {
        var name: String
        var maxcpu: Double
    }

    init(_ reading: ProxmoxReading) {
        endpoint = reading.endpoint
        readAt = reading.startedAt.exact
        cluster = reading.status.name
        quorate = reading.status.isQuorate
        clusterNodes = reading.status.nodes
        nodes = []
        guests = []
        var pools: [Pool] = []
        for resource in reading.resources {
            switch resource {
            case .node(let row): nodes.append(Node(name: row.name, status: row.status))
            case .pool(let name, let cpus): pools.append(Pool(name: name, maxcpu: cpus))
            case .guest(let row):
                guests.append(
                    GuestForm(
                        vmid: Int(row.vmid.number), type: row.type, node: row.node, status: row.status, name: row.name,
                        template: row.isTemplate ? true : nil, lock: row.lock, hastate: row.haState, pool: row.pool))
            }
        }
        self.pools = pools.isEmpty ? nil : pools
        unreadableRows = reading.unreadableRows == 0 ? nil : reading.unreadableRows
        permissions = reading.permissions
        probes = reading.probes.map { Dictionary(uniqueKeysWithValues: $0.map { ("\($0)", $1) }) }
        tasks = reading.tasks.mapValues { running in
            running.map { Task(vmid: $0.vmid.map { Int($0.number) }, type: $0.type, ours: $0.isOurs ? true : nil) }
        }
        addresses = reading.addresses.map {
            Dictionary(uniqueKeysWithValues: $0.map { ("\($0)", AddressesForm($1)) })
        }
    }

    private func running() throws -> [String: [GuestTask]] {
        guard let tasks else { return Dictionary(nodes.map { ($0.name, []) }) { first, _ in first } }
        return try tasks.mapValues { rows in
            try rows.map { row in
                GuestTask(vmid: try row.vmid.map { try VMID(form: $0) }, type: row.type, isOurs: row.ours ?? false)
            }
        }
    }

    func reading() throws -> ProxmoxReading {
        let rows = try guests.map { guest in
            ProxmoxReading.Resource.guest(
                ProxmoxReading.GuestRow(
                    vmid: try VMID(form: guest.vmid), type: guest.type, node: guest.node, status: guest.status,
                    name: guest.name, isTemplate: guest.template ?? false, lock: guest.lock, haState: guest.hastate,
                    pool: guest.pool))
        }
        return ProxmoxReading(
            endpoint: endpoint,
            resources: rows
                + nodes.map { .node(ProxmoxReading.NodeRow(name: $0.name, status: $0.status)) }
                + (pools ?? []).map { .pool(name: $0.name, runningCPUs: $0.maxcpu) },
            unreadableRows: unreadableRows ?? 0,
            status: ProxmoxReading.ClusterStatus(name: cluster, isQuorate: quorate, nodes: clusterNodes),
            permissions: permissions,
            probes: try probes.map { probes in
                var seen: [VMID: Bool] = [:]
                for (text, isVisible) in probes {
                    guard let vmid = VMID(text) else { throw FormError(message: "probes: '\(text)' is no VMID") }
                    seen[vmid] = isVisible
                }
                return seen
            }, addresses: try addresses.map(AddressesForm.byVMID), tasks: try running(),
            startedAt: try Timestamp(exact: readAt))
    }
}

/// The pages of one listing of a zone.
struct ZoneForm: Codable {
    var endpoint: String
    var readAt: String
    var pages: [Page]

    struct Page: Codable {
        var page: Int
        var totalPages: Int
        var totalCount: Int
        var count: Int
        var records: [Record]
    }
    struct Record: Codable {
        var id: String
        var name: String
        var type: String
        /// The address, the target, or the four SRV numbers in the order of a zone file. Nothing for types that are not ours.
        var content: String?
        var ttl: Int
        var comment: String?
        var proxied: Bool?
        var disabled: Bool?
        /// Set when the content made no sense.
        var unreadable: Bool?
    }

    init(_ reading: ZoneReading) {
        endpoint = reading.endpoint
        readAt = reading.startedAt.exact
        pages = reading.pages.map { page in
            Page(
                page: page.number, totalPages: page.totalPages, totalCount: page.totalCount, count: page.count,
                records: page.records.map(Record.init))
        }
    }

    func reading() throws -> ZoneReading {
        ZoneReading(
            endpoint: endpoint,
            pages: try pages.map { page in
                ZoneReading.Page(
                    number: page.page, totalPages: page.totalPages, totalCount: page.totalCount, count: page.count,
                    records: try page.records.map { try $0.record() })
            },
            startedAt: try Timestamp(exact: readAt))
    }
}

extension ZoneForm.Record {
    init(_ record: DNSRecord) {
        id = record.id
        name = record.name
        ttl = record.ttl
        comment = record.comment
        proxied = record.isProxied ? true : nil
        disabled = record.isDisabled ? true : nil
        switch record.data {
        case .a(let address): (type, content) = ("A", address)
        case .aaaa(let address): (type, content) = ("AAAA", address)
        case .cname(let target): (type, content) = ("CNAME", target)
        case .srv(let data): (type, content) = ("SRV", data.description)
        case .other(let other): (type, content) = (other, nil)
        case .unreadable(let other): (type, content, unreadable) = (other, nil, true)
        }
    }

    func record() throws -> DNSRecord {
        DNSRecord(
            id: id, name: DNSName.canonical(name), data: try data(), ttl: ttl, comment: comment,
            isProxied: proxied ?? false, isDisabled: disabled ?? false)
    }

    private func data() throws -> DNSRecord.Data {
        if unreadable == true { return .unreadable(type: type) }
        switch (type, content) {
        case ("A", let content?): return .a(content)
        case ("AAAA", let content?): return .aaaa(content)
        case ("CNAME", let content?): return .cname(DNSName.canonical(content))
        case ("SRV", let content?):
            let fields = content.split(separator: " ")
            guard fields.count == 4, let priority = Int(fields[0]), let weight = Int(fields[1]),
                let port = Int(fields[2])
            else { throw FormError(message: "SRV '\(content)' should be PRIORITY WEIGHT PORT TARGET") }
            return .srv(
                SRV(priority: priority, weight: weight, port: port, target: DNSName.canonical(String(fields[3]))))
        default: return .other(type: type)
        }
    }
}
