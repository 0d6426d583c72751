import Core
import World

/// One host of ours on three services, with strangers all around it.
struct Scenery: Sendable {
    static let host = "mc-new-5990"
    static let zone = "example.net"
    static let name = "\(host).\(zone)"
    static let service = "_minecraft._tcp.\(name)"
    static let mark = "zlh-controller/demo-1 5990"
    static let formerEdge = "198.51.100.7"
    /// All that may change.
    static let names: Set<String> = [host, name, service]

    static let backend = VelocityReading.Backend(name: host, address: "10.0.0.90", port: 25565)

    static func rule(_ plane: Plane, isService: Bool = false) -> RecordRule {
        RecordRule(
            plane: plane, name: isService ? service : name,
            wanted: isService
                ? .srv(SRV(priority: 0, weight: 0, port: 25565, target: name))
                : .a(plane == .publicDNS ? "203.0.113.10" : "10.60.0.10"),
            ttl: 60, mark: mark, formerEdges: [formerEdge])
    }

    /// The demonstration's estate, and names that a careless comparison takes for ours.
    static var estate: Estate {
        var estate = Estate.demo()
        for (number, name) in ["mc-new-599.\(zone)", "x\(name)", "a.\(name)"].enumerated() {
            add(to: &estate, .publicDNS, name, .a("192.0.2.\(number + 1)"), comment: "ours, hands off")
            add(to: &estate, .internalDNS, name, .a("192.0.2.\(number + 1)"), comment: nil)
        }
        estate.proxy.register("mc-new-599", "10.0.0.1")
        estate.proxy.register(name, "10.0.0.2")
        return estate
    }

    static func add(
        to estate: inout Estate, _ plane: Plane, _ name: String, _ data: DNSRecord.Data, ttl: Int = 60,
        comment: String? = nil, isProxied: Bool = false, isDisabled: Bool = false, expiryTTL: Int = 0
    ) {
        let (type, content, srv): (String, String, SRV?) =
            switch data {
            case .a(let address): ("A", address, nil)
            case .cname(let target): ("CNAME", target, nil)
            case .srv(let srv): ("SRV", "", srv)
            default: ("TXT", "v=anything", nil)
            }
        guard plane == .publicDNS else {
            let value: InternalRecord.Data =
                switch data {
                case .a(let address): .a(address)
                case .cname(let target): .cname(target)
                case .srv(let srv): .srv(srv)
                default: .txt("v=anything")
                }
            estate.internalZone.add(
                InternalRecord(
                    name: name, data: value, ttl: ttl, comment: comment, isDisabled: isDisabled,
                    modifiedAt: estate.drawnAt, expiryTTL: expiryTTL))
            return
        }
        var seed = Seed(UInt64(estate.zone.records.count + 7_000))
        estate.zone.add(
            ZoneRecord(
                id: seed.hex(32), name: name, type: type, content: content, srv: srv, ttl: ttl, comment: comment,
                isProxied: isProxied, createdAt: estate.drawnAt))
    }
}

/// The kinds of write, each with a scene in which it is the right thing to do.
enum Verb: String, CaseIterable, Sendable {
    case create, correct, remove, register, withdraw

    static let all: [(Plane, Verb)] = [
        (.publicDNS, .create), (.publicDNS, .correct), (.publicDNS, .remove), (.internalDNS, .create),
        (.internalDNS, .correct), (.internalDNS, .remove), (.velocity, .register), (.velocity, .withdraw),
    ]

    func prepare(_ estate: inout Estate, _ plane: Plane) {
        let rule = Scenery.rule(plane)
        switch self {
        case .create: break
        // Without any comment, and beside a text of somebody else.
        case .correct:
            Scenery.add(to: &estate, plane, rule.name, .a("192.0.2.77"))
            Scenery.add(to: &estate, plane, rule.name, .other(type: "TXT"))
        case .remove:
            Scenery.add(to: &estate, plane, rule.name, rule.wanted, comment: rule.mark)
            Scenery.add(to: &estate, plane, rule.name, .a(Scenery.formerEdge))
        case .register: estate.proxy.register(Scenery.host, "10.0.0.33")
        case .withdraw: estate.proxy.register(Scenery.host, Scenery.backend.address)
        }
    }

    /// What follows from what is seen.
    func write(_ plane: Plane, seeing sight: EdgeSight) -> EdgeWrite? {
        switch (self, sight) {
        case (.register, .backends(let here)): .register(Scenery.backend, replacing: here)
        case (.withdraw, _): .withdraw(Scenery.backend)
        case (_, .records(let here)): RecordChange(Scenery.rule(plane), judging: here)?.writes.first
        default: nil
        }
    }

    func change(_ plane: Plane) -> EdgeChange {
        switch self {
        case .register, .withdraw: .backend(BackendChange(wanted: Scenery.backend, before: []))
        case .create, .correct, .remove: .record(RecordChange(Scenery.rule(plane), deed: .create))
        }
    }
}
