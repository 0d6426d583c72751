/// The report as the contract's JSON, schema version 1.
package enum ReportJSON {
    package static func encode(_ report: Report) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("schema", Report.schema)
            json.key("generated_at", report.generatedAt.description)
            json.key("mode", report.mode)
            json.key("complete", report.isComplete)
            if let filter = report.filter { json.key("filter") { self.filter(filter, &$0) } }
            json.key("coverage") { coverage(report.coverage, &$0) }
            json.key("summary") { summary(report.summary, &$0) }
            json.key("drifts") { json in
                json.array { json in
                    for decision in report.decisions { json.element { drift(decision, &$0) } }
                }
            }
            json.key("unknown") { json in
                json.array { json in
                    for fact in report.unknown {
                        json.element { json in
                            json.object { json in
                                json.key("vmid", fact.vmid.map { Int($0.number) })
                                json.key("plane", fact.plane.rawValue)
                                json.key("reason", fact.reason.rawValue)
                                if let queue = fact.queue { json.key("queue", queue) }
                            }
                        }
                    }
                }
            }
            json.key("not_evaluated") { json in
                json.array { json in
                    for entry in report.notEvaluated {
                        json.element { json in
                            json.object { json in
                                json.key("kind", entry.kind.rawValue)
                                json.key("why", entry.why)
                            }
                        }
                    }
                }
            }
            json.key("plan_hash", report.planHash)
        }
        return json.bytes + [10]
    }

    /// Only there when the report is a part of one.
    private static func filter(_ filter: ReportFilter, _ json: inout JSONWriter) {
        json.object { json in
            json.key("vmid", filter.vmid.map { Int($0.number) })
            json.key("kind", filter.kind?.text)
            json.key("min_level", filter.minLevel?.rawValue)
        }
    }

    private static func coverage(_ list: [Coverage], _ json: inout JSONWriter) {
        json.array { json in
            for entry in list {
                json.element { json in
                    json.object { json in
                        json.key("plane", entry.plane.rawValue)
                        json.key("status", entry.status.rawValue)
                        json.key("observed_at", entry.observedAt?.description)
                        json.key("detail", entry.detail)
                    }
                }
            }
        }
    }

    private static func summary(_ summary: Summary, _ json: inout JSONWriter) {
        json.object { json in
            json.key("instances", summary.instances)
            json.key("in_sync", summary.inSync)
            json.key("drifted", summary.drifted)
            json.key("unknown", summary.unknown)
            json.key("suppressed", summary.suppressed)
            json.key("excluded", summary.excluded)
            json.key("drifts", summary.drifts)
            json.key("by_level") { json in
                json.object { json in
                    for level in Level.allCases { json.key("\(level.rawValue)", summary.byLevel[level.rawValue]) }
                }
            }
        }
    }

    static func drift(
        _ decision: Decision, _ json: inout JSONWriter, more: (inout JSONWriter) -> Void = { _ in }
    ) {
        let drift = decision.drift
        json.object { json in
            json.key("id", drift.id)
            json.key("kind", drift.kind.rawValue)
            json.key("level", decision.level.rawValue)
            json.key("kind_level", drift.kind.level.rawValue)
            json.key("subject") { json in
                json.object { json in
                    json.key("vmid", drift.subject.vmid.map { Int($0.number) })
                    json.key("external_id", drift.subject.externalID?.description)
                    json.key("hostname", drift.subject.hostname)
                    json.key("customer", drift.subject.customer)
                    json.key("record", drift.subject.record)
                    json.key("queue", drift.subject.queue)
                    if let address = drift.subject.address { json.key("address", address) }
                    if let node = drift.subject.node { json.key("node", node) }
                }
            }
            json.key("desired", drift.desired)
            json.key("observed", drift.observed)
            json.key("evidence", Words.evidence(drift.evidence))
            json.key("verdict", decision.verdict.rawValue)
            json.key("reason", decision.reason.rawValue)
            json.key("reason_detail", decision.detail)
            json.key("policy", decision.policy)
            json.key("action", decision.action?.rawValue)
            json.key("execution", decision.execution.rawValue)
            json.key("pending") { json in
                json.array { json in
                    for pending in decision.pending { json.element { $0.string(pending.rawValue) } }
                }
            }
            json.key("caused_by", drift.causedBy)
            if let cause = decision.commonCause { json.key("common_cause", cause.rawValue) }
            json.key("accepted") { json in
                guard let accepted = decision.accepted else { return json.raw("null") }
                json.object { json in
                    json.key("reason", accepted.reason)
                    json.key("until", accepted.until.description)
                    json.key("by", accepted.by)
                }
            }
            more(&json)
        }
    }
}
