-- What people are told of. An incident is told as it stands, so nothing is queued: a row is due while its incident has a
-- newer version than was told.

-- Which incident an open drift belongs to, and what was seen of it last.
alter table controller.open_drift add column incident text, add column detail text;
create index open_drift_incident on controller.open_drift (incident) where incident is not null;

-- One row for each incident. Written in the transaction of the events that tell of its drifts; a condition of the controller
-- itself is written at the end of the round that saw it.
create table controller.incident (
  id         text primary key check (id <> ''),
  -- What it is the same by: what opens again within an hour is the same incident.
  group_key  text not null,
  topic      text not null check (topic in ('drifts', 'plane', 'brake', 'leader', 'sink')),
  kinds      text[] not null default '{}',
  -- Whose drifts they are; null when they are of many.
  vmid       integer,
  hostname   text,
  level      smallint not null check (level between 0 and 3),
  opened_at  timestamptz not null default clock_timestamp(),
  closed_at  timestamptz,
  times      integer not null default 1,
  drifts     integer not null default 0,
  attempts   integer not null default 0,
  repaired   integer not null default 0,
  did        text,
  trouble    text,
  subject    text,
  text       text,
  version    bigint not null default 1,
  changed_at timestamptz not null default clock_timestamp()
);
create index incident_group on controller.incident (group_key);

-- One row for each message of a webhook. `sending` is written before each request, so that an end that was never written down
-- is known to be one.
create table controller.message (
  id         bigint generated always as identity primary key,
  webhook    text not null,
  state      text not null check (state in ('sending', 'unsent', 'sent')),
  discord_id text,
  claim      bigint not null default 1,
  claimed_at timestamptz not null default clock_timestamp(),
  posted_at  timestamptz,
  digest     text,
  is_alarm   boolean not null default false,
  may_repeat boolean not null default false,
  is_frozen  boolean not null default false,
  is_plain   boolean not null default false,
  check (state <> 'sent' or discord_id is not null)
);

-- One row for each incident and webhook: what that webhook was told of it last, and by which message.
create table controller.outbox (
  incident     text not null references controller.incident (id) on delete cascade,
  webhook      text not null,
  told_version bigint not null default 0,
  told_stage   text,
  told_at      timestamptz,
  message      bigint references controller.message (id) on delete set null,
  primary key (webhook, incident)
);
create index outbox_message on controller.outbox (message) where message is not null;
create index outbox_incident on controller.outbox (incident);

-- Incidents that are over and told everywhere, and messages that show none any more, are dropped with the events. What a webhook
-- was never told stays for as long again, and no longer: by then it is no news.
create function controller.prune_incident(keep interval) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  gone bigint;
begin
  if keep is null or keep < interval '1 day' then
    raise exception 'at least one day of incidents is kept' using errcode = 'invalid_parameter_value';
  end if;
  delete from controller.incident i
   where i.closed_at < clock_timestamp() - keep
     and (i.closed_at < clock_timestamp() - keep * 2
          or not exists (select from controller.outbox o where o.incident = i.id and o.told_version < i.version));
  get diagnostics gone = row_count;
  delete from controller.message m
   where m.claimed_at < clock_timestamp() - keep
     and not exists (select from controller.outbox o where o.message = m.id);
  return gone;
end $$;
revoke all on function controller.prune_incident(interval) from public;
