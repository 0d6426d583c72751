/// How one instance came out of a round: the one word that the summary counts it under.
package struct InstanceStanding: Equatable, Sendable {
    package enum Word: String, CaseIterable, Sendable {
        case inSync = "in_sync"
        case drifted
        case unknown
        case suppressed
        case excluded
    }

    /// Nil for a row whose VMID cannot be read.
    package var vmid: VMID?
    package var hostname: String?
    package var word: Word

    package init(vmid: VMID?, hostname: String?, word: Word) {
        self.vmid = vmid
        self.hostname = hostname
        self.word = word
    }

    /// One for each row, by VMID; an instance counts once: drifted before unknown, unknown before suppressed.
    static func list(findings: Findings, expectation: Expectation) -> [InstanceStanding] {
        var list = zip(expectation.desired.instances, expectation.standings).enumerated().map { index, pair in
            let (row, standing) = pair
            let word = word(standing, at: index, in: findings)
            return InstanceStanding(vmid: row.vmid, hostname: row.hostname, word: word)
        }
        // A row that cannot be understood is an instance all the same: one about which nothing is known.
        for row in expectation.desired.unreadable where row.table == .instance {
            list.append(InstanceStanding(vmid: row.vmid, hostname: row.hostname, word: .unknown))
        }
        return list.sorted { a, b in
            let (left, right) = (a.vmid?.number ?? .max, b.vmid?.number ?? .max)
            if left != right { return left < right }
            if a.hostname != b.hostname { return (a.hostname ?? "") < (b.hostname ?? "") }
            return a.word.rawValue < b.word.rawValue
        }
    }
    static func word(_ standing: Standing, at index: Int, in findings: Findings) -> Word {
        if standing == .excluded { return .excluded }
        if findings.hasDrift[index] { return .drifted }
        if findings.hasUnknown[index] { return .unknown }
        if case .suppressed = standing { return .suppressed }
        return .inSync
    }
}
