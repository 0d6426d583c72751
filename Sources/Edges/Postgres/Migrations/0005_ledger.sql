-- What the daemon has to know after a restart. The history is repair_event; these three are the present.

-- One row for each drift that was told of and has not ended. Written in the transaction of the events that tell of it.
create table controller.open_drift (
  drift_id     text primary key check (drift_id <> ''),
  drift_kind   text not null,
  vmid         integer,
  external_id  uuid,
  hostname     text,
  level        smallint not null check (level between 0 and 3),
  action       text,
  verdict      text not null,
  reason       text not null,
  since        timestamptz not null,
  would_repair boolean not null default false
);

-- One row for each attempt, made before its first act. An open one is looked at before anything else is done.
create table controller.repair_intent (
  id           text primary key,
  drift_id     text not null,
  drift_kind   text not null,
  action       text not null,
  vmid         integer,
  external_id  uuid,
  hostname     text,
  operation_id text,
  attempt      integer not null check (attempt > 0),
  epoch        bigint not null,
  cycle        bigint not null,
  policies     text not null,
  state        text not null default 'open' check (state in ('open', 'verified', 'not_verified', 'refused', 'unknown')),
  why          text,
  created_at   timestamptz not null default clock_timestamp(),
  ended_at     timestamptz,
  check ((state = 'open') = (ended_at is null))
);
create index repair_intent_drift on controller.repair_intent (drift_id, created_at);
-- Never two repairs of one instance, or of one operation, at once.
create unique index repair_intent_open_vmid on controller.repair_intent (vmid) where state = 'open';
create unique index repair_intent_open_operation on controller.repair_intent (operation_id) where state = 'open';

-- One row around each act: asked before it, answered after it, checked by a fresh read.
create table controller.repair_step (
  intent_id   text not null references controller.repair_intent (id) on delete cascade,
  name        text not null,
  asked_at    timestamptz not null default clock_timestamp(),
  answered_at timestamptz,
  answer      text,
  checked_at  timestamptz,
  seen        text,
  primary key (intent_id, name)
);

-- Attempts that ended longer ago than events are kept; what is open stays.
create function controller.prune_repair_intent(keep interval) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  gone bigint;
begin
  if keep is null or keep < interval '1 day' then
    raise exception 'at least one day of attempts is kept' using errcode = 'invalid_parameter_value';
  end if;
  delete from controller.repair_intent i where i.ended_at < clock_timestamp() - keep;
  get diagnostics gone = row_count;
  return gone;
end $$;
revoke all on function controller.prune_repair_intent(interval) from public;
