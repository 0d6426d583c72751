-- An operator's answer to a plan: once, for a while, by its hash. The last answer about a plan ends the earlier ones that
-- nobody has taken up yet, and a rejection ends every approval of that plan.
create table controller.approval (
  id             bigint generated always as identity primary key,
  plan_hash      text not null check (plan_hash ~ '^sha256:[0-9a-f]{64}$'),
  answer         text not null check (answer in ('approve', 'reject')),
  by             text not null check (by <> ''),
  at             timestamptz not null default clock_timestamp(),
  until          timestamptz not null check (isfinite(until)),
  redeemed_at    timestamptz,
  redeemed_epoch bigint,
  ended_at       timestamptz,
  ended_by       text,
  -- Events are kept for a day at least, and they say which of the approved drifts are done.
  check (until > at and until <= at + interval '1 day'),
  check ((redeemed_at is null) = (redeemed_epoch is null)),
  check (answer = 'approve' or redeemed_at is null)
);
comment on column controller.approval.redeemed_at is
  'When a leader found this very plan and wrote down what it covers; an approval does so once.';
create index approval_until on controller.approval (until) where ended_at is null;

-- What an approval covers, with the very values that were approved: a plan's hash changes with the first repair.
create table controller.approval_cover (
  approval_id bigint not null references controller.approval (id) on delete cascade,
  drift_id    text not null check (drift_id <> ''),
  fingerprint text not null check (fingerprint <> ''),
  primary key (approval_id, drift_id)
);
create index approval_cover_drift on controller.approval_cover (drift_id);
create index repair_event_done on controller.repair_event (drift_id, at) where outcome in ('closed', 'verified');

-- Answers that stand, and for a day those that have expired: the report says so.
create view controller.plan_answer as
select a.id, a.plan_hash, a.answer, a.by, a.at, a.until, a.redeemed_at
  from controller.approval a
 where a.ended_at is null and a.until > now() - interval '1 day';

-- What is left of them: a drift that was repaired, or that went away, is done, and is not covered when it comes again.
create view controller.approved_drift as
select c.approval_id, c.drift_id, c.fingerprint
  from controller.approval_cover c join controller.approval a on a.id = c.approval_id
 where a.ended_at is null and a.until > now() - interval '1 day'
   and not exists (select from controller.repair_event e
                    where e.drift_id = c.drift_id and e.at > a.redeemed_at and e.outcome in ('closed', 'verified'));

-- What the ledger knows of drifts, for whoever decides: an audit, a standby and the leader decide alike.
--   repairable  its open drift may be repaired already, and by no approval: it is not news
--   in_vain     an attempt since it was seen first that was not seen to work
--   repaired    a repair that was seen to work, in the last fortnight
create view controller.drift_past as
select d.drift_id, 'repairable' as fact, d.since as at
  from controller.open_drift d
 where d.verdict = 'repair' and not d.would_repair
   and not exists (select from controller.approval_cover c join controller.approval a on a.id = c.approval_id
                    where c.drift_id = d.drift_id and a.redeemed_at >= d.since)
union all
select i.drift_id, 'in_vain', i.ended_at
  from controller.repair_intent i join controller.open_drift d on d.drift_id = i.drift_id
 where i.state in ('not_verified', 'unknown', 'compensated') and i.created_at >= d.since
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

-- Answers that ended longer ago than events are kept.
create function controller.prune_approval(keep interval) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  gone bigint;
begin
  if keep is null or keep < interval '1 day' then
    raise exception 'at least one day of approvals is kept' using errcode = 'invalid_parameter_value';
  end if;
  delete from controller.approval a where a.until < clock_timestamp() - keep - interval '1 day';
  get diagnostics gone = row_count;
  return gone;
end $$;
revoke all on function controller.prune_approval(interval) from public;
