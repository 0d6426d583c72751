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
