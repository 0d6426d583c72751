package import Core

/// What a new leader has to know first. Attempts that its predecessor, or an earlier life of this process, left open are ended by
/// looking: whoever led before cannot commit anything any more once the leadership row has passed on.
package struct LedgerRecall: Sendable {
    private let connection: PostgresConnection
    private let settings: PipelineSettings

    package init(_ connection: PostgresConnection, settings: PipelineSettings) {
        self.connection = connection
        self.settings = settings
    }

    /// - Returns: nil when this process does not lead.
    package func read(lease: Lease, timeout: Span) async throws(PostgresError) -> Memory? {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            let memory = try session.transaction { session throws(PostgresError) -> Memory? in
                guard try lease.holds(in: session) else { return nil }
                try dropDoubtful(lease: lease, in: session)
                for attempt in try interrupted(in: session) {
                    try attempt.wait(in: session)
                    try attempt.end(try attempt.look(in: session), lease: lease, in: session)
                }
                return Memory(
                    tries: try LedgerRecall.tries(in: session), interrupted: try interruptedAtEdge(in: session),
                    incidents: try IncidentRows.groups(in: session), spent: try LedgerRecall.spent(in: session))
            }
            guard let memory else { return nil }
            // After the transaction: there may be hundreds of thousands, and while they are understood the leadership row would be held,
            // and the server would end the transaction, since it idles. Only whoever leads writes them; who has been deposed by
            // now can do nothing with what it reads here.
            return Memory(
                open: try drifts(in: session), tries: memory.tries, interrupted: memory.interrupted,
                incidents: memory.incidents, spent: memory.spent)
        }
    }

    static let openDrifts = """
        select drift_id, drift_kind, vmid, external_id, hostname, level, action, verdict, reason,
               (extract(epoch from since) * 1000000)::bigint, would_repair, incident, settling,
               repaired
          from controller.open_drift
        """

    private func drifts(in session: PostgresSession) throws(PostgresError) -> [OpenDrift] {
        try session.rows(LedgerRecall.openDrifts).compactMap(LedgerRecall.drift)
    }

    /// A row that a later version wrote, and that this one does not know, is left to it.
    static func drift(_ row: [String?]) -> OpenDrift? {
        guard let id = row[0], let kind = row[1].flatMap(DriftKind.init),
            let level = row[5].flatMap({ Int($0) }).flatMap(Level.init), let verdict = row[7].flatMap(Verdict.init),
            let reason = row[8].flatMap(Reason.init), let since = row[9].flatMap({ Int64($0) })
        else { return nil }
        var drift = OpenDrift(
            id: id, kind: kind, vmid: row[2].flatMap { VMID($0) }, externalID: row[3].flatMap { ExternalID($0) },
            hostname: row[4], level: level, action: row[6].flatMap(Action.init), verdict: verdict, reason: reason,
            since: Timestamp(microseconds: since), wouldRepair: row[10] == "t")
        (drift.incident, drift.isSettling, drift.isRepaired) = (row[11], row[12] == "t", row[13] == "t")
        return drift
    }

    /// When the repairs of the last minute began.
    static func spent(in session: PostgresSession) throws(PostgresError) -> [Timestamp] {
        try session.rows(
            """
            select (extract(epoch from i.created_at) * 1000000)::bigint from controller.repair_intent i
             where i.created_at > statement_timestamp() - interval '1 minute' and i.created_at <= clock_timestamp() order by 1
            """
        ).compactMap { $0[0].flatMap { Int64($0) }.map { Timestamp(microseconds: $0) } }
    }

    /// Ends attempts whose change this version cannot read, since they would stand in the way of everything else on their server; and
    /// those whose change it cannot have decided on, since somebody else has written them.
    private func dropDoubtful(lease: Lease, in session: PostgresSession) throws(PostgresError) {
        let rows = try session.rows(
            """
            select i.id, i.drift_id, i.drift_kind, i.vmid, i.external_id, i.hostname, i.attempt, i.cycle, i.change
              from controller.repair_intent i where i.state = 'open' and (i.operation_id is null or i.change is not null)
             order by i.created_at, i.id
            """)
        for row in rows {
            guard let why = doubt(row[3], row[4], row[8]) else { continue }
            guard let id = row[0], let drift = row[1], let kind = row[2].flatMap(DriftKind.init),
                let attempt = row[6].flatMap({ Int($0) }), let cycle = row[7].flatMap({ Int64($0) })
            else { continue }
            let open = OpenDrift(
                id: drift, kind: kind, vmid: row[3].flatMap { VMID($0) }, externalID: row[4].flatMap { ExternalID($0) },
                hostname: row[5], level: .automatic, action: .edgeRepublish, verdict: .repair, reason: .policyMatched,
                since: Timestamp(microseconds: 0))
            let ended = OpenAttempt(
                id: id, action: .edgeRepublish, operation: nil, drift: open, attempt: attempt, cycle: cycle)
            try ended.end(.unknown(why), lease: lease, in: session)
        }
    }

    /// Why nothing is done on the word of what is written there; nil when there is no reason.
    private func doubt(_ vmid: String?, _ externalID: String?, _ change: String?) -> String? {
        guard let change = change.flatMap(EdgeChangeForm.read) else {
            return "another version wrote down what it changes, and this one cannot read that"
        }
        guard let vmid = vmid.flatMap({ VMID($0) }), let id = externalID.flatMap({ ExternalID($0) }) else {
            return "what is written down of it names no server"
        }
        let grounds = EdgeGrounds(key: InstanceKey(vmid: vmid, externalID: id), change: change, dead: [])
        return grounds.doubt(settings: settings).map {
            "this installation did not decide on what is written down of it, so nothing is taken back; look at "
                + "\(Foreign.text(change.name, limit: 255)) by hand: \(Foreign.text($0))"
        }
    }

    /// Attempts in vain since the drift was opened; one that was verified ends the count. In the order in which they were written:
    /// no clock says what came first, but for drifts that an earlier version has opened.
    static func tries(in session: PostgresSession) throws(PostgresError) -> [String: Memory.Tries] {
        let rows = try session.rows(
            """
            select i.drift_id, count(*), (extract(epoch from least(max(i.ended_at), clock_timestamp())) * 1000000)::bigint
              from controller.repair_intent i join controller.open_drift d using (drift_id)
             where i.state in ('not_verified', 'unknown', 'compensated')
               and case when d.opened_seq is null then i.created_at >= d.opened_at or d.opened_at > now()
                        else i.seq > d.opened_seq end
               and not exists (select from controller.repair_intent v
                                where v.drift_id = i.drift_id and v.state = 'verified' and v.seq > i.seq)
             group by i.drift_id
            """)
        var tries: [String: Memory.Tries] = [:]
        for row in rows {
            guard let id = row[0], let count = row[1].flatMap({ Int($0) }), let at = row[2].flatMap({ Int64($0) })
            else {
                continue
            }
            tries[id] = Memory.Tries(attempts: count, endedAt: Timestamp(microseconds: at))
        }
        return tries
    }

    private func interrupted(in session: PostgresSession) throws(PostgresError) -> [OpenAttempt] {
        try session.rows(
            """
            select i.id, i.drift_id, i.drift_kind, i.action, i.vmid, i.external_id, i.hostname, i.operation_id, i.attempt,
                   i.cycle, (extract(epoch from i.created_at) * 1000000)::bigint
              from controller.repair_intent i where i.state = 'open' and i.operation_id is not null order by i.created_at, i.id
            """
        ).compactMap { row in
            guard let id = row[0], let drift = row[1], let kind = row[2].flatMap(DriftKind.init),
                let action = row[3].flatMap(Action.init), let operation = row[7],
                let attempt = row[8].flatMap({ Int($0) }), let cycle = row[9].flatMap({ Int64($0) }),
                let since = row[10].flatMap({ Int64($0) })
            else { return nil }
            return OpenAttempt(
                id: id, action: action, operation: operation,
                drift: OpenDrift(
                    id: drift, kind: kind, vmid: row[4].flatMap { VMID($0) },
                    externalID: row[5].flatMap { ExternalID($0) }, hostname: row[6], level: .automatic, action: action,
                    verdict: .repair, reason: .policyMatched, since: Timestamp(microseconds: since)),
                attempt: attempt, cycle: cycle)
        }
    }

    /// Attempts at the edge: the database cannot say how they ended. Those in doubt have been ended before.
    private func interruptedAtEdge(in session: PostgresSession) throws(PostgresError) -> [Intent] {
        try session.rows(
            """
            select i.id, i.drift_id, i.drift_kind, i.vmid, i.external_id, i.hostname, i.attempt, i.epoch, i.cycle, i.policies,
                   i.change,
                   (select s.record_id from controller.repair_step s
                     where s.intent_id = i.id and s.record_id is not null order by s.asked_at limit 1),
                   (extract(epoch from least(i.created_at, clock_timestamp())) * 1000000)::bigint,
                   (select (extract(epoch from min(least(s.asked_at, clock_timestamp()))) * 1000000)::bigint from controller.repair_step s
                     where s.intent_id = i.id and s.name like '%: \(EdgeLedger.takesBack)%')
              from controller.repair_intent i
             where i.state = 'open' and i.change is not null order by i.created_at, i.id
            """
        ).compactMap { row in
            guard let id = row[0], let drift = row[1], let kind = row[2].flatMap(DriftKind.init),
                let vmid = row[3].flatMap({ VMID($0) }), let externalID = row[4].flatMap({ ExternalID($0) }),
                let attempt = row[6].flatMap({ Int($0) }), let epoch = row[7].flatMap({ Int64($0) }),
                let cycle = row[8].flatMap({ Int64($0) }), let policies = row[9],
                let change = row[10].flatMap(EdgeChangeForm.read), let at = row[12].flatMap({ Int64($0) }),
                // Asked of this very row: it may have been written since the doubtful ones were ended.
                doubt(row[3], row[4], row[10]) == nil
            else { return nil }
            let begun = Timestamp(microseconds: at)
            var resumed = Intent.Resumed(id: id, record: row[11])
            resumed.takenBackSince = row[13].flatMap { Int64($0) }.map { Timestamp(microseconds: $0) }
            return Intent(
                drift: OpenDrift(
                    id: drift, kind: kind, vmid: vmid, externalID: externalID, hostname: row[5], level: .automatic,
                    action: .edgeRepublish, verdict: .repair, reason: .policyMatched, since: begun),
                act: .edgeRepublish(
                    EdgeGrounds(key: InstanceKey(vmid: vmid, externalID: externalID), change: change, dead: [])),
                attempt: attempt, epoch: epoch, cycle: cycle, policies: policies, evidenceAt: begun,
                resumed: resumed)
        }
    }
}
