/// How much of each plane a round saw, in the order of the report.
enum CoverageList {
    static func make(findings: Findings, facts: Facts, settings: PipelineSettings) -> [Coverage] {
        Plane.allCases.map { plane in
            guard settings.isConfigured(plane) else {
                return Coverage(plane: plane, status: .notConfigured, observedAt: nil, detail: nil)
            }
            switch plane {
            case .database: return database(findings, facts)
            case .proxmox:
                return coverage(plane, facts.inventory, partial: findings.partial[plane]) {
                    ($0.observedAt, $0.detail, $0.doubt?.detail)
                }
            case .publicDNS, .internalDNS:
                return coverage(plane, facts.zone(plane), partial: findings.partial[plane]) {
                    (
                        $0.observedAt, $0.detail,
                        $0.isDoubtful ? "the zone holds no record at all, which is not believed" : nil
                    )
                }
            case .agents: return coverage(plane, facts.agents, partial: findings.partial[plane], \.told)
            case .velocity: return coverage(plane, facts.proxy, partial: findings.partial[plane], \.told)
            case .queues:
                return coverage(plane, facts.queues, partial: findings.partial[plane]) {
                    ($0.observedAt, $0.detail, $0.problem)
                }
            }
        }
    }

    private static func database(_ findings: Findings, _ facts: Facts) -> Coverage {
        let desired = facts.desired
        var detail = "\(desired.instances.count) instances, \(desired.operations.count) operations"
        var problems: [String] = []
        let unreadable = desired.unreadable
        if !unreadable.isEmpty {
            let examples = unreadable.prefix(3).map { row in
                "\(row.table.rawValue)\(row.vmid.map { " \($0)" } ?? ""): \(row.why)"
            }
            let rows = unreadable.count == 1 ? "1 row" : "\(unreadable.count) rows"
            problems.append("\(rows) could not be understood (\(examples.joined(separator: "; ")))")
        }
        if let partial = findings.partial[.database] { problems.append(partial) }
        if let failure = facts.unconfirmedRows {
            problems.append("the rows could not be read again: \(failure.code.rawValue)")
        }
        if !problems.isEmpty { detail += "; " + problems.joined(separator: "; ") }
        return Coverage(
            plane: .database, status: problems.isEmpty ? .complete : .partial, observedAt: desired.readAt,
            detail: detail)
    }

    private static func coverage<Value>(
        _ plane: Plane, _ looks: Looks<Value>, partial: String?,
        _ describe: (Value) -> (at: Timestamp, detail: String, doubt: String?)
    ) -> Coverage {
        switch looks.latest {
        case .notConfigured:
            return Coverage(plane: plane, status: .failed, observedAt: nil, detail: "it was not read")
        case .failed(let reason, let detail, let at):
            return Coverage(plane: plane, status: .failed, observedAt: at, detail: "\(reason.rawValue): \(detail)")
        case .read(let value):
            let (at, detail, doubt) = describe(value)
            var problems = [doubt, partial].compactMap { $0 }
            if let failure = looks.unconfirmed {
                problems.append("the second look failed, so absences are not believed: \(failure.detail)")
            }
            return Coverage(
                plane: plane, status: problems.isEmpty ? .complete : .partial, observedAt: at,
                detail: ([detail] + problems).joined(separator: "; "))
        }
    }
}

extension Agents {
    fileprivate var told: (at: Timestamp, detail: String, doubt: String?) { (observedAt, detail, doubt) }
}

extension ProxyList {
    fileprivate var told: (at: Timestamp, detail: String, doubt: String?) { (observedAt, detail, doubt) }
}
