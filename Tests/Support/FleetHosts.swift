package import Core

extension Fleet {
    /// `count` servers with agents and a proxy, all as they should be.
    package static func withHosts(_ count: Int = 3) -> Fleet {
        var fleet = Fleet(count)
        fleet.addHosts()
        return fleet
    }

    /// Configures agents and the proxy: every agent is ready, every server is registered and at its own address.
    package mutating func addHosts() {
        settings.agents = true
        settings.velocity = true
        for row in instances {
            let vmid = Int(row.vmid.number)
            agents[vmid] = .status(Fleet.well)
            addresses[row.vmid] = GuestAddresses(ipv4: [row.address ?? ""], isWhole: true)
            if Games.usesSRV(row.game) { register(row.hostname, row.address ?? "") }
        }
    }

    package static let well = AgentStatus(state: .running, processRunning: true, ready: true)

    package mutating func register(_ name: String, _ address: String, port: Int = 25565) {
        unregister(name)
        proxy.servers?.append(VelocityReading.Backend(name: name, address: address, port: port))
    }

    package mutating func unregister(_ name: String) {
        proxy.servers?.removeAll { $0.name == DNSName.canonical(name) }
    }

    package func agentReading(_ targets: [AgentTarget]) -> Result<AgentReading, ReadFailure> {
        if let agentsFailure { return .failure(agentsFailure) }
        return .success(
            AgentReading(
                polls: targets.map { target in
                    AgentReading.Poll(
                        target: target, answer: agents[Int(target.key.vmid.number)] ?? .failed(.refused))
                }, startedAt: Fleet.now))
    }

    /// What Proxmox says to a look: of guests' addresses, rights and tasks only what was asked for.
    package func proxmoxReading(_ look: Look) -> ProxmoxReading {
        var reading = proxmoxReading
        if !look.addressesOf.isEmpty { reading.addresses = addresses.filter { look.addressesOf.contains($0.key) } }
        reading.probes = look.suspects.isEmpty ? nil : probes?.filter { look.suspects.contains($0.key) }
        let asked = Set(guests.filter { guest in look.tasksOf.contains { $0 == guest.vmid } }.map(\.node))
        reading.tasks = reading.tasks.filter { asked.contains($0.key) }
        return reading
    }
}
