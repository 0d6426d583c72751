/// Which one record should stand at a name, and what follows from what stands there.
///
/// The same rule finds the drift, decides what would be done, looks again right before the act, and says afterwards whether it is
/// done: the four cannot disagree.
package struct RecordRule: Equatable, Sendable {
    package let plane: Plane
    /// Canonical and full.
    package let name: String
    package let wanted: DNSRecord.Data
    package let ttl: Int
    /// The comment of a record that is ours: `zlh-controller/<id> <vmid>`.
    package let mark: String
    /// Addresses that once were the edge: an unmarked record at one of them is ours.
    package let formerEdges: [String]

    package init(
        plane: Plane, name: String, wanted: DNSRecord.Data, ttl: Int, mark: String, formerEdges: [String]
    ) {
        self.plane = plane
        self.name = name
        self.wanted = wanted
        self.ttl = ttl
        self.mark = mark
        self.formerEdges = formerEdges
    }

    /// What stands at the name, held against the rule.
    package enum Finding: Equatable, Sendable {
        case right(DNSRecord)
        case missing
        case wrong(DNSRecord)
        case duplicate([DNSRecord])
        /// A record of the wanted type that makes no sense: nothing can be concluded.
        case unreadable
    }

    package struct Judgement: Equatable, Sendable {
        package var finding: Finding
        /// What stands against any change here: something at the name is not ours.
        package var foreign: String?
        /// What would be done; nil where nothing is to be done or something foreign stands against it.
        package var deed: RecordChange.Deed?
    }

    /// - Parameter here: all records at the name, of whatever type.
    package func judge(_ here: some Sequence<DNSRecord>) -> Judgement {
        // In one order, whatever the order of the listing: the same records are the same finding.
        let here = here.filter { $0.name == name }.sorted { $0.id < $1.id }
        if here.contains(where: isUnreadable) { return Judgement(finding: .unreadable) }
        let found = here.filter(draft.canReplace)
        let blockers = here.filter(blocks).map(\.data.description).sorted()
        let blocked = blockers.isEmpty ? nil : "\(blockers.joined(separator: ", ")) stands at this name and is not ours"
        switch found.count {
        case 0: return Judgement(finding: .missing, foreign: blocked, deed: blocked == nil ? .create : nil)
        case 1:
            let record = found[0]
            if isRight(record) { return Judgement(finding: .right(record)) }
            let foreign =
                ownership(of: record) == .foreign ? "its comment is not ours: \(record.comment ?? "")" : blocked
            return Judgement(
                finding: .wrong(record), foreign: foreign, deed: foreign == nil ? .correct(record) : nil)
        default:
            var judgement = Judgement(finding: .duplicate(found), foreign: blocked)
            switch surplus(of: found) {
            case .failure(let foreign): judgement.foreign = blocked ?? foreign.why
            case .success(let deed): judgement.deed = blocked == nil ? deed : nil
            }
            return judgement
        }
    }

    private struct Foreign: Error { var why: String }

    /// Surplus records go only while a right one remains, and only those that are marked or point at a former edge.
    private func surplus(of found: [DNSRecord]) -> Result<RecordChange.Deed, Foreign> {
        if let foreign = found.first(where: { ownership(of: $0) == .foreign }) {
            return .failure(
                Foreign(why: "the comment of \(foreign.data) is not ours: \(foreign.comment ?? "")"))
        }
        let right = found.filter(isRight)
        // The marked one stays, if there is one: it is known to be ours.
        guard let keep = right.first(where: { ownership(of: $0) == .ours }) ?? right.first else {
            return .failure(Foreign(why: "none of them is right, so none is removed"))
        }
        var removals: [DNSRecord] = []
        for record in found where record.id != keep.id {
            guard isOurSurplus(record) else {
                return .failure(
                    Foreign(why: "\(record.data) is not marked as ours and points at no former edge"))
            }
            removals.append(record)
        }
        return .success(.removeSurplus(removals, keeping: keep))
    }

    private func isOurSurplus(_ record: DNSRecord) -> Bool {
        switch ownership(of: record) {
        case .ours: true
        case .foreign: false
        case .unmarked: if case .a(let address) = record.data { formerEdges.contains(address) } else { false }
        }
    }

    package func ownership(of record: DNSRecord) -> Ownership { Ownership(comment: record.comment, mark: mark) }

    /// The TTL is not compared: a TTL alone is never drift.
    package func isRight(_ record: DNSRecord) -> Bool {
        record.name == name && record.data == wanted && !record.isProxied && !record.isDisabled
    }

    private func isUnreadable(_ record: DNSRecord) -> Bool {
        if case .unreadable(let type) = record.data { type == self.type } else { false }
    }

    private func blocks(_ record: DNSRecord) -> Bool {
        switch record.data {
        case .cname, .aaaa: true
        // A name that is delegated elsewhere has no other records, and Technitium's own types answer in place of what else
        // stands there.
        case .other(let type): ["NS", "ANAME", "APP"].contains(type)
        default: false
        }
    }

    /// "A" or "SRV".
    package var type: String { String(wanted.description.prefix { $0 != " " }) }

    /// What a write puts there.
    package var draft: RecordDraft { RecordDraft(name: name, data: wanted, ttl: ttl, comment: mark) }
}
