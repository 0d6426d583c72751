import Core

/// One change of the edge, and the moves that answers lead to.
enum OneChange {
    static let policies = PolicySet(policies: [], brakes: .defaults, windows: [], notifications: [])
    static let rules = PoliciesInForce(policies, calendar: .always)
    static let closed = PoliciesInForce(
        policies, calendar: RepairCalendar(denied: [(now - .minutes(1))..<(now + .minutes(1))]))
    static let now = Timestamp(seconds: 1000)
    static let mark = "zlh-controller/test-1 5001"
    static let rule = RecordRule(
        plane: .publicDNS, name: "mc.example.net", wanted: .a("203.0.113.10"), ttl: 60, mark: mark,
        formerEdges: ["203.0.113.9"])

    static func record(_ id: String, _ address: String, comment: String? = mark) -> DNSRecord {
        DNSRecord(id: id, name: "mc.example.net", data: .a(address), ttl: 60, comment: comment)
    }

    static let right = record("1", "203.0.113.10")
    static let create = EdgeChange.record(RecordChange(rule, deed: .create))
    static let old = record("1", "192.0.2.1", comment: nil)
    static let correct = EdgeChange.record(RecordChange(rule, deed: .correct(old)))

    static func surplus(_ records: [DNSRecord]) -> EdgeChange {
        .record(RecordChange(rule, deed: .removeSurplus(records, keeping: right)))
    }

    static let empty = EdgeSaga.Answer.seen(.records([]))
    static let done = EdgeSaga.Answer.written(.done(id: "1", note: ""))
    static let there = EdgeSaga.Answer.seen(.records([right]))

    static func intent(_ change: EdgeChange) -> Intent {
        let key = InstanceKey(vmid: VMID(5001)!, externalID: ExternalID(high: 1, low: 1))
        return Intent(
            drift: OpenDrift(
                id: "0123456789abcdef", kind: .publicAMissing, vmid: key.vmid, externalID: key.externalID,
                hostname: "mc", level: .automatic, action: .edgeRepublish, verdict: .repair, reason: .policyMatched,
                since: now), act: .edgeRepublish(EdgeGrounds(key: key, change: change, dead: [])), attempt: 1, epoch: 1,
            cycle: 1, policies: policies.hash, evidenceAt: now)
    }

    static func moves(
        _ change: EdgeChange, _ answers: EdgeSaga.Answer..., begin: EdgeSaga.Answer = .begun,
        at times: [Timestamp] = [], under rules: PoliciesInForce = rules
    ) -> [EdgeSaga.Move] {
        var saga = EdgeSaga(intent(change), change)
        return ([begin] + answers).enumerated().map { index, answer in
            saga.next(answer, under: rules, at: index < times.count ? times[index] : now)
        }
    }
}
