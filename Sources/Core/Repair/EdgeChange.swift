/// One record or one backend that is to be made right, in place. Nothing here can take away what is right or what is not ours.
package enum EdgeChange: Equatable, Sendable {
    case record(RecordChange)
    case backend(BackendChange)

    package var plane: Plane {
        switch self {
        case .record(let change): change.rule.plane
        case .backend: .velocity
        }
    }

    /// The name of the record or of the backend.
    package var name: String {
        switch self {
        case .record(let change): change.rule.name
        case .backend(let change): change.wanted.name
        }
    }

    /// What should stand there, as the ledger's view `drift_past` puts it together from what was written down.
    var wantedParts: [String] {
        switch self {
        case .record(let change):
            switch change.rule.wanted {
            case .a(let address): [address]
            case .srv(let data): [String(data.priority), String(data.weight), String(data.port), data.target]
            // No change is made of other types.
            case .aaaa, .cname, .other, .unreadable: []
            }
        case .backend(let change): [change.wanted.address, String(change.wanted.port)]
        }
    }

    /// The order in which a server is published: internal A and SRV, public A and SRV, the proxy last. An address stands
    /// before what points at it, and players come in only when all of it stands.
    package var rank: Int {
        switch self {
        case .record(let change):
            (change.rule.plane == .internalDNS ? 0 : 2) + (change.rule.type == "A" ? 0 : 1)
        case .backend: 4
        }
    }
}

/// One name of one zone, and what is done about it.
package struct RecordChange: Equatable, Sendable {
    package enum Deed: Equatable, Sendable {
        /// Nothing of its type stands there.
        case create
        /// Exactly this one stands there, and stays: its values are corrected.
        case correct(DNSRecord)
        /// The right one stays; the others are marked as ours or point at a former edge.
        case removeSurplus([DNSRecord], keeping: DNSRecord)
    }

    package let rule: RecordRule
    package let deed: Deed

    /// - Returns: nil when the rule finds nothing to do at the name, or something foreign stands there.
    package init?(_ rule: RecordRule, judging here: some Sequence<DNSRecord>) {
        guard let deed = rule.judge(here).deed else { return nil }
        self.rule = rule
        self.deed = deed
    }

    /// As it was written down before its act.
    package init(_ rule: RecordRule, deed: Deed) {
        self.rule = rule
        self.deed = deed
    }

    /// What is sent, one after the other.
    package var writes: [EdgeWrite] {
        switch deed {
        case .create: [.create(rule.plane, rule.draft)]
        case .correct(let record): [.correct(rule.plane, record, rule.draft)]
        case .removeSurplus(let records, _): records.map { .remove(Removal(rule.plane, $0)) }
        }
    }
}

/// One backend of the proxy.
package struct BackendChange: Equatable, Sendable {
    package let wanted: VelocityReading.Backend
    /// What the proxy knew under the name when it was judged; empty when nothing.
    package let before: [VelocityReading.Backend]

    package init(wanted: VelocityReading.Backend, before: [VelocityReading.Backend]) {
        self.wanted = wanted
        self.before = before
    }
}

/// One record of ours that goes: surplus beside a right one, or what we ourselves made a moment ago. Only this file makes one.
package struct Removal: Equatable, Sendable {
    package let plane: Plane
    /// With its exact value: whoever removes it compares first.
    package let record: DNSRecord

    fileprivate init(_ plane: Plane, _ record: DNSRecord) {
        self.plane = plane
        self.record = record
    }
}

/// One request that changes something outside.
package enum EdgeWrite: Equatable, Sendable {
    case create(Plane, RecordDraft)
    /// In place: the record keeps its id. Compared with its exact value first.
    case correct(Plane, DNSRecord, RecordDraft)
    case remove(Removal)
    /// Compared with what the proxy knew under the name when it was judged first.
    case register(VelocityReading.Backend, replacing: [VelocityReading.Backend])
    /// Takes back what this attempt registered.
    case withdraw(VelocityReading.Backend)

    package var plane: Plane {
        switch self {
        case .create(let plane, _), .correct(let plane, _, _): plane
        case .remove(let removal): removal.plane
        case .register, .withdraw: .velocity
        }
    }

    /// What is about to be sent, for a person.
    package var told: String {
        switch self {
        case .create(_, let draft): "create \(draft.data)"
        case .correct(_, let record, let draft): "correct \(record.data) to \(draft.data)"
        case .remove(let removal): "remove \(removal.record.data), id \(removal.record.id)"
        case .register(let backend, _): "register \(backend)"
        case .withdraw(let backend): "withdraw \(backend)"
        }
    }
}

