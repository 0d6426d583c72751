package import Core

extension Estate {
    private static var endpoint: String { "http://world" }

    /// What stands at the change's name, read of that one name and judged as a listing of the whole zone is.
    package func look(at change: EdgeChange, faults: EdgeFaults = .none, at now: Timestamp? = nil) -> EdgeSight {
        look(at: change.name, change.plane, faults, at: now ?? drawnAt)
    }

    /// Does one write, as the service does it for a client that looks right before and then sends one request.
    ///
    /// - Returns: what that client hears; with a fault that need not be what was done.
    package mutating func apply(
        _ write: EdgeWrite, faults: EdgeFaults = .none, at now: Timestamp
    ) -> WriteAnswer {
        if let answer = preceding(write, faults, at: now) { return answer }
        guard let fault = faults.write, fault.hits(write) else { return done(write, at: now) }
        if fault.isDone { _ = done(write, at: now) }
        return fault.isTold ? .refused(fault.rawValue) : .unknown(fault.rawValue)
    }

    /// The look right before a write alone.
    ///
    /// - Returns: why the request is not sent; nil when it is.
    package func objection(to write: EdgeWrite, at now: Timestamp) -> WriteAnswer? { preceding(write, .none, at: now) }

    /// The request of a client that has looked before, whenever that was.
    package mutating func land(_ write: EdgeWrite, at now: Timestamp) -> WriteAnswer { done(write, at: now) }

    private func look(at name: String, _ plane: Plane, _ faults: EdgeFaults, at now: Timestamp) -> EdgeSight {
        switch plane {
        case .publicDNS: publicSight(of: name, faults.cloudflare, at: now)
        case .internalDNS: internalSight(of: name, faults.technitium, at: now)
        case .velocity: proxySight(of: name, faults.velocity, at: now)
        default: .unreadable("nothing is written to \(plane.rawValue)")
        }
    }

    // MARK: Looking

    private func publicSight(of name: String, _ faults: Set<CloudflareFault>, at now: Timestamp) -> EdgeSight {
        let whole: PlaneFact<Zone>
        switch zoneReading(endpoint: Estate.endpoint, faults: faults, name: name, at: now) {
        case .failure(let failure): return .unreadable(failure.detail)
        case .success(let reading): whole = Zone.judge(reading, zone: zone.name, plane: .publicDNS)
        }
        guard let listed = whole.value else { return .unreadable(whole.unreadDetail) }
        let here = listed.records.filter { $0.name == name }
        guard here.isEmpty else { return .records(here) }
        // Nothing at a name is believed only of a zone that shows something of itself.
        let first = PublicZone.page(1, of: zone.listed(faults, at: now), perPage: 1, faults: faults).records.first
        guard let first, first.name == zone.name || DNSName.isBelow(first.name, zone.name) else {
            return .unreadable("the zone shows no record of its own")
        }
        return .records([])
    }

    private func internalSight(of name: String, _ faults: Set<TechnitiumFault>, at now: Timestamp) -> EdgeSight {
        switch internalReading(endpoint: Estate.endpoint, faults: faults, at: now) {
        case .failure(let failure): return .unreadable(failure.detail)
        case .success(var reading):
            // The name, and the apex: that the zone is whole shows there.
            reading.records.removeAll { $0.name != name && $0.name != internalZone.name }
            let fact = Zone.judge(reading, zone: internalZone.name)
            guard let zone = fact.value else { return .unreadable(fact.unreadDetail) }
            return .records(zone.records.filter { $0.name == name })
        }
    }

    private func proxySight(of name: String, _ faults: Set<VelocityFault>, at now: Timestamp) -> EdgeSight {
        switch velocityReading(endpoint: Estate.endpoint, faults: faults, at: now) {
        case .failure(let failure): return .unreadable(failure.detail)
        case .success(let reading):
            let fact = ProxyList.judge(reading)
            guard let list = fact.value else { return .unreadable(fact.unreadDetail) }
            let here = Array(list.backends(named: name))
            // A name is there once: an entry that cannot be read is none of a name that another one has.
            if let doubt = list.doubt, here.isEmpty { return .unreadable(doubt) }
            return .backends(here)
        }
    }

    // MARK: The look right before

    /// Nil when the request is to be sent.
    private func preceding(_ write: EdgeWrite, _ faults: EdgeFaults, at now: Timestamp) -> WriteAnswer? {
        switch write {
        case .create(let plane, let draft):
            guard DNSName.isBelow(draft.name, plane == .publicDNS ? zone.name : internalZone.name) else {
                return .refused("the name is not in the zone")
            }
            switch look(at: draft.name, plane, faults, at: now) {
            case .records(let here):
                let rule = RecordRule(
                    plane: plane, name: draft.name, wanted: draft.data, ttl: draft.ttl, mark: draft.comment ?? "",
                    formerEdges: [])
                return rule.judge(here).deed == .create ? nil : .moved("something stands at the name")
            case .backends, .unreadable: return .refused("the name could not be read before")
            }
        case .correct(let plane, let record, let draft):
            guard record.name == draft.name, record.data.isOfSameType(as: draft.data) else {
                return .refused("a record keeps its name and type")
            }
            return compare(record, plane, faults, ttl: draft.ttl, at: now)
        case .remove(let removal): return compare(removal.record, removal.plane, faults, ttl: nil, at: now)
        case .register(let backend, let before):
            switch look(at: backend.name, .velocity, faults, at: now) {
            case .backends([backend]): return .moved("it is registered so already")
            case .backends(before): return nil
            case .backends: return .moved("it is not as it was")
            case .records, .unreadable: return .refused("the proxy could not be read before")
            }
        case .withdraw(let backend):
            switch look(at: backend.name, .velocity, faults, at: now) {
            case .backends([backend]): return nil
            case .backends: return .moved("it is not registered so")
            case .records, .unreadable: return .refused("the proxy could not be read before")
            }
        }
    }

