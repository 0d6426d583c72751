/// The parts of a report in the order in which a person needs them: the same in every format.
package struct ReportOutline {
    package struct Group {
        package var name: String
        package var meaning: String
        package var decisions: [Decision]
    }

    /// What is unknown for one and the same reason.
    package struct UnknownGroup {
        package var plane: Plane
        package var reason: Unknown
        package var words: String
        /// `5001-5003, 5007`, or the queues, or how many there are of what has neither VMID nor name. A queue's name may come from
        /// outside.
        package var what: String
    }

    package struct NotEvaluatedGroup {
        package var why: String
        package var kinds: [DriftKind]
    }

    /// First what needs a person; accepted drifts last.
    package let groups: [Group]
    package let unknown: [UnknownGroup]
    package let notEvaluated: [NotEvaluatedGroup]
    /// What to run to answer the plan; nil when nothing waits for an answer.
    package let answer: String?

    package init(_ report: Report) {
        var groups = [Verdict.manual, .approvalRequired, .held, .repair, .report].map { verdict in
            Group(
                name: Words.name(verdict), meaning: Words.verdict(verdict),
                decisions: report.decisions.filter { $0.verdict == verdict && $0.accepted == nil })
        }
        groups.append(
            Group(
                name: Words.acceptedName, meaning: Words.acceptedMeaning,
                decisions: report.decisions.filter { $0.accepted != nil }))
        self.groups = groups.filter { !$0.decisions.isEmpty }

        let waits = report.decisions.contains { $0.isUnanswered && $0.approval?.wantsAnswer == true }
        answer = waits ? Words.approve(report.planHash) : nil

        struct Key: Hashable {
            var plane: Plane
            var reason: Unknown
        }
        unknown = Dictionary(grouping: report.unknown) { Key(plane: $0.plane, reason: $0.reason) }
            .sorted { ($0.key.plane, $0.key.reason.rawValue) < ($1.key.plane, $1.key.reason.rawValue) }
            .map { key, facts in
                let (vmids, queues) = (facts.compactMap(\.vmid), facts.compactMap(\.queue).sorted())
                let others = facts.count - vmids.count - queues.count
                let parts = [
                    vmids.isEmpty ? nil : VMIDList.text(vmids),
                    queues.isEmpty
                        ? nil : (queues.count == 1 ? "queue " : "queues ") + queues.joined(separator: ", "),
                    others > 0 ? Words.count(others, Words.thing(on: key.plane)) : nil,
                ]
                return UnknownGroup(
                    plane: key.plane, reason: key.reason, words: Words.unknown(key.reason),
                    what: parts.compactMap { $0 }.joined(separator: " and "))
            }
        notEvaluated = Dictionary(grouping: report.notEvaluated, by: \.why).sorted { $0.key < $1.key }
            .map { NotEvaluatedGroup(why: $0.key, kinds: $0.value.map(\.kind)) }
    }
}
