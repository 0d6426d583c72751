internal import Core

/// Keeps `controller.incident` in step with the ledger: always within the transaction of what it tells of.
enum IncidentRows {
    /// What a round changed.
    ///
    /// - Parameter json: the same entries as ``JournalStore/record``, whose drifts are in `open_drift` already.
    static func note(_ json: String, in session: PostgresSession) throws(PostgresError) {
        for statement in [seen, opened, told, changed] { _ = try session.rows(statement, [json]) }
    }

    /// Whether what ends now had been repaired: asked before its rows go.
    ///
    /// - Parameter mended: incidents of which something repaired has ended in this round already, in an earlier statement.
    /// - Returns: those, and the ones of this statement.
    static func noteEnds(
        _ json: String, _ mended: Set<String>, in session: PostgresSession
    ) throws(PostgresError) -> Set<String> {
        var writer = JSONWriter()
        writer.array { list in for id in mended.sorted() { list.element { $0.string(id) } } }
        let rows = try session.rows(ended, [json, String(decoding: writer.bytes, as: UTF8.self)])
        return mended.union(rows.compactMap { $0[1] == "t" ? $0[0] : nil })
    }

    /// How an attempt at a repair ended. Nothing for a drift that nobody is told of.
    static func note(
        _ outcome: RepairOutcome, of action: Action, drift: String, in session: PostgresSession
    ) throws(PostgresError) {
        let isDone: Bool
        let why: String?
        switch outcome {
        case .verified: (isDone, why) = (true, nil)
        case .notVerified(let text), .unknown(let text), .compensated(let text): (isDone, why) = (false, text)
        // What was not tried is no attempt.
        case .refused: return
        }
        // The last attempt counts: it was made because the one before, seen to work or not, had not lasted.
        _ = try session.rows(
            "update controller.open_drift set repaired = $2::boolean where drift_id = $1", [drift, String(isDone)])
        _ = try session.rows(
            """
            update controller.incident i
               set attempts = i.attempts + 1, repaired = i.repaired + $2::integer, trouble = $3,
                   did = case when $2::integer = 1 then $4 else i.did end,
                   version = i.version + 1, changed_at = clock_timestamp()
              from controller.open_drift d where d.drift_id = $1 and i.id = d.incident
            """, [drift, isDone ? "1" : "0", why.map { Foreign.text($0, limit: 500) }, action.rawValue])
    }

    /// What a new leader has to know, so that a drift which opens again does not open another incident.
    static func groups(in session: PostgresSession) throws(PostgresError) -> IncidentGroups {
        let rows = try session.rows(
            """
            select i.group_key, i.id, (extract(epoch from i.closed_at) * 1000000)::bigint,
                   (extract(epoch from i.opened_at) * 1000000)::bigint
              from controller.incident i
             where i.topic = 'drifts'
               and (i.closed_at is null
                    or i.closed_at > clock_timestamp() - \(IncidentGroups.sameWithin.microseconds) * interval '1 microsecond')
             order by i.opened_at
            """)
        var marks: [String: IncidentGroups.Mark] = [:]
        for row in rows {
            guard let group = row[0], let id = row[1], let opened = row[3].flatMap({ Int64($0) }) else { continue }
            // Of several that are open, the one that opened last.
            marks[group] = IncidentGroups.Mark(
                id: id, openedAt: Timestamp(microseconds: opened),
                closedAt: row[2].flatMap { Int64($0) }.map { Timestamp(microseconds: $0) })
        }
        return IncidentGroups(marks)
    }

    // MARK: Statements, each over the entries of `$1`

    private static let record = JournalStore.record.replacing("%", with: "1")

    /// Of several entries about one drift the last one that says what was seen.
    private static let seen = """
        update controller.open_drift d
           set incident = coalesce(x.incident, d.incident), detail = coalesce(x.detail, d.detail)
          from (select distinct on (e.drift_id) e.drift_id, e.incident, e.detail from \(record)
                 where e.outcome in ('opened', 'changed', 'quarantined') order by e.drift_id, e.n desc) x
         where d.drift_id = x.drift_id
        """

    /// An incident that was over opens again; its attempts are counted anew, and what became of the last ones is of before.
    private static let opened = """
        insert into controller.incident as i
          (id, group_key, topic, kinds, vmid, hostname, subject, level, drifts)
        select e.incident, left(e.incident, 12), 'drifts', array_agg(distinct e.drift_kind),
               case when count(distinct coalesce(e.vmid, -1)) = 1 then min(e.vmid) end,
               case when count(distinct coalesce(e.vmid, -1)) = 1 then min(e.hostname) end,
               case when count(distinct coalesce(e.about, '')) = 1 then min(e.about) end, max(e.level), count(*)
          from \(record) where e.joins and e.incident is not null group by e.incident
        on conflict (id) do update
           set kinds = array(select distinct k from unnest(i.kinds || excluded.kinds) k order by k),
               vmid = case when i.vmid = excluded.vmid then i.vmid end,
               hostname = case when i.vmid = excluded.vmid then coalesce(i.hostname, excluded.hostname) end,
               subject = case when i.subject = excluded.subject then i.subject end,
               level = greatest(i.level, excluded.level), drifts = i.drifts + excluded.drifts,
               times = i.times + (i.closed_at is not null)::integer,
               opened_at = case when i.closed_at is null then i.opened_at else clock_timestamp() end,
               attempts = case when i.closed_at is null then i.attempts else 0 end,
               repaired = case when i.closed_at is null then i.repaired else 0 end,
               trouble = case when i.closed_at is null then i.trouble end,
               did = case when i.closed_at is null then i.did end,
               closed_at = null
        """

    private static let ended = """
        update controller.incident i
           set mended = x.mended or i.id in (select jsonb_array_elements_text($2::jsonb))
          from (select d.incident, bool_or(d.repaired) as mended from controller.open_drift d
                 where d.incident is not null
                   and d.drift_id in (select e.drift_id from \(record) where e.outcome = 'closed')
                 group by d.incident) x
         where i.id = x.incident returning i.id, i.mended
        """

    private static let told = """
        insert into controller.outbox (incident, webhook)
        select distinct e.incident, w.name from \(record), jsonb_array_elements_text(e.webhooks) as w(name)
         where e.joins and e.incident is not null
        on conflict do nothing
        """

    /// Whatever was touched has changed; it is over when no drift of it is open any more.
    private static let changed = """
        update controller.incident i
           set version = i.version + 1, changed_at = clock_timestamp(),
               closed_at = case when not exists (select from controller.open_drift d where d.incident = i.id)
                                then coalesce(i.closed_at, clock_timestamp()) end
         where i.id in (select e.incident from \(record) where e.incident is not null)
        """
}
