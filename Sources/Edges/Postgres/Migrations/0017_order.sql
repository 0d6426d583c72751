-- What came first is told by numbers and not by times: this server's clock may be set back, and whatever was written before that
-- then seems to be later than all that follows. A new drift was quarantined for attempts on the one that had ended, and an approval
-- that was used up covered what came back.
--
-- First all that this changes: the views in the order in which a round reads them, the tables in that in which a claim and the end of
-- an attempt write them. See 0011.
alter view controller.drift_past reset (security_barrier);
alter view controller.approved_drift reset (security_barrier);
lock table controller.approval, controller.repair_intent, controller.open_drift in access exclusive mode;

alter table controller.repair_intent add column seq bigint;
update controller.repair_intent i set seq = n.number
  from (select id, row_number() over (order by created_at, id) as number from controller.repair_intent) n
 where n.id = i.id;
alter table controller.repair_intent
  alter column seq set not null, alter column seq add generated always as identity;
select setval(pg_get_serial_sequence('controller.repair_intent', 'seq'), max(seq)) from controller.repair_intent having count(*) > 0;
create unique index repair_intent_seq on controller.repair_intent (seq);
comment on column controller.repair_intent.seq is 'Counts the attempts in the order in which they began.';

-- Null where an earlier version wrote the row: then the times say it, as before.
alter table controller.open_drift add column opened_seq bigint;
comment on column controller.open_drift.opened_seq is 'The newest attempt of all when it was opened: those after it may be on it.';
alter table controller.approval add column redeemed_event bigint;
comment on column controller.approval.redeemed_event is 'The newest event when it was taken up: those after it say what of it is done.';

create or replace view controller.approved_drift as
select c.approval_id, c.drift_id, c.fingerprint
  from controller.approval_cover c join controller.approval a on a.id = c.approval_id
 where a.ended_at is null and a.until > now() - interval '1 day'
   and not exists (select from controller.repair_event e
                    where e.drift_id = c.drift_id and e.outcome in ('closed', 'verified')
                      and case when a.redeemed_event is null then e.at > a.redeemed_at else e.id > a.redeemed_event end);

create or replace view controller.drift_past as
select d.drift_id, 'repairable' as fact, d.since as at
  from controller.open_drift d
 where d.verdict = 'repair' and not d.would_repair
   and not exists (select from controller.approval_cover c join controller.approval a on a.id = c.approval_id
                    where c.drift_id = d.drift_id
                      and case when a.redeemed_event is null then a.redeemed_at >= d.opened_at
                               -- It has been open ever since that was taken up.
                               else not exists (select from controller.repair_event e
                                                 where e.drift_id = c.drift_id and e.outcome = 'closed'
                                                   and e.id > a.redeemed_event) end)
union all
select i.drift_id, 'in_vain', least(i.ended_at, now())
  from controller.repair_intent i join controller.open_drift d on d.drift_id = i.drift_id
 where i.state in ('not_verified', 'unknown', 'compensated')
   and case when d.opened_seq is null then i.created_at >= d.opened_at or d.opened_at > now() else i.seq > d.opened_seq end
   and not exists (select from controller.repair_intent v
                    where v.drift_id = i.drift_id and v.state = 'verified' and v.seq > i.seq)
union all
-- By the place that was repaired, whatever was wrong with it, and by what was put there: see Drift.place.
select case when i.action <> 'edge_republish' then i.drift_id
            else concat_ws(' ', coalesce(i.external_id::text, i.drift_id),
                   case when i.drift_kind like 'velocity.%' then 'velocity'
                        else regexp_replace(i.drift_kind, '_(missing|wrong|duplicate)$', '') end,
                   i.change #>> '{rule,record,a}',
                   i.change #>> '{rule,record,srv,priority}', i.change #>> '{rule,record,srv,weight}',
                   i.change #>> '{rule,record,srv,port}', i.change #>> '{rule,record,srv,target}',
                   i.change #>> '{backend,address}', i.change #>> '{backend,port}') end, 'repaired', i.ended_at
  from controller.repair_intent i
 where i.state = 'verified' and i.ended_at > now() - interval '14 days' and i.ended_at <= now();

-- Kept are the attempts on a drift that is still open, which its quarantine rests on, and for the fortnight of the view above what was
-- seen to work: without it a quarrel with somebody who undoes it is never told.
create or replace function controller.prune_repair_intent(keep interval) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  too_old timestamptz := clock_timestamp() - keep;
  fortnight timestamptz := clock_timestamp() - greatest(keep, interval '14 days');
  gone bigint;
begin
  if keep is null or keep < interval '1 day' then
    raise exception 'at least one day of attempts is kept' using errcode = 'invalid_parameter_value';
  end if;
  delete from controller.repair_intent i
   where i.id = any (array(
     select o.id from controller.repair_intent o
      where o.ended_at < too_old and (o.state <> 'verified' or o.ended_at < fortnight)
        and not exists (select from controller.open_drift d
                         where d.drift_id = o.drift_id
                           and case when d.opened_seq is null then o.created_at >= d.opened_at or d.opened_at > now()
                                    else o.seq > d.opened_seq end)
      order by o.ended_at limit 1000));
  get diagnostics gone = row_count;
  return gone;
end $$;
