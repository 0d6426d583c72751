-- Tells listeners of `controller_desired` that desired state changed: the VMID when exactly one is touched, else an
-- empty payload, "look at everything". Once for each statement. Columns that are no news are left out of the
-- comparison: heartbeat and lease of an operation, a row's updated_at, and the payload, which the controller never
-- sees.
create function controller.tell_desired(touched integer[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  one integer;
begin
  if coalesce(cardinality(touched), 0) = 0 then return; end if;
  -- Nothing but one number: a null among them is a row without a VMID, and that may be about anything.
  if array_position(touched, null::integer) is null
     and (select count(distinct t) from unnest(touched) t) = 1 then
    one := touched[1];
  end if;
  perform pg_notify('controller_desired', coalesce(one::text, ''));
end $$;

create function controller.tell_container_instance() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  touched integer[];
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct vmid) into touched from new_rows;
  elsif tg_op = 'DELETE' then
    select array_agg(distinct vmid) into touched from old_rows;
  elsif tg_op = 'UPDATE' then
    with changed as (
      (select vmid, external_id, customer_id, ctype, hostname, node, ip, game, variant, port, desired_power, status
          from new_rows
        except
       select vmid, external_id, customer_id, ctype, hostname, node, ip, game, variant, port, desired_power, status
          from old_rows)
      union all
      (select vmid, external_id, customer_id, ctype, hostname, node, ip, game, variant, port, desired_power, status
          from old_rows
        except
       select vmid, external_id, customer_id, ctype, hostname, node, ip, game, variant, port, desired_power, status
          from new_rows)
    )
    select array_agg(distinct vmid) into touched from changed;
  else
    touched := array[null::integer];
  end if;
  perform controller.tell_desired(touched);
  return null;
end $$;
create or replace trigger controller_insert after insert on platform.container_instance
  referencing new table as new_rows for each statement execute function controller.tell_container_instance();
create or replace trigger controller_update after update on platform.container_instance
  referencing old table as old_rows new table as new_rows
  for each statement execute function controller.tell_container_instance();
create or replace trigger controller_delete after delete on platform.container_instance
  referencing old table as old_rows for each statement execute function controller.tell_container_instance();
create or replace trigger controller_truncate after truncate on platform.container_instance
  for each statement execute function controller.tell_container_instance();

create function controller.tell_provisioning_operation() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  touched integer[];
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct vmid) into touched from new_rows;
  elsif tg_op = 'DELETE' then
    select array_agg(distinct vmid) into touched from old_rows;
  elsif tg_op = 'UPDATE' then
    with changed as (
      (select vmid, id, idempotency_key, customer_id, kind, queue, job_id, status, phase, attempts,
               enqueued_at, started_at, finished_at from new_rows
        except
       select vmid, id, idempotency_key, customer_id, kind, queue, job_id, status, phase, attempts,
               enqueued_at, started_at, finished_at from old_rows)
      union all
      (select vmid, id, idempotency_key, customer_id, kind, queue, job_id, status, phase, attempts,
               enqueued_at, started_at, finished_at from old_rows
        except
       select vmid, id, idempotency_key, customer_id, kind, queue, job_id, status, phase, attempts,
               enqueued_at, started_at, finished_at from new_rows)
    )
    select array_agg(distinct vmid) into touched from changed;
  else
    touched := array[null::integer];
  end if;
  perform controller.tell_desired(touched);
  return null;
end $$;
create or replace trigger controller_insert after insert on platform.provisioning_operation
  referencing new table as new_rows for each statement execute function controller.tell_provisioning_operation();
create or replace trigger controller_update after update on platform.provisioning_operation
  referencing old table as old_rows new table as new_rows
  for each statement execute function controller.tell_provisioning_operation();
create or replace trigger controller_delete after delete on platform.provisioning_operation
  referencing old table as old_rows for each statement execute function controller.tell_provisioning_operation();
create or replace trigger controller_truncate after truncate on platform.provisioning_operation
  for each statement execute function controller.tell_provisioning_operation();

create function controller.tell_deleted_instance() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  touched integer[];
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct vmid) into touched from new_rows;
  elsif tg_op = 'DELETE' then
    select array_agg(distinct vmid) into touched from old_rows;
  elsif tg_op = 'UPDATE' then
    with changed as (
      (select vmid, id, external_id, customer_id, hostname, game, variant, ip, deleted_at from new_rows
        except
       select vmid, id, external_id, customer_id, hostname, game, variant, ip, deleted_at from old_rows)
      union all
      (select vmid, id, external_id, customer_id, hostname, game, variant, ip, deleted_at from old_rows
        except
       select vmid, id, external_id, customer_id, hostname, game, variant, ip, deleted_at from new_rows)
    )
    select array_agg(distinct vmid) into touched from changed;
  else
    touched := array[null::integer];
  end if;
  perform controller.tell_desired(touched);
  return null;
end $$;
create or replace trigger controller_insert after insert on platform.deleted_instance
  referencing new table as new_rows for each statement execute function controller.tell_deleted_instance();
create or replace trigger controller_update after update on platform.deleted_instance
  referencing old table as old_rows new table as new_rows
  for each statement execute function controller.tell_deleted_instance();
create or replace trigger controller_delete after delete on platform.deleted_instance
  referencing old table as old_rows for each statement execute function controller.tell_deleted_instance();
create or replace trigger controller_truncate after truncate on platform.deleted_instance
  for each statement execute function controller.tell_deleted_instance();

create function controller.tell_billing_enforcement_state() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  touched integer[];
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct null::integer) into touched from new_rows;
  elsif tg_op = 'DELETE' then
    select array_agg(distinct null::integer) into touched from old_rows;
  elsif tg_op = 'UPDATE' then
    with changed as (
      (select customer_id, billing_status, server_billing_state, suspended_at, retention_until from new_rows
        except
       select customer_id, billing_status, server_billing_state, suspended_at, retention_until from old_rows)
      union all
      (select customer_id, billing_status, server_billing_state, suspended_at, retention_until from old_rows
        except
       select customer_id, billing_status, server_billing_state, suspended_at, retention_until from new_rows)
    )
    select array_agg(distinct null::integer) into touched from changed;
  else
    touched := array[null::integer];
  end if;
  perform controller.tell_desired(touched);
  return null;
end $$;
create or replace trigger controller_insert after insert on platform.billing_enforcement_state
  referencing new table as new_rows for each statement execute function controller.tell_billing_enforcement_state();
create or replace trigger controller_update after update on platform.billing_enforcement_state
  referencing old table as old_rows new table as new_rows
  for each statement execute function controller.tell_billing_enforcement_state();
create or replace trigger controller_delete after delete on platform.billing_enforcement_state
  referencing old table as old_rows for each statement execute function controller.tell_billing_enforcement_state();
create or replace trigger controller_truncate after truncate on platform.billing_enforcement_state
  for each statement execute function controller.tell_billing_enforcement_state();

-- Called by triggers alone. They run with their owner's rights, because who writes a platform table need not reach this
-- schema.
revoke all on function controller.tell_desired(integer[]) from public;
revoke all on function controller.tell_container_instance() from public;
revoke all on function controller.tell_provisioning_operation() from public;
revoke all on function controller.tell_deleted_instance() from public;
revoke all on function controller.tell_billing_enforcement_state() from public;
revoke all on function controller.guard_leadership() from public;
revoke all on function controller.guard_repair_event() from public;
