import Core

/// A range of IPv4 addresses in CIDR notation.
package struct IPv4Network: Hashable, Sendable {
    package let base: UInt32
    /// How many leading bits are the network's.
    package let prefix: Int

    package var mask: UInt32 { prefix == 0 ? 0 : ~UInt32(0) << UInt32(32 - prefix) }

    /// Whether a dotted address lies in it. What is no IPv4 address does not.
    package func contains(_ address: some StringProtocol) -> Bool {
        DNSName.ipv4(address).map { $0 & mask == base } ?? false
    }
}

extension IPv4Network: CustomStringConvertible {
    package var description: String { "\(IPv4Network.dotted(base))/\(prefix)" }

    static func dotted(_ address: UInt32) -> String {
        "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
    }
}

extension Field {
    func ipv4() -> String? {
        guard let text = text("an IPv4 address such as 203.0.113.10") else { return nil }
        guard DNSName.ipv4(text) != nil else {
            problem("`\(shown(text))` is not an IPv4 address; write four numbers from 0 to 255, without leading zeros")
            return nil
        }
        return text
    }

    func ipv4Network() -> IPv4Network? {
        guard let text = text("a network such as 10.70.0.0/16") else { return nil }
        let pieces = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard pieces.count == 2, let address = DNSName.ipv4(pieces[0]), pieces[1].utf8.count <= 2,
            pieces[1].utf8.allSatisfy({ (48...57).contains($0) }), let prefix = Int(pieces[1]), prefix <= 32
        else {
            problem("`\(shown(text))` is not an IPv4 network; write it as 10.70.0.0/16")
            return nil
        }
        guard prefix > 0 else {
            problem("`\(shown(text))` is every address there is; name the network of the guests")
            return nil
        }
        let network = IPv4Network(
            base: address & IPv4Network(base: 0, prefix: prefix).mask, prefix: prefix)
        guard network.base == address else {
            problem("`\(shown(text))` has bits set behind its prefix; did you mean \(network)?")
            return nil
        }
        return network
    }

    func zone() -> String? {
        guard let text = text("a DNS zone such as example.net") else { return nil }
        let name = DNSName.canonical(text)
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.utf8.count <= 253, labels.allSatisfy({ DNSName.isHostLabel($0) }), DNSName.ipv4(name) == nil else {
            problem("`\(shown(text))` is not a DNS zone; write it as example.net")
            return nil
        }
        return name
    }
}
