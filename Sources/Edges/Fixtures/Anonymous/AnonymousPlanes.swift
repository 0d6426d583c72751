import Core

/// What each plane showed, under other names.
extension Anonymizer {
    mutating func proxmox(_ reading: ProxmoxReading) -> ProxmoxReading {
        var other = reading
        other.endpoint = pseudonyms.word(.endpoint, reading.endpoint)
        other.status.name = reading.status.name.map { pseudonyms.word(.cluster, $0) }
        other.status.nodes = reading.status.nodes.map { node($0) }
        other.resources = reading.resources.map { resource in
            switch resource {
            case .node(let row): .node(ProxmoxReading.NodeRow(name: node(row.name), status: row.status))
            case .pool(let name, let cpus): .pool(name: pseudonyms.word(.pool, name), runningCPUs: cpus)
            case .guest(let row): .guest(guest(row))
            }
        }
        var permissions: [String: [String: Bool]] = [:]
        for (path, privileges) in reading.permissions { permissions[self.path(path)] = privileges }
        other.permissions = permissions
        other.tasks = [:]
        for (node, running) in reading.tasks { other.tasks[self.node(node)] = running }
        other.addresses = reading.addresses?.mapValues { own in
            GuestAddresses(
                ipv4: own.ipv4.map { addresses($0) }, isWhole: own.isWhole, isOutside: own.isOutside)
        }
        return other
    }

    private mutating func guest(_ row: ProxmoxReading.GuestRow) -> ProxmoxReading.GuestRow {
        var other = row
        other.node = node(row.node)
        other.name = row.name.map { names($0) }
        other.pool = row.pool.map { pseudonyms.word(.pool, $0) }
        return other
    }

    /// `/`, `/vms` and `/vms/5001` stay; what names a pool or a storage does not. A node's path names it as everything else does: its
    /// rights are looked for there.
    private mutating func path(_ path: String) -> String {
        let parts = path.split(separator: "/")
        if parts.count < 2 || (parts.count == 2 && parts[0] == "vms" && VMID(parts[1]) != nil) { return path }
        if parts.count == 2, parts[0] == "nodes" { return "/nodes/" + node(String(parts[1])) }
        return "/\(parts[0])/" + pseudonyms.word(.path, path)
    }

    /// Node names are told apart by case in one place and not in another, so the pseudonyms of two that differ in case alone do
    /// so, too.
    mutating func node(_ name: String) -> String {
        let canonical = DNSName.canonical(name)
        let other = pseudonyms.word(.node, canonical)
        return canonical == name ? other : other.uppercased()
    }

    mutating func zone(_ reading: ZoneReading) -> ZoneReading {
        var other = reading
        other.endpoint = pseudonyms.word(.endpoint, reading.endpoint)
        for page in reading.pages.indices {
            other.pages[page].records = reading.pages[page].records.map { record($0) }
        }
        return other
    }

    private mutating func record(_ record: DNSRecord) -> DNSRecord {
        var other = record
        other.id = pseudonyms.word(.record, record.id)
        other.name = names(record.name)
        switch record.data {
        case .a(let address): other.data = .a(addresses(address))
        case .aaaa(let address): other.data = .aaaa(addresses(address))
        case .cname(let target): other.data = .cname(names(target))
        case .srv(var data):
            data.target = names(data.target)
            other.data = .srv(data)
        case .other, .unreadable: break
        }
        if let vmid = Ownership.vmid(inMark: record.comment, id: id) {
            other.comment = Ownership.mark(id: Anonymizer.installation, vmid: vmid)
        } else {
            other.comment = record.comment.map { pseudonyms.word(.comment, $0) }
        }
        return other
    }

    /// What a record is known by there is its own name and value, so that is made anew.
    mutating func internalZone(_ reading: TechnitiumReading) -> TechnitiumReading {
        var other = reading
        other.endpoint = pseudonyms.word(.endpoint, reading.endpoint)
        other.zone.name = names(reading.zone.name)
        other.expiring = []
        other.records = reading.records.map { original in
            var record = self.record(original)
            record.id = TechnitiumReading.id(of: record.name, record.data)
            if reading.expiring.contains(original.id) { other.expiring.insert(record.id) }
            return record
        }
        return other
    }

    mutating func agents(_ reading: AgentReading) -> AgentReading {
        var other = reading
        other.polls = reading.polls.map { poll in
            let key = InstanceKey(vmid: poll.target.key.vmid, externalID: pseudonyms.id(poll.target.key.externalID))
            return AgentReading.Poll(
                target: AgentTarget(key: key, address: addresses(poll.target.address)), answer: poll.answer)
        }
        return other
    }

    mutating func proxy(_ reading: VelocityReading) -> VelocityReading {
        var other = reading
        other.endpoint = pseudonyms.word(.endpoint, reading.endpoint)
        other.servers = reading.servers?.map { server in
            VelocityReading.Backend(
                name: names(server.name), address: addresses(server.address), port: server.port)
        }
        return other
    }

    mutating func queues(_ reading: QueueReading) -> QueueReading {
        var other = reading
        other.endpoint = pseudonyms.word(.endpoint, reading.endpoint)
        other.runID = pseudonyms.word(.server, reading.runID)
        for index in reading.answers.indices {
            other.answers[index].queue = result(reading.answers[index].queue) { $0.queue($1) }
        }
        return other
    }

    /// A job is known by the id that its operation has for it.
    private mutating func queue(_ queue: QueueReading.Queue) -> QueueReading.Queue {
        var other = queue
        for index in queue.running.indices {
            other.running[index].id = pseudonyms.word(.identifier, queue.running[index].id)
        }
        for index in queue.waiting.indices {
            other.waiting[index].id = pseudonyms.word(.identifier, queue.waiting[index].id)
        }
        other.jobs = [:]
        for (id, presence) in queue.jobs { other.jobs[pseudonyms.word(.identifier, id)] = presence }
        return other
    }
}
