-- When a drift was opened by the clock of this server, which dates the attempts and the approvals, too. `since` is by the clock of
-- the host that saw it first: where that is ahead, every attempt on a new drift seemed to be older than the drift, was forgotten
-- whenever the ledger was read, and was made again without end; and what only an approval let through was no news to the brake.
alter table controller.open_drift add column opened_at timestamptz not null default clock_timestamp();
comment on column controller.open_drift.since is 'By the clock of the host that saw it first, for people to read.';
update controller.open_drift d set opened_at = least(d.since, d.opened_at);
update controller.open_drift d set opened_at = e.at
  from (select drift_id, max(at) as at from controller.repair_event where outcome = 'opened' group by drift_id) e
 where e.drift_id = d.drift_id;

create or replace view controller.drift_past as
select d.drift_id, 'repairable' as fact, d.since as at
  from controller.open_drift d
 where d.verdict = 'repair' and not d.would_repair
   and not exists (select from controller.approval_cover c join controller.approval a on a.id = c.approval_id
                    where c.drift_id = d.drift_id and a.redeemed_at >= d.opened_at)
union all
select i.drift_id, 'in_vain', i.ended_at
  from controller.repair_intent i join controller.open_drift d on d.drift_id = i.drift_id
 where i.state in ('not_verified', 'unknown', 'compensated') and i.created_at >= d.opened_at
   and not exists (select from controller.repair_intent v
                    where v.drift_id = i.drift_id and v.state = 'verified' and v.created_at > i.created_at)
union all
-- By the place that was repaired, whatever was wrong with it: see Drift.place.
select case when i.action <> 'edge_republish' then i.drift_id
            else coalesce(i.external_id::text, i.drift_id) || ' '
                 || case when i.drift_kind like 'velocity.%' then 'velocity'
                         else regexp_replace(i.drift_kind, '_(missing|wrong|duplicate)$', '') end end, 'repaired', i.ended_at
  from controller.repair_intent i
 where i.state = 'verified' and i.ended_at > now() - interval '14 days';