    private func compare(
        _ record: DNSRecord, _ plane: Plane, _ faults: EdgeFaults, ttl: Int?, at now: Timestamp
    ) -> WriteAnswer? {
        if plane == .publicDNS {
            // By its id, which no fault of a listing touches.
            if let failure = cloudflareFailure(endpoint: Estate.endpoint, faults: faults.cloudflare, at: now) {
                return .refused(failure.detail)
            }
            let found = zone.records.first { $0.id == record.id }?.decoded
            return found == record ? nil : .moved("it is not as it was")
        }
        switch look(at: record.name, plane, faults, at: now) {
        case .records(let here):
            guard here.contains(record) else { return .moved("it is not as it was") }
            // One RRset has one TTL: a correction would change that of the others.
            let others = here.filter { $0.id != record.id && $0.data.isOfSameType(as: record.data) }
            guard let ttl, others.contains(where: { $0.ttl != ttl }) else { return nil }
            return .moved("another record of its type stands beside it")
        case .backends, .unreadable: return .refused("the name could not be read before")
        }
    }

    // MARK: Doing

    private mutating func done(_ write: EdgeWrite, at now: Timestamp) -> WriteAnswer {
        do throws(ZoneRefusal) {
            switch write {
            case .create(.publicDNS, let draft):
                let id = unusedRecordID()
                let blank = ZoneRecord(id: id, name: draft.name, type: "", content: "", createdAt: now)
                guard let record = blank.filled(draft, at: now) else {
                    return .refused("of a type that is not written")
                }
                try zone.create(record)
                return .done(id: id, note: "created")
            case .correct(.publicDNS, let old, let draft):
                guard let stored = zone.records.first(where: { $0.id == old.id }) else { throw .noRecord }
                guard let record = stored.filled(draft, at: now) else {
                    return .refused("of a type that is not written")
                }
                try zone.correct(record)
                return .done(id: old.id, note: "corrected")
            case .remove(let removal) where removal.plane == .publicDNS:
                try zone.delete(id: removal.record.id)
                return .done(id: removal.record.id, note: "removed")
            case .create(_, let draft):
                guard let record = InternalRecord(draft, at: now), !draft.isDisabled else {
                    return .refused("of a type that is not written")
                }
                try internalZone.add(record, overwrite: false)
                return .done(id: nil, note: "created")
            case .correct(_, let old, let draft):
                guard var record = InternalRecord(draft, at: now), let value = InternalRecord.Data(old.data) else {
                    return .refused("of a type that is not written")
                }
                // Not ours to change, and reset when it is left out.
                record.expiryTTL =
                    internalZone.records(at: old.name).first { $0.data.isSame(as: value) }?.expiryTTL ?? 0
                try internalZone.update(old.name, value, to: record)
                return .done(id: nil, note: "corrected")
            case .remove(let removal):
                guard let value = InternalRecord.Data(removal.record.data) else {
                    return .refused("of a type that is not written")
                }
                try internalZone.delete(removal.record.name, value)
                return .done(id: nil, note: "removed")
            case .register(let backend, _):
                guard DNSName.isHostLabel(backend.name), DNSName.ipv4(backend.address) != nil,
                    (1...65_535).contains(backend.port)
                else { return .refused("400") }
                proxy.register(backend.name, backend.address, port: backend.port)
                return .done(id: nil, note: "registered")
            case .withdraw(let backend):
                return proxy.unregister(backend.name)
                    ? .done(id: nil, note: "withdrawn") : .moved("404: it is not registered")
            }
        } catch {
            return error.answer
        }
    }

    /// The same for the same history of the zone, and never one that a record had.
    private func unusedRecordID() -> String {
        let known = Set(zone.records.map(\.id) + zone.removed.map(\.id))
        var seed = Seed(UInt64(known.count) ^ UInt64(bitPattern: drawnAt.microseconds))
        var id = seed.hex(32)
        while known.contains(id) { id = seed.hex(32) }
        return id
    }
}

extension InternalRecord {
    init?(_ draft: RecordDraft, at now: Timestamp) {
        guard let data = Data(draft.data) else { return nil }
        if case .a(let address) = data, DNSName.ipv4(address) == nil { return nil }
        self.init(
            name: draft.name, data: data, ttl: draft.ttl, comment: draft.comment.flatMap { $0.isEmpty ? nil : $0 },
            isDisabled: draft.isDisabled, modifiedAt: now)
    }
}

extension DNSRecord.Data {
    fileprivate func isOfSameType(as other: DNSRecord.Data) -> Bool {
        switch (self, other) {
        case (.a, .a), (.srv, .srv): true
        default: false
        }
    }
}

extension WriteFault {
    fileprivate func hits(_ write: EdgeWrite) -> Bool {
        guard planes.contains(write.plane) else { return false }
        // A quota stands against new records alone.
        if self == .overQuota { return if case .create = write { true } else { false } }
        return true
    }
}

extension PlaneFact {
    fileprivate var unreadDetail: String {
        switch self {
        case .failed(_, let detail, _): detail
        case .notConfigured: "not configured"
        case .read: ""
        }
    }
}
