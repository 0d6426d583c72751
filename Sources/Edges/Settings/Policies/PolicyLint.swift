package import Core

/// What `policy check` has to tell.
package struct PolicyLint: Sendable {
    /// All that is wrong; empty when the policies can be used.
    package var problems: [SettingsProblem]
    package var omitted: Int
    /// Nil when there is a problem: policies are used as a whole or not at all.
    package var policies: PolicySet?
    /// Those that could be read, in the order in which they are asked.
    package var loaded: [LoadedPolicy]
    package var files: [String]

    private let code: ConfigurationError.Code

    /// The problems as an error.
    package var error: ConfigurationError { ConfigurationError(code: code, problems: problems, omitted: omitted) }
}

extension PolicyLint {
    init(_ reader: PolicyReader, files: [String]) {
        problems = reader.problems.found.inReadingOrder
        omitted = reader.problems.omitted
        loaded = reader.policies
        self.files = files.map { shown($0, limit: 200) }
        code = .invalid
        policies =
            problems.isEmpty
            ? PolicySet(
                policies: reader.policies.map(\.policy), brakes: reader.brakes, windows: reader.windows,
                notifications: reader.notifications) : nil
    }

    init(error: ConfigurationError) {
        problems = error.problems
        omitted = error.omitted
        loaded = []
        files = []
        code = error.code
        policies = nil
    }

    /// The kinds that no policy decides.
    package var undecided: [DriftKind] {
        DriftKind.allCases.filter { kind in !loaded.contains { $0.kinds.contains(kind) } }
    }
}

extension PolicyLint: CustomStringConvertible {
    /// For a person: the problems if there are any, else what each policy decides.
    package var description: String {
        guard problems.isEmpty else { return error.description }
        var lines: [String] = []
        for loaded in loaded {
            let policy = loaded.policy
            lines.append("\(policy.name) (\(loaded.file):\(loaded.line))")
            lines.append(
                "  level \(policy.level.rawValue), \(policy.level.meaning)"
                    + (policy.action.map { ": \($0.rawValue)" } ?? ""))
            lines.append("  decides " + loaded.kinds.map(\.rawValue).joined(separator: ", "))
            if !loaded.passesOver.isEmpty {
                let kinds = loaded.passesOver.map { "\($0.rawValue) (level \($0.level.rawValue))" }
                lines.append("  leaves out " + kinds.joined(separator: ", "))
            }
            if policy.level != .report {
                lines.append(
                    "  after \(policy.after.looks) looks and \(policy.after.for.text); \(policy.retry.attempts)"
                        + " attempts, \(policy.retry.backoff.text) to \(policy.retry.max.text) apart")
            }
            if !policy.except.isEmpty {
                lines.append("  except " + policy.except.sorted().map(\.description).joined(separator: ", "))
            }
        }
        if !undecided.isEmpty {
            lines.append("no policy, reported only")
            lines.append("  " + undecided.map(\.rawValue).joined(separator: ", "))
        }
        return lines.joined(separator: "\n")
    }
}

extension Level {
    fileprivate var meaning: String {
        switch self {
        case .report: "reported"
        case .automatic: "automatic"
        case .disruptive: "asks an operator"
        case .destructive: "a person does it"
        }
    }
}
