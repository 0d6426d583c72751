extension PipelineSettings {
    /// Whether a record of the internal zone is ours by what it says itself: it has our mark, or a name of ours and the value that we
    /// give to it. Whether a row stands for it is another question.
    package func ownsInternal(_ record: DNSRecord) -> Bool {
        if Ownership.vmid(inMark: record.comment, id: id) != nil { return true }
        guard let zone, let dns = internalDNS, let relative = DNSName.relative(record.name, to: zone) else {
            return false
        }
        func isOurs(_ host: String) -> Bool { scope.vmid(inName: host, games: Set(Games.defaultPorts.keys)) != nil }
        switch record.data {
        case .a(let address): return isOurs(relative) && (address == dns.edge || dns.formerEdges.contains(address))
        case .srv(let data):
            guard let host = ZoneHost.host(ofService: relative) else { return false }
            return isOurs(host) && data.target == "\(host).\(zone)"
        default: return false
        }
    }
}
