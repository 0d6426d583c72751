/// The metrics of a daemon, as text. The names are an API: `docs/telemetry.md` lists them, and a test holds the two
/// together. All of them are there from the begin, at zero.
package enum Metrics {
    /// The two say the same. A counter's family is named without `_total` in the one and with it in the other.
    package enum Format: Sendable {
        /// OpenMetrics 1.0, which whoever scrapes asks for.
        case openMetrics
        /// The older text format 0.0.4, for all others.
        case prometheus

        package var contentType: String {
            switch self {
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            }
        }

        /// The better one of those that an `Accept` header names.
        package static func wanted(by accept: String?) -> Format {
            accept?.contains("application/openmetrics-text") == true ? .openMetrics : .prometheus
        }
    }

    package struct Family: Sendable {
        package var name: String
        /// `counter` or `gauge`.
        package var type: String
        package var help: String
        /// The name of its samples: what is written in a query.
        package var sampleName: String { type == "counter" ? "\(name)_total" : name }
        var samples: @Sendable (DaemonStatus) -> [Sample]
    }

    struct Sample: Sendable {
        var labels: [(String, String)]
        var value: String

        init(_ value: Int, _ labels: [(String, String)] = []) { (self.labels, self.value) = (labels, String(value)) }
        init(at moment: Timestamp?) {
            labels = []
            value = moment.map { seconds(Span(microseconds: $0.microseconds)) } ?? "0"
        }
        init(_ span: Span) { (labels, value) = ([], seconds(span)) }
    }

    package static func text(_ status: DaemonStatus, as format: Format = .openMetrics) -> String {
        var text = ""
        for family in families {
            let name = format == .openMetrics ? family.name : family.sampleName
            text += "# TYPE \(name) \(family.type)\n# HELP \(name) \(family.help)\n"
            for sample in family.samples(status) {
                let labels = sample.labels.map { "\($0)=\"\($1)\"" }.joined(separator: ",")
                text += "\(family.sampleName)\(labels.isEmpty ? "" : "{\(labels)}") \(sample.value)\n"
            }
        }
        return format == .openMetrics ? text + "# EOF\n" : text
    }

    package static let families: [Family] = [
        Family(name: "zlh_rounds", type: "counter", help: "Rounds that ended.") { [Sample($0.rounds)] },
        Family(name: "zlh_rounds_failed", type: "counter", help: "Rounds without a desired state.") {
            [Sample($0.failedRounds)]
        },
        Family(name: "zlh_rounds_given_up", type: "counter", help: "Rounds that were given up for a change.") {
            [Sample($0.givenUp)]
        },
        Family(
            name: "zlh_rounds_torn", type: "counter",
            help: "Rounds in whose middle a clock was set forward, and that do not count."
        ) {
            [Sample($0.tornRounds)]
        },
        Family(name: "zlh_round_duration_seconds", type: "gauge", help: "How long the last round took.") {
            [Sample($0.lastTook)]
        },
        Family(name: "zlh_last_round_timestamp_seconds", type: "gauge", help: "When the last round ended.") {
            [Sample(at: $0.lastEndedAt)]
        },
        Family(
            name: "zlh_last_complete_round_timestamp_seconds", type: "gauge",
            help: "When a round last saw everything: the dead man's switch."
        ) { [Sample(at: $0.lastCompleteAt)] },
        Family(name: "zlh_leading", type: "gauge", help: "1 while this process leads.") {
            [Sample($0.tenure.epoch == nil ? 0 : 1)]
        },
        Family(name: "zlh_acting", type: "gauge", help: "1 while this process may carry out repairs.") { status in
            if case .acting = status.tenure, status.mode == .repair { [Sample(1)] } else { [Sample(0)] }
        },
        Family(name: "zlh_epoch", type: "gauge", help: "The epoch under which this process leads; 0 while it does not.")
        {
            [Sample(Int($0.tenure.epoch ?? 0))]
        },
        Family(
            name: "zlh_standby_differs", type: "gauge",
            help:
                "1 while another controller leads that works with other policies, in another mode or with another scope."
        ) {
            [Sample($0.difference == nil ? 0 : 1)]
        },
        Family(
            name: "zlh_differing_takeovers", type: "counter",
            help:
                "Times that this process took over from one with other policies, in another mode or with another scope."
        ) {
            [Sample($0.differingTakeovers)]
        },
        Family(
            name: "zlh_rival", type: "gauge",
            help: "1 while another controller leads by a lock that this process does not share."
        ) {
            [Sample($0.hasRival ? 1 : 0)]
        },
        Family(
            name: "zlh_listening", type: "gauge",
            help: "1 while the database tells this process at once what changes; changes wait for a cycle otherwise."
        ) {
            [Sample($0.isListening ? 1 : 0)]
        },
        Family(name: "zlh_plane_complete", type: "gauge", help: "1 when the last round saw the whole plane.") {
            status in
            Plane.allCases.filter { !status.unconfigured.contains($0) }.map { plane in
                let coverage = status.coverage.first { $0.plane == plane }
                return Sample(coverage?.status == .complete ? 1 : 0, [("plane", plane.rawValue)])
            }
        },
        Family(name: "zlh_instances", type: "gauge", help: "Instances by what the last round says of them.") { status in
            let summary = status.report?.summary
            return [
                ("in_sync", summary?.inSync), ("drifted", summary?.drifted), ("unknown", summary?.unknown),
                ("suppressed", summary?.suppressed), ("excluded", summary?.excluded),
            ].map { Sample($0.1 ?? 0, [("state", $0.0)]) }
        },
        Family(name: "zlh_drifts", type: "gauge", help: "Drifts of the last round by kind and verdict.") { status in
            var counts: [[String]: Int] = [:]
            for decision in status.report?.decisions ?? [] {
                counts[[decision.drift.kind.rawValue, decision.verdict.rawValue], default: 0] += 1
            }
            return DriftKind.allCases.flatMap { kind in
                let verdicts = Verdict.allCases.map(\.rawValue).filter { counts[[kind.rawValue, $0]] != nil }
                return (verdicts.isEmpty ? [kind.usualVerdict.rawValue] : verdicts).map { verdict in
                    Sample(counts[[kind.rawValue, verdict]] ?? 0, [("kind", kind.rawValue), ("verdict", verdict)])
                }
            }
        },
        Family(name: "zlh_held", type: "gauge", help: "Drifts of the last round that a guard holds, by guard.") {
            status in
            var counts: [Reason: Int] = [:]
            for decision in status.report?.decisions ?? []
            where decision.verdict == .held && decision.accepted == nil {
                counts[decision.reason, default: 0] += 1
            }
            return Reason.allCases.filter(\.isGuard).map {
                Sample(counts[$0] ?? 0, [("reason", $0.rawValue)])
            }
        },
        Family(
            name: "zlh_waiting_for_answer", type: "gauge",
            help: "Drifts of the last round that an operator's approval would have repaired here, by what holds them."
        ) { status in
            var counts: [Reason: Int] = [:]
            for decision in status.report?.decisions ?? [] where decision.isUnanswered && decision.execution.isEnabled {
                // Whoever has answered this very plan is not asked again.
                if decision.approval?.wantsAnswer == false { continue }
                let isBraked = decision.reason == .massChange
                if !isBraked || !decision.isSettling {
                    counts[isBraked ? .massChange : .approvalMissing, default: 0] += 1
                }
            }
            return [Reason.massChange, .approvalMissing].map { Sample(counts[$0] ?? 0, [("reason", $0.rawValue)]) }
        },
        Family(
            name: "zlh_pending", type: "gauge",
            help: "Drifts of the last round that may be repaired and wait, by what for."
        ) { status in
            var counts: [Pending: Int] = [:]
            for decision in status.report?.decisions ?? []
            where decision.verdict == .repair && decision.accepted == nil {
                for pending in decision.pending { counts[pending, default: 0] += 1 }
            }
            return Pending.allCases.map { Sample(counts[$0] ?? 0, [("reason", $0.rawValue)]) }
        },
        Family(name: "zlh_repairs", type: "counter", help: "Attempts at repairs by action and how they ended.") {
            status in
            status.repaired.sorted { $0.key < $1.key }.map {
                Sample($0.value, [("action", $0.key.action.rawValue), ("outcome", $0.key.outcome)])
            }
        },
        Family(
            name: "zlh_repairs_put_off", type: "counter",
            help: "Repairs that did not begin, since something had changed and was looked at first."
        ) {
            [Sample($0.putOff)]
        },
        Family(name: "zlh_journal_entries", type: "counter", help: "Changes written to repair_event.") {
            [Sample($0.journaled)]
        },
        Family(name: "zlh_failures", type: "counter", help: "Times that the ledger could not be read or written.") {
            [Sample($0.failures)]
        },
        Family(name: "zlh_webhook_up", type: "gauge", help: "1 while the webhook takes messages.") { status in
            status.sinks.sorted { $0.key < $1.key }.map {
                Sample($0.value.trouble == nil ? 1 : 0, [("webhook", quoted($0.key))])
            }
        },
        Family(name: "zlh_webhook_pending", type: "gauge", help: "Incidents that the webhook is still to be told of.") {
            status in
            status.sinks.sorted { $0.key < $1.key }.map { Sample($0.value.pending, [("webhook", quoted($0.key))]) }
        },
        Family(name: "zlh_messages", type: "counter", help: "Requests to webhooks by how they ended.") { status in
            status.sinks.sorted { $0.key < $1.key }.flatMap { name, sink in
                SinkStatus.Outcome.allCases.map { outcome in
                    Sample(
                        sink.outcomes[outcome] ?? 0, [("webhook", quoted(name)), ("outcome", outcome.rawValue)])
                }
            }
        },
    ]
}

/// A name that an operator chose, as the value of a label.
private func quoted(_ name: String) -> String {
    String(Foreign.text(name, limit: 80).flatMap { $0 == "\\" || $0 == "\"" ? ["\\", $0] : [$0] })
}

/// Seconds with as many digits as there are.
private func seconds(_ span: Span) -> String {
    let (whole, rest) = (span.microseconds / 1_000_000, span.microseconds % 1_000_000)
    if rest == 0 { return String(whole) }
    let digits = String(rest)
    return "\(whole)." + String(repeating: "0", count: 6 - digits.utf8.count) + digits
}

extension DriftKind {
    /// What a kind is called when nothing special is known.
    fileprivate var usualVerdict: Verdict {
        switch level {
        case .report: .report
        case .automatic: .repair
        case .disruptive, .destructive: .manual
        }
    }
}
