package import Core
private import Foundation

/// A change of the edge as the ledger keeps it: everything that a later process needs to look at what became of it.
package struct EdgeChangeForm: Codable {
    struct Record: Codable {
        var id: String
        var name: String
        var a: String?
        var srv: Service?
        var ttl: Int
        var comment: String?
        var proxied: Bool?
        var disabled: Bool?
    }

    struct Service: Codable {
        var priority, weight, port: Int
        var target: String
    }

    struct Backend: Codable {
        var name, address: String
        var port: Int
    }

    /// What is wanted at a name, with whose mark.
    struct Rule: Codable {
        var plane: String
        var record: Record
        var formerEdges: [String]
        /// `create`, `correct` or `remove_surplus`.
        var deed: String
        /// What is corrected, or what is surplus.
        var found: [Record]
        var keeping: Record?
    }

    var rule: Rule?
    var backend: Backend?
    var before: [Backend]?
}

extension EdgeChangeForm {
    package init(_ change: EdgeChange) {
        switch change {
        case .backend(let change):
            backend = Backend(change.wanted)
            before = change.before.map(Backend.init)
        case .record(let change):
            let draft = change.rule.draft
            let wanted = DNSRecord(
                id: "", name: draft.name, data: draft.data, ttl: draft.ttl, comment: draft.comment)
            var rule = Rule(
                plane: change.rule.plane.rawValue, record: Record(wanted), formerEdges: change.rule.formerEdges,
                deed: "create", found: [])
            switch change.deed {
            case .create: break
            case .correct(let record): (rule.deed, rule.found) = ("correct", [Record(record)])
            case .removeSurplus(let records, let keep):
                (rule.deed, rule.found, rule.keeping) = ("remove_surplus", records.map(Record.init), Record(keep))
            }
            self.rule = rule
        }
    }

    /// Nil when a later version wrote something that this one does not know.
    var change: EdgeChange? {
        if let backend, let before {
            return .backend(BackendChange(wanted: backend.value, before: before.map(\.value)))
        }
        guard let rule, let plane = Plane(rawValue: rule.plane), let wanted = rule.record.value,
            let mark = wanted.comment
        else { return nil }
        let found = rule.found.compactMap(\.value)
        guard found.count == rule.found.count, let deed = rule.deed(found) else { return nil }
        return .record(
            RecordChange(
                RecordRule(
                    plane: plane, name: wanted.name, wanted: wanted.data, ttl: wanted.ttl, mark: mark,
                    formerEdges: rule.formerEdges), deed: deed))
    }

    package var json: String {
        get throws(PostgresError) {
            do {
                return String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
            } catch {
                throw PostgresError(.protocol, "a change could not be written as JSON", cause: "\(error)")
            }
        }
    }

    /// Nil when it is none.
    package static func read(_ json: String) -> EdgeChange? {
        // Foundation's decoder lets pass what is no JSON, where nobody asks for it.
        guard JSONGrammar.accepts(Array(json.utf8)) else { return nil }
        do {
            return try JSONDecoder().decode(EdgeChangeForm.self, from: Data(json.utf8)).change
        } catch {
            return nil
        }
    }
}

extension EdgeChangeForm.Rule {
    fileprivate func deed(_ found: [DNSRecord]) -> RecordChange.Deed? {
        switch deed {
        case "create": .create
        case "correct": found.first.map { .correct($0) }
        case "remove_surplus": keeping?.value.map { .removeSurplus(found, keeping: $0) }
        default: nil
        }
    }
}

extension EdgeChangeForm.Record {
    fileprivate init(_ record: DNSRecord) {
        self.init(
            id: record.id, name: record.name, ttl: record.ttl, comment: record.comment,
            proxied: record.isProxied ? true : nil, disabled: record.isDisabled ? true : nil)
        switch record.data {
        case .a(let address): a = address
        case .srv(let data):
            srv = EdgeChangeForm.Service(
                priority: data.priority, weight: data.weight, port: data.port, target: data.target)
        // No change is made of other types.
        case .aaaa, .cname, .other, .unreadable: break
        }
    }

    fileprivate var value: DNSRecord? {
        let data: DNSRecord.Data
        if let a {
            data = .a(a)
        } else if let srv {
            data = .srv(SRV(priority: srv.priority, weight: srv.weight, port: srv.port, target: srv.target))
        } else {
            return nil
        }
        return DNSRecord(
            id: id, name: name, data: data, ttl: ttl, comment: comment, isProxied: proxied ?? false,
            isDisabled: disabled ?? false)
    }
}

extension EdgeChangeForm.Backend {
    fileprivate init(_ backend: VelocityReading.Backend) {
        self.init(name: backend.name, address: backend.address, port: backend.port)
    }

    fileprivate var value: VelocityReading.Backend {
        VelocityReading.Backend(name: name, address: address, port: port)
    }
}
