-- What else people are told of: repairs that wait for an approval, and a budget that is used up.
alter table controller.incident drop constraint incident_topic_check;
alter table controller.incident add constraint incident_topic_check
  check (topic in ('drifts', 'plane', 'brake', 'approval', 'budget', 'leader', 'sink'));

-- Whether the brake holds a drift only while a proxy that restarted may still fill its own list: nobody is needed yet.
alter table controller.open_drift add column settling boolean not null default false;

-- Webhooks that Discord does not know any more: asking again is punished, so a restart must not forget it.
create table controller.webhook_gone (
  webhook     text primary key check (webhook <> ''),
  -- Of where it leads: under another address it is another webhook.
  fingerprint text not null check (fingerprint <> ''),
  why         text not null,
  at          timestamptz not null default clock_timestamp()
);
