-- A pause holds from the moment its row can be seen. now() is when a transaction began: a claim that had begun before the pause
-- did, and that asked for pauses after it had been written, found that it lay ahead. The clock of the statement tells how
-- long it still holds.
create or replace view controller.active_pause as
select p.vmid, p.since, p.until, p.reason, p.by
  from controller.pause p
 where p.ended_at is null and p.until > statement_timestamp();
