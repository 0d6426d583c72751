-- First all that this and the next ones change, in the order in which a daemon that still runs asks for it: a round reads its views
-- and then what is below them, and writes open_drift, incident, outbox. In another order each could wait for the other, and the
-- server would end one of both. "lock table" of a view would lock what is below it as well; changing nothing of it does not.
alter view controller.active_pause reset (security_barrier);
alter view controller.drift_past reset (security_barrier);
lock table controller.open_drift, controller.incident, controller.outbox in access exclusive mode;

-- What of an incident was told beside how it stands: what joins it, or is repaired in it, while it stays open is news.
alter table controller.outbox
  add column told_drifts integer not null default 0,
  add column told_repaired integer not null default 0;
update controller.outbox o set told_drifts = i.drifts, told_repaired = i.repaired
  from controller.incident i where i.id = o.incident and o.told_version >= i.version;

-- Whether a repair of it was seen to work, and whether that is how the last drifts of an incident ended.
alter table controller.open_drift add column repaired boolean not null default false;
alter table controller.incident add column mended boolean not null default false;
update controller.incident set mended = repaired > 0 where closed_at is not null;
