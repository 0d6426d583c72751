-- The views: everything that is read of the platform. A platform with other tables redefines them ("create or replace
-- view") over its own. They name their columns, so that a new column of a table, or its payload, never appears here.
create view controller.desired_instance as
select i.vmid, i.external_id, i.customer_id, i.ctype, i.hostname, i.node, i.ip, i.game, i.variant, i.port,
       i.desired_power, i.status, i.created_at, i.updated_at
  from platform.container_instance i;

-- Live operations, and those that ended in the last 30 days. A row that ended without saying when is dated by its last
-- sign of life: otherwise rows of an untidy worker would stay for ever.
create view controller.desired_operation as
select o.id, o.idempotency_key, o.customer_id, o.vmid, o.kind, o.queue, o.job_id, o.status, o.phase, o.attempts,
       o.enqueued_at, o.started_at, o.heartbeat_at, o.lease_expires_at, o.finished_at, o.error
  from platform.provisioning_operation o
 where o.status in ('queued', 'running', 'pending_reconciliation')
    or coalesce(o.finished_at, o.heartbeat_at, o.started_at, o.enqueued_at) >= now() - interval '30 days';

create view controller.desired_billing as
select b.customer_id, b.billing_status, b.server_billing_state, b.suspended_at, b.retention_until, b.updated_at
  from platform.billing_enforcement_state b;

-- Lives that ended in the last 30 days and whose host name does not live again.
create view controller.retired_instance as
select d.id, d.vmid, d.external_id, d.customer_id, d.hostname, d.game, d.variant, d.ip, d.reason, d.deleted_at
  from platform.deleted_instance d
 where d.deleted_at >= now() - interval '30 days'
   and not exists (select from platform.container_instance i where lower(i.hostname) = lower(d.hostname));

create view controller.schema_version as
select m.number, m.name, m.applied_at from controller.schema_migration m;

-- Who may act. One row for ever: taking over is an update of it, and a claim locks it "for share".
create table controller.leadership (
  only_row  boolean primary key default true check (only_row),
  epoch     bigint not null check (epoch >= 0),
  holder    uuid,
  taken_at  timestamptz,
  closed_at timestamptz,
  note      text,
  check (closed_at is not null or (holder is not null and taken_at is not null))
);
comment on column controller.leadership.closed_at is 'Set by a holder that stopped cleanly; null while it may act.';
insert into controller.leadership (epoch, closed_at) values (0, now());

create function controller.guard_leadership() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op <> 'UPDATE' then
    raise exception 'the leadership row stays' using errcode = 'restrict_violation';
  end if;
  if new.epoch < old.epoch or (new.epoch = old.epoch and
       (new.holder is distinct from old.holder or (old.closed_at is not null and new.closed_at is null))) then
    raise exception 'leadership only passes on with a later epoch' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger guard before update or delete on controller.leadership
  for each row execute function controller.guard_leadership();
create trigger guard_truncate before truncate on controller.leadership
  for each statement execute function controller.guard_leadership();

create table controller.repair_event (
  id          bigint generated always as identity primary key,
  at          timestamptz not null default clock_timestamp(),
  epoch       bigint,
  cycle       bigint,
  vmid        integer,
  external_id uuid,
  hostname    text,
  drift_id    text,
  drift_kind  text,
  level       smallint check (level between 0 and 3),
  action      text,
  verdict     text,
  reason      text,
  intent_id   text,
  attempt     integer,
  step        text,
  outcome     text,
  detail      jsonb
);
create index repair_event_at on controller.repair_event (at);
create index repair_event_vmid on controller.repair_event (vmid, id);

-- Append-only for everybody, the owner included: a history that can be edited proves nothing. Old rows may go
-- (events.keep), and a day is the least that is kept.
create function controller.guard_repair_event() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'DELETE' then
    if old.at < clock_timestamp() - interval '1 day' then return old; end if;
  end if;
  raise exception 'repair_event is append-only' using errcode = 'restrict_violation';
end $$;
create trigger guard before update or delete on controller.repair_event
  for each row execute function controller.guard_repair_event();
create trigger guard_truncate before truncate on controller.repair_event
  for each statement execute function controller.guard_repair_event();

create function controller.prune_repair_event(keep interval) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  gone bigint;
begin
  if keep is null or keep < interval '1 day' then
    raise exception 'at least one day of events is kept' using errcode = 'invalid_parameter_value';
  end if;
  delete from controller.repair_event e where e.at < clock_timestamp() - keep;
  get diagnostics gone = row_count;
  return gone;
end $$;

create table controller.pause (
  id       bigint generated always as identity primary key,
  vmid     integer check (vmid between 100 and 999999999),
  since    timestamptz not null default now(),
  until    timestamptz not null check (isfinite(until)),
  reason   text not null check (reason <> ''),
  by       text not null check (by <> ''),
  ended_at timestamptz,
  ended_by text,
  check (until > since)
);
comment on column controller.pause.vmid is 'Null pauses the whole fleet.';
create index pause_until on controller.pause (until) where ended_at is null;
create view controller.active_pause as
select p.vmid, p.since, p.until, p.reason, p.by
  from controller.pause p
 where p.ended_at is null and p.since <= now() and p.until > now();

create table controller.accepted (
  drift_id    text primary key check (drift_id <> ''),
  reason      text not null check (reason <> ''),
  until       timestamptz not null check (isfinite(until)),
  by          text not null check (by <> ''),
  accepted_at timestamptz not null default now()
);
create view controller.accepted_drift as
select a.drift_id, a.reason, a.until, a.by, a.accepted_at from controller.accepted a where a.until > now();
