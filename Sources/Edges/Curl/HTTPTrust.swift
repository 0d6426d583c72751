/// Whom a client believes to be the server. One rule for each client, so that a kept connection always obeys it.
package struct HTTPTrust: Equatable, Sendable {
    package enum Rule: Equatable, Sendable {
        /// A chain to an authority of the system, and the host's name in the certificate.
        case system
        /// A chain to an authority of this PEM file and to no other, and the host's name in the certificate.
        case authority(file: String)
        /// Exactly this certificate; its name, dates and issuer do not matter.
        case certificate(CertificateFingerprint)
        /// Anybody. For a laboratory.
        case anyone
    }

    package var rule: Rule

    package init(_ rule: Rule) { self.rule = rule }

    package static let system = HTTPTrust(.system)

    /// The configuration's three keys: a fingerprint is the narrowest and decides alone, then a file, then `verify`.
    package init(verify: Bool, ca: String?, fingerprint: CertificateFingerprint?) {
        if let fingerprint {
            rule = .certificate(fingerprint)
        } else if !verify {
            rule = .anyone
        } else if let ca {
            rule = .authority(file: ca)
        } else {
            rule = .system
        }
    }
}

/// The SHA-256 of a certificate's DER form, as Proxmox shows it: `AA:BB:…`, 32 bytes.
package struct CertificateFingerprint: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Reads 64 hexadecimal digits in either case, in pairs with colons between or without any.
    package init?(_ text: some StringProtocol) {
        let pairs = text.split(separator: ":", omittingEmptySubsequences: false)
        let digits = Array(text.utf8.filter { $0 != 58 })
        guard digits.count == 64, pairs.count == 1 || (pairs.count == 32 && pairs.allSatisfy { $0.utf8.count == 2 })
        else { return nil }
        var bytes: [UInt8] = []
        for position in stride(from: 0, to: 64, by: 2) {
            guard let high = CertificateFingerprint.digit(digits[position]),
                let low = CertificateFingerprint.digit(digits[position + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }

    package var description: String {
        bytes.map { byte in
            let hex = String(byte, radix: 16, uppercase: true)
            return hex.utf8.count == 1 ? "0" + hex : hex
        }.joined(separator: ":")
    }
}
