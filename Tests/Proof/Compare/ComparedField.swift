package import Core

/// Everything about a server that is held against what should be, plane by plane.
package enum ComparedField: String, CaseIterable, Sendable {
    case guestNumber, guestName, guestKind, guestNode, guestPower, guestTemplate
    case publicAName, publicAType, publicAContent, publicAProxied
    case publicSRVName, publicSRVPriority, publicSRVWeight, publicSRVPort, publicSRVTarget
    case internalAName, internalAType, internalAContent, internalADisabled
    case internalSRVName, internalSRVPriority, internalSRVWeight, internalSRVPort, internalSRVTarget
    case backendName, backendAddress, backendPort
    case agentState
    case operationJob

    /// What is found when this field alone really differs.
    package var drift: DriftKind {
        switch self {
        case .guestNumber: .containerMissing
        case .guestName, .guestKind, .guestTemplate: .containerIdentityMismatch
        case .guestNode: .containerNodeChanged
        case .guestPower: .containerStopped
        case .publicAName, .publicAType: .publicAMissing
        case .publicAContent, .publicAProxied: .publicAWrong
        case .publicSRVName: .publicSRVMissing
        case .publicSRVPriority, .publicSRVWeight, .publicSRVPort, .publicSRVTarget: .publicSRVWrong
        case .internalAName, .internalAType: .internalAMissing
        case .internalAContent, .internalADisabled: .internalAWrong
        case .internalSRVName: .internalSRVMissing
        case .internalSRVPriority, .internalSRVWeight, .internalSRVPort, .internalSRVTarget: .internalSRVWrong
        case .backendName: .velocityMissing
        case .backendAddress, .backendPort: .velocityWrongAddress
        case .agentState: .agentCrashed
        case .operationJob: .operationStale
        }
    }
}
