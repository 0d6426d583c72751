-- What the hosting platform writes. An existing platform keeps the tables it has: nothing here changes one.
-- Of an instance, external_id is the identity and vmid only an address; its payload may carry credentials.
do $$ begin
  -- Not "create schema if not exists": that asks for the right to create even where there is nothing to create.
  if to_regnamespace('platform') is null then create schema platform; end if;
end $$;

create table if not exists platform.container_instance (
  vmid          integer primary key check (vmid between 100 and 999999999),
  external_id   uuid not null unique default gen_random_uuid(),
  customer_id   text,
  ctype         text not null check (ctype in ('game','dev')),
  hostname      text not null,
  node          text,
  ip            inet,
  game          text,
  variant       text,
  port          integer,
  desired_power text not null default 'running' check (desired_power in ('running','stopped')),
  status        text not null default 'active'
                check (status in ('provisioning','active','failed','pending_reconciliation','terminating')),
  payload       jsonb not null default '{}',
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now()
);
create table if not exists platform.provisioning_operation (
  id               text primary key,
  idempotency_key  text unique,
  customer_id      text,
  vmid             integer,
  kind             text not null check (kind in ('create','delete','start','stop','restart','backup','restore')),
  queue            text not null default 'provisioning',
  job_id           text,
  status           text not null
                   check (status in ('queued','running','ready','failed','stale','pending_reconciliation')),
  phase            text,
  attempts         integer not null default 0,
  enqueued_at      timestamptz not null default now(),
  started_at       timestamptz,
  heartbeat_at     timestamptz,
  lease_expires_at timestamptz,
  finished_at      timestamptz,
  error            text
);

create table if not exists platform.billing_enforcement_state (
  customer_id          text primary key,
  billing_status       text not null check (billing_status in
                       ('active','past_due','overdue_warning','suspended','retained','pending_deletion')),
  server_billing_state text not null default 'allowed' check (server_billing_state in
                       ('allowed','backup_blocked','suspended_shutdown','retained')),
  suspended_at         timestamptz,
  retention_until      timestamptz,
  updated_at           timestamptz not null default now()
);

create table if not exists platform.deleted_instance (
  id          bigint generated always as identity primary key,
  vmid        integer not null,
  external_id uuid,
  customer_id text,
  hostname    text not null,
  game        text,
  variant     text,
  ip          inet,
  reason      text,
  deleted_at  timestamptz not null default now()
);

-- An index needs the table's owner: on tables of an existing platform they are its owner's business.
do $$
declare
  wanted text[] := array[
    'container_instance', 'create index container_instance_hostname on platform.container_instance (lower(hostname))',
    'provisioning_operation', 'create index provisioning_operation_live on platform.provisioning_operation (vmid, id)
       where status in (''queued'', ''running'', ''pending_reconciliation'')',
    'provisioning_operation', 'create index provisioning_operation_ended on platform.provisioning_operation
       ((coalesce(finished_at, heartbeat_at, started_at, enqueued_at)))',
    'deleted_instance', 'create index deleted_instance_recent on platform.deleted_instance (deleted_at)'
  ];
begin
  for i in 1 .. array_length(wanted, 1) by 2 loop
    if pg_has_role((select c.relowner from pg_class c where c.oid = ('platform.' || wanted[i])::regclass), 'USAGE') then
      begin
        execute wanted[i + 1];
      exception when duplicate_table then null;
      end;
    end if;
  end loop;
end $$;
