-- What was repaired at a place counts as undone only where the same is wanted there now: an address that changes in the database four
-- times in an hour was called a quarrel with somebody who undoes what was repaired. So the value belongs to the place.
create or replace view controller.drift_past as
select d.drift_id, 'repairable' as fact, d.since as at
  from controller.open_drift d
 where d.verdict = 'repair' and not d.would_repair
   and not exists (select from controller.approval_cover c join controller.approval a on a.id = c.approval_id
                    where c.drift_id = d.drift_id and a.redeemed_at >= d.opened_at)
union all
select i.drift_id, 'in_vain', least(i.ended_at, now())
  from controller.repair_intent i join controller.open_drift d on d.drift_id = i.drift_id
 where i.state in ('not_verified', 'unknown', 'compensated')
   -- Where this server's clock was set back what was opened before lies ahead.
   and (i.created_at >= d.opened_at or d.opened_at > now())
   and not exists (select from controller.repair_intent v
                    where v.drift_id = i.drift_id and v.state = 'verified' and v.created_at > i.created_at)
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

-- The attempts on a drift that is still open are what its quarantine rests on: dropped with the others, it would be tried five times
-- more, by itself.
create or replace function controller.prune_repair_intent(keep interval) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  too_old timestamptz := clock_timestamp() - keep;
  gone bigint;
begin
  if keep is null or keep < interval '1 day' then
    raise exception 'at least one day of attempts is kept' using errcode = 'invalid_parameter_value';
  end if;
  delete from controller.repair_intent i
   where i.id = any (array(
     select o.id from controller.repair_intent o
      where o.ended_at < too_old
        and not exists (select from controller.open_drift d
                         where d.drift_id = o.drift_id and (o.created_at >= d.opened_at or d.opened_at > now()))
      order by o.ended_at limit 1000));
  get diagnostics gone = row_count;
  return gone;
end $$;

comment on column controller.open_drift.since is
  'When a round saw it first, by this server''s clock as the round knew it; rows of earlier versions by the clock of a host.';
