-- Old rows go in pieces: what has grown for months, or is kept for a shorter time from now on, is not one transaction of
-- minutes that holds its rows, fills the log at once and is rolled back whole at a deadline. Each of these drops the oldest
-- that may go, no more than a piece, and says how many those were: whoever calls comes again until it is none. A piece of
-- what others hang on is smaller: they go with it. "= any (array(…))", because "in (…)" would be joined with the whole table once
-- the planner knows how large that is.
create or replace function controller.prune_repair_event(keep interval) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  -- Not asked of the clock for each row: the index is of use then.
  too_old timestamptz := clock_timestamp() - keep;
  gone bigint;
begin
  if keep is null or keep < interval '1 day' then
    raise exception 'at least one day of events is kept' using errcode = 'invalid_parameter_value';
  end if;
  delete from controller.repair_event e
   where e.id = any (array(
     select o.id from controller.repair_event o where o.at < too_old order by o.at limit 5000));
  get diagnostics gone = row_count;
  return gone;
end $$;

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
     select o.id from controller.repair_intent o where o.ended_at < too_old order by o.ended_at limit 1000));
  get diagnostics gone = row_count;
  return gone;
end $$;

create or replace function controller.prune_incident(keep interval) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  too_old timestamptz := clock_timestamp() - keep;
  no_news timestamptz := clock_timestamp() - keep * 2;
  incidents bigint;
  messages bigint;
begin
  if keep is null or keep < interval '1 day' then
    raise exception 'at least one day of incidents is kept' using errcode = 'invalid_parameter_value';
  end if;
  delete from controller.incident i
   where i.id = any (array(
     select o.id from controller.incident o
      where o.closed_at < too_old
        and (o.closed_at < no_news
             or not exists (select from controller.outbox t where t.incident = o.id and t.told_version < o.version))
      order by o.closed_at limit 1000));
  get diagnostics incidents = row_count;
  delete from controller.message m
   where m.id = any (array(
     select o.id from controller.message o
      where o.claimed_at < too_old and not exists (select from controller.outbox t where t.message = o.id)
      order by o.claimed_at limit 5000));
  get diagnostics messages = row_count;
  return incidents + messages;
end $$;

create or replace function controller.prune_approval(keep interval) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  too_old timestamptz := clock_timestamp() - keep - interval '1 day';
  gone bigint;
begin
  if keep is null or keep < interval '1 day' then
    raise exception 'at least one day of approvals is kept' using errcode = 'invalid_parameter_value';
  end if;
  -- Each covers as many drifts as its plan had.
  delete from controller.approval a
   where a.id = any (array(
     select o.id from controller.approval o where o.until < too_old order by o.until limit 20));
  get diagnostics gone = row_count;
  return gone;
end $$;
