-- The only two writes to desired state there are. Each changes one operation, and only while the caller still leads and
-- the row is still exactly what the caller saw. False: something moved; read again. Both run with their owner's rights,
-- so the search path is pinned and nobody may call them unless granted.
--
-- A platform with other tables redefines them ("create or replace function"); whether a VMID is released is its
-- business, in here.
create function controller.mark_operation_stale(
  id text, epoch bigint, holder uuid, seen_status text, seen_phase text, seen_attempts integer,
  seen_heartbeat timestamptz, seen_lease timestamptz
) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  -- Locked to the end of the caller's transaction: whoever takes over waits for it, or has already made this find
  -- nothing.
  perform from controller.leadership l
    where l.epoch = mark_operation_stale.epoch and l.holder = mark_operation_stale.holder and l.closed_at is null
      for share;
  if not found then return false; end if;

  update platform.provisioning_operation o
     set status = 'stale', finished_at = clock_timestamp()
   where o.id = mark_operation_stale.id
     and o.status in ('queued', 'running')
     and o.status is not distinct from seen_status
     and o.phase is not distinct from seen_phase
     and o.attempts is not distinct from seen_attempts
     and o.heartbeat_at is not distinct from seen_heartbeat
     and o.lease_expires_at is not distinct from seen_lease
     and (o.heartbeat_at is not null or o.lease_expires_at is not null)
     and (o.heartbeat_at is null or o.heartbeat_at < clock_timestamp() - interval '10 minutes')
     and (o.lease_expires_at is null or o.lease_expires_at < clock_timestamp());
  return found;
end $$;

create function controller.fail_stuck_operation(
  id text, epoch bigint, holder uuid, seen_status text, seen_phase text, seen_attempts integer,
  seen_heartbeat timestamptz, seen_lease timestamptz, reason text
) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform from controller.leadership l
    where l.epoch = fail_stuck_operation.epoch and l.holder = fail_stuck_operation.holder and l.closed_at is null
      for share;
  if not found then return false; end if;

  update platform.provisioning_operation o
     set status = 'failed', finished_at = clock_timestamp(), error = fail_stuck_operation.reason
   where o.id = fail_stuck_operation.id
     and o.kind = 'create'
     and o.status in ('queued', 'running')
     and o.status is not distinct from seen_status
     and o.phase is not distinct from seen_phase
     and o.attempts is not distinct from seen_attempts
     and o.heartbeat_at is not distinct from seen_heartbeat
     and o.lease_expires_at is not distinct from seen_lease
     and o.enqueued_at < clock_timestamp() - interval '15 minutes'
     and o.phase is null
     and (o.heartbeat_at is null or o.heartbeat_at <= o.enqueued_at)
     -- Not stale: that is the other function's case, by the same conditions as there.
     and not (
           (o.heartbeat_at is not null or o.lease_expires_at is not null)
       and (o.heartbeat_at is null or o.heartbeat_at < clock_timestamp() - interval '10 minutes')
       and (o.lease_expires_at is null or o.lease_expires_at < clock_timestamp()));
  return found;
end $$;

revoke all on function controller.prune_repair_event(interval) from public;
revoke all on function controller.mark_operation_stale(
  text, bigint, uuid, text, text, integer, timestamptz, timestamptz) from public;
revoke all on function controller.fail_stuck_operation(
  text, bigint, uuid, text, text, integer, timestamptz, timestamptz, text) from public;
