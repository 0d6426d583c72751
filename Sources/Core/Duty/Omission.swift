/// Why this process would not carry out what is right to do, whatever anybody answers.
package enum Omission: String, CaseIterable, Hashable, Sendable {
    /// The mode is dry-run.
    case dryRun = "dry_run"
    /// The scoped go-live has not come to its kind.
    case kinds
    /// The scoped go-live has not come to its server.
    case vmids

    var execution: Execution { self == .dryRun ? .dryRun : .notEnabled }
}

extension Execution {
    /// Whether mode and scope let it be carried out, once this process acts. Of an audit nobody knows.
    var isEnabled: Bool {
        switch self {
        case .executable, .notLeader, .audit: true
        case .dryRun, .notEnabled: false
        }
    }
}
