internal import Core

/// What the ledger knows of drifts, read in the transaction of the desired state. Our own views: a row of theirs that cannot be
/// read means somebody replaced one, and nothing is decided on half of it.
enum DriftPastRows {
    private static let facts = """
        select p.drift_id, p.fact, (extract(epoch from p.at) * 1000000)::bigint from controller.drift_past p
         order by p.fact, p.drift_id collate "C", p.at
        """

    private static let answers = """
        select p.id, p.plan_hash, p.answer, p.by, (extract(epoch from p.until) * 1000000)::bigint,
               (extract(epoch from p.redeemed_at) * 1000000)::bigint
          from controller.plan_answer p order by p.id
        """

    private static let covers = """
        select c.approval_id, c.drift_id, c.fingerprint from controller.approved_drift c
         order by c.approval_id, c.drift_id collate "C"
        """

    static func read(_ session: PostgresSession) throws(PostgresError) -> DriftPast {
        var past = DriftPast()
        for row in try rows(facts, session) {
            guard let id = row[0], let at = time(row[2]) else { throw unreadable("drift_past") }
            switch row[1] {
            case "repairable": past.repairable.insert(id)
            case "in_vain": past.inVain[id, default: 0] += 1
            case "repaired": past.repaired[id, default: []].append(at)
            default: throw unreadable("drift_past")
            }
        }
        for row in try rows(answers, session) {
            guard let id = row[0].flatMap({ Int64($0) }), let plan = row[1],
                let word = row[2].flatMap(PlanAnswer.Word.init), let by = row[3], let until = time(row[4])
            else { throw unreadable("plan_answer") }
            past.answers.append(
                PlanAnswer(id: id, plan: plan, word: word, by: by, until: until, redeemedAt: time(row[5])))
        }
        var places: [Int64: Int] = [:]
        for (place, answer) in past.answers.enumerated() {
            guard places.updateValue(place, forKey: answer.id) == nil else { throw unreadable("plan_answer") }
        }
        for row in try rows(covers, session) {
            guard let place = row[0].flatMap({ Int64($0) }).flatMap({ places[$0] }), let id = row[1], let print = row[2]
            else { throw unreadable("approved_drift") }
            past.answers[place].covers[id] = print
        }
        return past
    }

    /// As they come, so that too many are noticed before they are all held.
    private static func rows(_ sql: String, _ session: PostgresSession) throws(PostgresError) -> [[String?]] {
        var rows: [[String?]] = []
        try session.forEachRow(sql) { rows += $0.rows() }
        return rows
    }

    private static func time(_ text: String?) -> Timestamp? {
        text.flatMap { Int64($0) }.map { Timestamp(microseconds: $0) }
    }

    private static func unreadable(_ view: String) -> PostgresError {
        PostgresError(.protocol, "controller.\(view) holds a row that cannot be read")
    }
}
