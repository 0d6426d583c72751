package import Core

extension OutboxStore {
    /// More than one message can name; what is left comes afterwards.
    private static let most = 500

    /// What a webhook is still to be told, in one snapshot.
    ///
    /// - Parameter duty: of who tells it.
    package func desk(
        of webhook: String, duty: Duty = .everywhere, timeout: Span
    ) async throws(PostgresError) -> OutboxDesk {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction(.snapshot) { session throws(PostgresError) in
                let clock = try session.rows("select (extract(epoch from clock_timestamp()) * 1000000)::bigint")
                guard let now = clock.first?.first.flatMap({ $0 }).flatMap({ Int64($0) }) else {
                    throw PostgresError(.protocol, "the database does not say what time it is")
                }
                var rows = try outbox(webhook, in: session)
                if !rows.isEmpty { try describe(&rows, duty, in: session) }
                return OutboxDesk(
                    readAt: Timestamp(microseconds: now), rows: rows, messages: try messages(webhook, rows, in: session)
                )
            }
        }
    }

    private static func us(_ column: String) -> String { "(extract(epoch from \(column)) * 1000000)::bigint" }

    private func outbox(_ webhook: String, in session: PostgresSession) throws(PostgresError) -> [OutboxDesk.Row] {
        try session.rows(
            """
            with due as (
              select o.incident, o.message from controller.outbox o join controller.incident i on i.id = o.incident
               where o.webhook = $1 and i.version > o.told_version order by i.changed_at, i.id limit \(Self.most)
            ), shown as (
              select message as id from due where message is not null
              union select m.id from controller.message m where m.webhook = $1 and m.state <> 'sent'
            )
            select o.told_version, o.told_stage, \(Self.us("o.told_at")), o.message, i.id, i.topic,
                   array_to_string(i.kinds, ' '), i.vmid, i.hostname, i.level, \(Self.us("i.opened_at")),
                   \(Self.us("i.closed_at")), i.times, i.drifts, i.attempts, i.repaired, i.did, i.trouble, i.subject,
                   i.text, i.version, i.mended, o.told_drifts, o.told_repaired,
                   array_to_string(o.called, ' ')
              from controller.outbox o join controller.incident i on i.id = o.incident
             where o.webhook = $1
               and (o.incident in (select d.incident from due d) or o.message in (select s.id from shown s))
             order by i.opened_at, i.id
            """, [webhook]
        ).compactMap(row)
    }

    private func row(_ row: [String?]) -> OutboxDesk.Row? {
        func number(_ index: Int) -> Int64? { row[index].flatMap { Int64($0) } }
        func moment(_ index: Int) -> Timestamp? { number(index).map { Timestamp(microseconds: $0) } }
        guard let told = number(0), let id = row[4], let topic = row[5].flatMap(Incident.Topic.init),
            let level = number(9).flatMap({ Level(rawValue: Int($0)) }), let opened = moment(10),
            let version = number(20)
        else { return nil }
        var incident = Incident(id: id, topic: topic, level: level, openedAt: opened)
        // A kind of a later version is told by that one.
        incident.kinds = (row[6] ?? "").split(separator: " ").compactMap { DriftKind(rawValue: String($0)) }
        incident.vmid = row[7].flatMap { VMID($0) }
        incident.hostname = row[8]
        incident.closedAt = moment(11)
        incident.times = number(12).map { Int($0) } ?? 1
        incident.drifts = number(13).map { Int($0) } ?? 0
        incident.attempts = number(14).map { Int($0) } ?? 0
        incident.repaired = number(15).map { Int($0) } ?? 0
        incident.did = row[16].flatMap(Action.init)
        (incident.trouble, incident.subject, incident.text) = (row[17], row[18], row[19])
        (incident.version, incident.isMended) = (version, row[21] == "t")
        let stage = row[1].flatMap(Stage.init)
        var called = Set((row[24] ?? "").split(separator: " ").compactMap { Stage(rawValue: String($0)) })
        // What the program before told, which knows nothing of that column.
        if stage?.isOver == true { called = [] }
        if let stage, stage.needsPerson { called.insert(stage) }
        return OutboxDesk.Row(
            incident: incident, toldVersion: told, toldStage: stage, toldAt: moment(2),
            toldDrifts: number(22).map { Int($0) } ?? 0, toldRepaired: number(23).map { Int($0) } ?? 0,
            called: called, message: number(3))
    }

    /// Adds what is open: counted, and the first few by name.
    private func describe(
        _ rows: inout [OutboxDesk.Row], _ duty: Duty, in session: PostgresSession
    ) throws(PostgresError) {
        var writer = JSONWriter()
        writer.array { array in for row in rows { array.element { $0.string(row.incident.id) } } }
        let ids = String(decoding: writer.bytes, as: UTF8.self)
        let open =
            "controller.open_drift d where d.incident in (select jsonb_array_elements_text($1::jsonb))"
        let tallies = try session.rows(
            """
            select d.incident, d.drift_kind, d.verdict, d.reason, d.settling, \(Self.omission), count(*) from \(open)
             group by 1, 2, 3, 4, 5, 6 order by 1, 7 desc, 2, 3, 4, 5, 6
            """, [ids] + Self.reach(duty))
        let examples = try session.rows(
            """
            select x.incident, x.drift_kind, x.vmid, x.hostname, x.detail from (
              select d.*, row_number() over (
                       partition by d.incident order by d.reason = 'caused_by', d.level desc, d.vmid, d.drift_id) as n
                from \(open)) x
             where x.n <= \(OutboxDesk.mostExamples) order by x.incident, x.n
            """, [ids])
        var places: [String: Int] = [:]
        for (index, row) in rows.enumerated() { places[row.incident.id] = index }
        for row in tallies {
            guard let place = row[0].flatMap({ places[$0] }), let kind = row[1].flatMap(DriftKind.init),
                let verdict = row[2].flatMap(Verdict.init), let reason = row[3].flatMap(Reason.init),
                let count = row[6].flatMap({ Int($0) })
            else { continue }
            rows[place].incident.tallies.append(
                Incident.Tally(
                    kind: kind, verdict: verdict, reason: reason, isSettling: row[4] == "t",
                    omission: row[5].flatMap(Omission.init), count: count))
        }
        for row in examples {
            guard let place = row[0].flatMap({ places[$0] }), let kind = row[1].flatMap(DriftKind.init) else {
                continue
            }
            rows[place].incident.examples.append(
                Incident.Example(kind: kind, vmid: row[2].flatMap { VMID($0) }, hostname: row[3], detail: row[4]))
        }
    }

    /// As ``Duty/omission(of:_:)``: by what whoever tells it would carry out now, and so not among what is kept of a drift.
    private static let omission = """
        case when $2::boolean then '\(Omission.dryRun.rawValue)'
             when not d.drift_kind in (select jsonb_array_elements_text($3::jsonb)) then '\(Omission.kinds.rawValue)'
             when $4::jsonb is not null
                  and not exists (select from jsonb_to_recordset($4::jsonb) as r(first bigint, last bigint)
                                   where d.vmid between r.first and r.last) then '\(Omission.vmids.rawValue)'
             else '' end
        """

    /// Its parameters.
    private static func reach(_ duty: Duty) -> [String?] {
        var kinds = JSONWriter()
        kinds.array { list in
            for kind in DriftKind.allCases where duty.kinds.contains(where: { $0.matches(kind) }) {
                list.element { $0.string(kind.rawValue) }
            }
        }
        let vmids = duty.vmids.map { ranges in
            var writer = JSONWriter()
            writer.array { list in
                for range in ranges {
                    list.element {
                        $0.object { row in
                            row.key("first", range.lowerBound)
                            row.key("last", range.upperBound)
                        }
                    }
                }
            }
            return String(decoding: writer.bytes, as: UTF8.self)
        }
        return [duty.mode == .dryRun ? "t" : "f", String(decoding: kinds.bytes, as: UTF8.self), vmids]
    }

    private func messages(
        _ webhook: String, _ rows: [OutboxDesk.Row], in session: PostgresSession
    ) throws(PostgresError) -> [Int64: OutboxDesk.Message] {
        let ids = Set(rows.compactMap(\.message)).sorted().map(String.init).joined(separator: ",")
        let found = try session.rows(
            """
            select m.id, m.state, m.discord_id, \(Self.us("m.claimed_at")), \(Self.us("m.posted_at")), m.digest,
                   m.may_repeat, m.is_frozen, m.is_plain
              from controller.message m
             where m.webhook = $1 and (m.state <> 'sent' or m.id = any ($2::bigint[]))
            """, [webhook, "{\(ids)}"])
        var messages: [Int64: OutboxDesk.Message] = [:]
        for row in found {
            guard let id = row[0].flatMap({ Int64($0) }), let state = row[1].flatMap(OutboxDesk.Message.State.init),
                let claimed = row[3].flatMap({ Int64($0) })
            else { continue }
            messages[id] = OutboxDesk.Message(
                id: id, state: state, discordID: row[2], claimedAt: Timestamp(microseconds: claimed),
                postedAt: row[4].flatMap { Int64($0) }.map { Timestamp(microseconds: $0) }, digest: row[5],
                mayRepeat: row[6] == "t", isFrozen: row[7] == "t", isPlain: row[8] == "t")
        }
        return messages
    }
}
