/// An explanation for a machine, schema version 1.
package enum ExplanationJSON {
    package static func encode(_ known: Explanation) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("schema", 1)
            json.key("generated_at", known.generatedAt.description)
            json.key("vmid", Int(known.vmid.number))
            json.key("answer", known.answer.rawValue)
            json.key("words", Words.answer(known))
            json.key("unjudged", known.unjudged)
            list("rows", known.rows, &json, row)
            list("unreadable", known.unreadable, &json) { row, json in
                json.key("table", row.table.rawValue)
                json.key("why", row.why)
            }
            list("operations", known.operations, &json, operation)
            list("retired", known.retired, &json) { life, json in
                json.key("external_id", life.externalID?.description)
                json.key("customer", life.customer)
                json.key("hostname", life.hostname)
                json.key("deleted_at", life.deletedAt.description)
            }
            list("pauses", known.pauses, &json) { pause, json in
                json.key("vmid", pause.vmid.map { Int($0.number) })
                json.key("until", pause.until.description)
                json.key("by", pause.by)
                json.key("reason", pause.why)
            }
            list("planes", known.sights, &json) { sight, json in
                json.key("plane", sight.plane.rawValue)
                json.key("shows", sight.shows.rawValue)
                json.key("what", sight.what)
                json.key("wanted", sight.wanted)
                json.key("found", sight.found)
                json.key("reason", sight.reason?.rawValue)
                json.key("evidence", sight.evidence.map(Words.evidence))
                json.key("observed_at", sight.evidence?.observedAt.description)
                json.key("looks", sight.evidence?.looks)
            }
            json.key("drifts") { json in
                json.array { json in
                    for item in known.cases {
                        json.element { json in ReportJSON.drift(item.decision, &json) { more(item, &$0) } }
                    }
                }
            }
            ledger(known.ledger, &json)
            list("unknown", known.unknown, &json) { fact, json in
                json.key("plane", fact.plane.rawValue)
                json.key("reason", fact.reason.rawValue)
                json.key("words", Words.unknown(fact.reason))
            }
        }
        return json.bytes + [10]
    }

    private static func list<Element>(
        _ name: String, _ elements: [Element], _ json: inout JSONWriter,
        _ body: (Element, inout JSONWriter) -> Void
    ) {
        json.key(name) { json in
            json.array { json in
                for element in elements { json.element { json in json.object { body(element, &$0) } } }
            }
        }
    }

    private static func row(_ row: Explanation.Row, _ json: inout JSONWriter) {
        let instance = row.instance
        json.key("external_id", instance.key.externalID.description)
        json.key("customer", instance.customer)
        json.key("ctype", instance.ctype.rawValue)
        json.key("hostname", instance.hostname)
        json.key("node", instance.node)
        json.key("ip", instance.address)
        json.key("game", instance.game)
        json.key("variant", instance.variant)
        json.key("port", Games.port(of: instance))
        json.key("desired_power", instance.power.rawValue)
        json.key("status", instance.status.rawValue)
        json.key("standing", row.word.rawValue)
        json.key("expected", row.expected)
        json.key("billing", row.billing)
    }

    private static func operation(_ operation: DesiredOperation, _ json: inout JSONWriter) {
        json.key("id", operation.id)
        json.key("kind", operation.kind.rawValue)
        json.key("queue", operation.queue)
        json.key("status", operation.status.rawValue)
        json.key("phase", operation.phase)
        json.key("attempts", operation.attempts)
        json.key("enqueued_at", operation.enqueuedAt.description)
        json.key("heartbeat_at", operation.heartbeatAt?.description)
        json.key("lease_expires_at", operation.leaseExpiresAt?.description)
        json.key("finished_at", operation.finishedAt?.description)
    }

    /// Null where nobody asked; `why` where it could not be read.
    private static func ledger(_ ledger: Explanation.Ledger?, _ json: inout JSONWriter) {
        json.key("ledger") { json in
            switch ledger {
            case nil: json.raw("null")
            case .unreadable(let why)?: json.object { $0.key("why", why) }
            case .read(let prospects, let leader, let differs)?:
                json.object { json in
                    json.key("epoch", leader.map { Int($0.epoch) })
                    json.key("leads", leader?.isClosed == false)
                    json.key("mode", leader?.stance?.mode)
                    json.key("differs", differs)
                    list("drifts", prospects, &json, prospect)
                }
            }
        }
    }

    private static func prospect(_ prospect: Prospect, _ json: inout JSONWriter) {
        json.key("id", prospect.driftID)
        json.key("kind", prospect.kind.rawValue)
        json.key("since", prospect.since?.description)
        json.key("verdict", prospect.verdict?.rawValue)
        json.key("reason", prospect.reason?.rawValue)
        json.key("verdict_since", prospect.turnedAt?.description)
        json.key("attempts", prospect.attempts)
        json.key("allowed", prospect.allowed)
        json.key("last", prospect.last)
        json.key("next", prospect.next)
        json.key("not_before", prospect.notBefore?.description)
    }

    private static func more(_ item: Explanation.Case, _ json: inout JSONWriter) {
        list("holds", item.holds, &json) { hold, json in
            json.key("reason", hold.reason.rawValue)
            json.key("detail", hold.detail)
            json.key("needed", Words.remedy(hold.reason))
        }
        json.key("needed") { json in
            json.array { json in
                for needed in item.needed { json.element { $0.string(needed) } }
            }
        }
    }
}
