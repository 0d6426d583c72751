/// The same six kinds and the orphan, once for each DNS plane.
package struct DNSKinds: Sendable {
    package let aMissing, aWrong, aDuplicate, srvMissing, srvWrong, srvDuplicate, orphan: DriftKind

    package static let `public` = DNSKinds(
        aMissing: .publicAMissing, aWrong: .publicAWrong, aDuplicate: .publicADuplicate, srvMissing: .publicSRVMissing,
        srvWrong: .publicSRVWrong, srvDuplicate: .publicSRVDuplicate, orphan: .publicOrphan)

    package static let `internal` = DNSKinds(
        aMissing: .internalAMissing, aWrong: .internalAWrong, aDuplicate: .internalADuplicate,
        srvMissing: .internalSRVMissing, srvWrong: .internalSRVWrong, srvDuplicate: .internalSRVDuplicate,
        orphan: .internalOrphan)

    package static func of(_ plane: Plane) -> DNSKinds { plane == .internalDNS ? .internal : .public }

    package var records: [DriftKind] { [aMissing, aWrong, aDuplicate, srvMissing, srvWrong, srvDuplicate] }
}

extension PipelineSettings {
    package func dns(_ plane: Plane) -> DNS? {
        switch plane {
        case .publicDNS: publicDNS
        case .internalDNS: internalDNS
        default: nil
        }
    }
}
