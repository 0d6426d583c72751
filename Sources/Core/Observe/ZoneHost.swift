/// All that a zone has of one host: where its records lie among the zone's, and, for the usual shape, what they say.
package struct ZoneHost: Equatable, Sendable {
    /// The name without the zone; of a name that is not below the zone the whole, with a dot that no label ends with.
    package let label: String
    package let key: HostKey
    /// At `label.zone`.
    package let address: Range<Int>
    /// At `_minecraft._tcp.label.zone`.
    package let service: Range<Int>
    /// Nil when the records have to be looked at one by one.
    package let plain: Plain?

    /// One address record and nothing else at the name, and at the service's name nothing, or one SRV record that leads to the
    /// host itself. None of them proxied or disabled.
    package struct Plain: Equatable, Sendable {
        package let address: String
        /// Nil without an SRV record.
        package let port: Int?
    }

    /// What stands before a host's name in the name of its service.
    package static let service = "_minecraft._tcp."

    /// The host that a relative name is the service of; nil when it is none.
    static func host(ofService relative: String) -> String? {
        let (name, prefix) = (relative.utf8, service.utf8)
        guard name.first == 95, name.starts(with: prefix) else { return nil }
        return String(name.dropFirst(prefix.count))
    }

    init(
        label: String, key: HostKey, address: Range<Int>, service: Range<Int>, of records: [DNSRecord], zone: String
    ) {
        self.label = label
        self.key = key
        self.address = address
        self.service = service
        plain = ZoneHost.plain(label, records[address], records[service], zone: zone)
    }

    private static func plain(
        _ label: String, _ addresses: ArraySlice<DNSRecord>, _ services: ArraySlice<DNSRecord>, zone: String
    ) -> Plain? {
        guard addresses.count == 1, services.count <= 1, let record = addresses.first, record.isPlain,
            case .a(let address) = record.data
        else { return nil }
        guard let service = services.first else { return Plain(address: address, port: nil) }
        guard service.isPlain, case .srv(let data) = service.data, data.priority == 0, data.weight == 0,
            // The record's own name is the service's, so this is `label.zone`.
            data.target == record.name
        else { return nil }
        return Plain(address: address, port: data.port)
    }
}

extension DNSRecord {
    fileprivate var isPlain: Bool { !isProxied && !isDisabled }
}

/// Where a record belongs in a zone: by its host's key, then whether it is the host's service.
struct ZonePlace {
    let key: HostKey
    let label: String
    let isService: Bool

    init(_ name: String, zone: String) {
        let relative = DNSName.relative(name, to: zone)
        let host = relative.flatMap(ZoneHost.host(ofService:))
        isService = host != nil
        label = host ?? relative ?? name + "."
        key = HostKey(label)
    }

    func isOfSameHost(as other: ZonePlace) -> Bool { key == other.key }

    static func precedes(_ a: ZonePlace, _ b: ZonePlace) -> Bool {
        if a.key != b.key { return a.key < b.key }
        return !a.isService && b.isService
    }
}