extension EdgeChange {
    /// Whether it leaves anything behind that could be taken back.
    package var canBeUndone: Bool {
        if case .record(let change) = self, case .removeSurplus = change.deed { false } else { true }
    }

    /// Takes back what an attempt of ours left behind, and nothing else: by id where it is known, and only with exactly the
    /// value that we wrote.
    ///
    /// - Parameter id: of the record that the service said it made.
    /// - Returns: nil when nothing of ours stands there.
    package func undoing(_ sight: EdgeSight, id: String?) -> EdgeWrite? {
        switch (self, sight) {
        case (.record(let change), .records(let here)):
            let ours = here.filter { change.rule.draft.isExactly($0) }
            switch change.deed {
            case .create:
                guard let record = ours.first(where: { id == nil || $0.id == id }) else { return nil }
                return .remove(Removal(change.rule.plane, record))
            case .correct(let before):
                let id = change.rule.plane == .publicDNS ? before.id : nil
                guard let record = ours.first(where: { id == nil || $0.id == id }),
                    !RecordDraft(before).isExactly(record)
                else { return nil }
                let beside = here.filter { $0 != record && change.rule.draft.canReplace($0) }
                // Somebody has put back what stood there: no service takes it twice, and what is ours is all that is too much.
                if beside.contains(where: { $0.data == before.data }) {
                    return .remove(Removal(change.rule.plane, record))
                }
                // One RRset has one TTL there, and what stands beside it keeps its own.
                let ttl = change.rule.plane == .internalDNS ? beside.first?.ttl : nil
                return .correct(change.rule.plane, record, RecordDraft(before, ttl: ttl))
            // The right record stands as it stood; the surplus was not what made the server reachable.
            case .removeSurplus: return nil
            }
        case (.backend(let change), .backends(let here)):
            return here == [change.wanted] ? .withdraw(change.wanted) : nil
        default: return nil
        }
    }

    /// What is about to be done, for a person.
    package var told: String {
        switch self {
        case .record(let change):
            switch change.deed {
            case .create: "create \(change.rule.wanted)"
            case .correct(let record): "correct \(record.data) to \(change.rule.wanted)"
            case .removeSurplus(let records, _):
                "remove surplus " + records.map(\.data.description).sorted().joined(separator: ", ")
            }
        case .backend(let change):
            "register \(change.wanted)"
                + (change.before.isEmpty
                    ? "" : " in place of " + change.before.map(\.description).joined(separator: ", "))
        }
    }

    /// Whether what stands there is what should.
    package func isDone(_ sight: EdgeSight) -> Bool {
        switch (self, sight) {
        case (.record(let change), .records(let here)):
            if case .right = change.rule.judge(here).finding { true } else { false }
        case (.backend(let change), .backends(let here)): here == [change.wanted]
        default: false
        }
    }

    /// Whether what stands there is what an attempt of ours put there. Right without our mark is somebody else's doing, and
    /// where surplus went what is right stood there before. A proxy's entry has no mark, and counts as ours.
    package func isOurs(_ sight: EdgeSight) -> Bool {
        guard case (.record(let change), .records(let here)) = (self, sight) else { return true }
        if case .removeSurplus = change.deed { return true }
        return here.contains(where: change.rule.draft.isExactly)
    }

    /// Whether what stands there still is what the change was decided on.
    package func isAsJudged(_ sight: EdgeSight) -> Bool {
        switch (self, sight) {
        case (.record(let change), .records(let here)): RecordChange(change.rule, judging: here) == change
        case (.backend(let change), .backends(let here)): here == change.before
        default: false
        }
    }

    /// What would have to be sent now.
    package func remaining(_ sight: EdgeSight) -> [EdgeWrite] {
        guard case (.record(let change), .records(let here)) = (self, sight) else { return [] }
        return RecordChange(change.rule, judging: here)?.writes ?? []
    }

    package var writes: [EdgeWrite] {
        switch self {
        case .record(let change): change.writes
        case .backend(let change): [.register(change.wanted, replacing: change.before)]
        }
    }
}
