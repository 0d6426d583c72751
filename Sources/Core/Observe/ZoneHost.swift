/// All that a zone has of one host: where its records lie among the zone's, and, for the usual shape, what they say.
///
/// A zone has one for each host, and every plan walks all of them: so it is numbers, and a key that is short.
package struct ZoneHost: Equatable, Sendable {
    /// Of the name without the zone; of a name that is not below the zone of the whole, with a dot that no label ends with.
    package let key: HostKey
    private let start, middle, end: Int32
    /// Nil when the records have to be looked at one by one.
    package let plain: Plain?

    /// At the host's name.
    package var address: Range<Int> { Int(start)..<Int(middle) }
    /// At `_minecraft._tcp.` before the host's name.
    package var service: Range<Int> { Int(middle)..<Int(end) }

    /// One address record and nothing else at the name, and at the service's name nothing, or one SRV record that leads to the
    /// host itself. None of them proxied or disabled.
    package struct Plain: Equatable, Sendable {
        /// IPv4.
        package let address: UInt32
        /// ``noService`` without an SRV record.
        package let port: Int32

        package static let noService: Int32 = -1
    }

    /// Whether all that is here is of the usual shape, at a name that a server may have.
    var isPlain: Bool { plain != nil && key.stem.utf8.first != 95 }

    /// What stands before a host's name in the name of its service.
    package static let service = "_minecraft._tcp."

    /// The host that a relative name is the service of; nil when it is none.
    static func host(ofService relative: String) -> String? { part(ofService: relative[...]).map(String.init) }

    static func part(ofService relative: Substring) -> Substring? {
        let (name, prefix) = (relative.utf8, service.utf8)
        guard name.first == 95, name.starts(with: prefix) else { return nil }
        return relative[name.index(name.startIndex, offsetBy: prefix.count)...]
    }

    init(key: HostKey, address: Range<Int>, service: Range<Int>, of records: [DNSRecord]) {
        self.key = key
        (start, middle, end) = (Int32(address.lowerBound), Int32(service.lowerBound), Int32(service.upperBound))
        plain = ZoneHost.plain(records[address], records[service])
    }

    private static func plain(_ addresses: ArraySlice<DNSRecord>, _ services: ArraySlice<DNSRecord>) -> Plain? {
        guard addresses.count == 1, services.count <= 1, let record = addresses.first, record.isPlain,
            case .a(let text) = record.data, let address = DNSName.ipv4(text)
        else { return nil }
        guard let service = services.first else { return Plain(address: address, port: Plain.noService) }
        guard service.isPlain, case .srv(let data) = service.data, data.priority == 0, data.weight == 0,
            // The record's own name is the service's, so this is `label.zone`.
            data.target == record.name, let port = UInt16(exactly: data.port)
        else { return nil }
        return Plain(address: address, port: Int32(port))
    }
}

extension DNSRecord {
    fileprivate var isPlain: Bool { !isProxied && !isDisabled }
}

/// Where a record belongs in a zone: by its host's key, then whether it is the host's service.
struct ZonePlace {
    let key: HostKey
    let isService: Bool

    init(_ name: String, zone: String) {
        guard let relative = DNSName.part(of: name, below: zone) else {
            isService = false
            key = HostKey(name + ".")
            return
        }
        let host = ZoneHost.part(ofService: relative)
        isService = host != nil
        key = HostKey(host ?? relative)
    }

    func isOfSameHost(as other: ZonePlace) -> Bool { key == other.key }

    static func precedes(_ a: ZonePlace, _ b: ZonePlace) -> Bool {
        if a.key != b.key { return a.key < b.key }
        return !a.isService && b.isService
    }
}
