-- What somebody was called for, with a sound, since the incident was over last. It was kept for a message as a whole: an incident that
-- began to need somebody for something else, or beside another one in a digest, changed a line and called nobody. `message.is_alarm` is
-- written no more; it stays for the program before, which may lead while this runs.
alter table controller.outbox add column called text[] not null default '{}';
update controller.outbox set called = array[told_stage]
 where told_stage in ('needs_you', 'braked', 'contested', 'quarantined', 'blind', 'sink_failing');
