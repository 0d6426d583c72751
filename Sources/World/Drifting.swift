import Core

/// The deviations that can be planted on one game server. Each changes what is, never what should be.
extension EstateDraft {
    enum Deviation: CaseIterable {
        case srvDeleted, formerEdge, duplicate, proxied, stopped, missing, reused, moved, foreignName, srvPort
        case agentDead, workloadCrashed, backendLost, backendMoved, backendFullName
    }

    /// Plants a deviation on a server that runs and is published as it should be.
    mutating func plant(_ deviation: Deviation, on row: DesiredInstance, heldBy: Reason? = nil) {
        let number = Int(row.vmid.number)
        let name = "\(row.hostname).\(EstateDraft.zoneName)"
        let srvName = "_minecraft._tcp.\(name)"
        switch deviation {
        case .srvDeleted:
            removeRecord(srvName, "SRV")
            plant(
                number, .publicSRVMissing, record: srvName, heldBy: heldBy,
                "Somebody tidied the zone by hand and deleted the SRV record of a live server.")
        case .formerEdge:
            changeRecord(name, "A") { $0.content = EstateDraft.formerEdge }
            plant(
                number, .publicAWrong, record: name, heldBy: heldBy,
                "The edge moved last month; this A record stayed on the former address.")
        case .duplicate:
            addRecord(name: name, type: "A", content: EstateDraft.formerEdge)
            plant(
                number, .publicADuplicate, record: name, heldBy: heldBy,
                "The edge move added the new A record and left the old one: every other player reaches nothing.")
        case .proxied:
            changeRecord(name, "A") {
                $0.isProxied = true
                $0.ttl = 1
            }
            plant(
                number, .publicAWrong, record: name, heldBy: heldBy,
                "Somebody turned the orange cloud on: game traffic does not pass an HTTP proxy.")
        case .srvPort:
            changeRecord(srvName, "SRV") { record in
                let port = (record.srv?.port ?? 25565) + 1
                record.srv?.port = port
                record.content = "0 \(port) \(name)"
            }
            plant(
                number, .publicSRVWrong, record: srvName, heldBy: heldBy,
                "The SRV record names a port on which nothing listens.")
        case .foreignName:
            removeRecord(name, "A")
            addRecord(name: name, type: "CNAME", content: "customer.example.org", ttl: 300)
            plant(
                number, .publicAMissing, record: name, heldBy: heldBy ?? .foreignRecord,
                "A CNAME of somebody else stands where our A record should be; it is not ours to remove.")
        case .agentDead:
            estate.agents[row.vmid]?.isListening = false
            plant(number, .agentUnreachable, heldBy: heldBy, "The agent's own process died; the container runs on.")
        case .workloadCrashed:
            estate.agents[row.vmid] = Agent(
                state: "error", isReady: false, isProcessRunning: false, crashCount: 4, lastExitCode: 137)
            plant(
                number, .agentCrashed, heldBy: heldBy,
                "The game ran out of memory four times in a row, and the agent gave up restarting it.")
        case .backendLost:
            estate.proxy.unregister(row.hostname)
            plant(
                number, .velocityMissing, heldBy: heldBy,
                "The proxy forgot the server: nobody can join it through the edge.")
        case .backendMoved:
            estate.proxy.register(row.hostname, "127.70.251.9")
            plant(
                number, .velocityWrongAddress, heldBy: heldBy,
                "The container got a new address; the proxy sends players to the old one.")
        case .backendFullName:
            estate.proxy.register(name, row.address ?? "")
            plant(
                number, .velocityGhost, heldBy: heldBy,
                "Registered under the full name as well; nobody will ever unregister that.")
        case .stopped:
            estate.cluster.change(row.vmid) { $0.isRunning = false }
            plant(number, .containerStopped, heldBy: heldBy, "The container stopped; nobody asked it to.")
        case .missing:
            estate.cluster.remove(row.vmid)
            plant(number, .containerMissing, heldBy: heldBy, "A row without a container: it is gone from the cluster.")
        case .reused:
            estate.cluster.change(row.vmid) { $0.name = "mc-lobby-\(number + 400)" }
            plant(
                number, .containerIdentityMismatch, heldBy: heldBy,
                "The VMID was handed out again: another server runs under it now.")
        case .moved:
            let others = estate.cluster.nodes.map(\.name).filter { $0 != row.node }
            let target = seed.pick(others) ?? row.node ?? ""
            estate.cluster.change(row.vmid) { $0.node = target }
            if !others.isEmpty {
                plant(
                    number, .containerNodeChanged, heldBy: heldBy,
                    "The guest was migrated to \(target); the row still names \(row.node ?? "no node").")
            }
        }
    }
}
