/// Whether this installation can have decided on a change that was read from the ledger.
///
/// The ledger is a table that others with the same password may write as well, and what an interrupted attempt takes back is made of
/// it alone. So it is held against what no table says: our mark, our zone, our edges, and the names that `scope` gives to the VMID.
/// It may have been decided under an earlier configuration: a former edge, another port and another TTL are nothing strange.
extension EdgeGrounds {
    /// Why it cannot, for a person; nil when it can.
    package func doubt(settings: PipelineSettings) -> String? {
        switch change {
        case .record(let change): change.doubt(of: key.vmid, settings)
        case .backend(let change): settings.scope.doubt(that: change.wanted.name, names: key.vmid)
        }
    }
}

extension RecordChange {
    fileprivate func doubt(of vmid: VMID, _ settings: PipelineSettings) -> String? {
        guard rule.mark == Ownership.mark(id: settings.id, vmid: vmid) else {
            return "its mark is not that of this installation for VMID \(vmid)"
        }
        guard rule.plane == .publicDNS || rule.plane == .internalDNS else {
            return "\(rule.plane.rawValue) has no records"
        }
        // Of a zone that is not configured nothing is read, and nothing is written to it.
        guard let zone = settings.zone, let dns = settings.dns(rule.plane) else { return nil }
        let host: String
        switch rule.wanted {
        case .a(let address):
            guard address == dns.edge || dns.formerEdges.contains(address) else {
                return "\(address) is not the edge and was none"
            }
            host = rule.name
        case .srv(let service):
            host = service.target
            guard rule.name == EdgeWish.serviceName(of: host), service.priority == 0, service.weight == 0 else {
                return "\(service) is no service record of ours at \(rule.name)"
            }
        default: return "it publishes neither an address nor a service"
        }
        guard let label = DNSName.relative(host, to: zone) else { return "'\(host)' is not below \(zone)" }
        if let why = settings.scope.doubt(that: label, names: vmid) { return why }
        // What is corrected, or is surplus, follows from what was found; a foreign record is neither.
        return RecordChange(rule, judging: found) == self ? nil : "what it changes does not follow from what it found"
    }

    /// What stood there when it was decided.
    private var found: [DNSRecord] {
        switch deed {
        case .create: []
        case .correct(let record): [record]
        case .removeSurplus(let records, let keep): records + [keep]
        }
    }
}

extension Scope {
    /// Only games have an edge of their own. Which game it was is not asked: the row may be gone.
    fileprivate func doubt(that name: String, names vmid: VMID) -> String? {
        let isOurs =
            DNSName.isHostLabel(name) && contains(vmid, .game)
            && game?.hostnames.contains { $0.mayGive(name, to: vmid) } == true
        return isOurs ? nil : "scope gives '\(name)' to no game server with VMID \(vmid)"
    }
}
