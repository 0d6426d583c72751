-- Repairs whose sink is outside the database: what is changed is written down before it is sent, so that whoever comes after a
-- crash can look at it.

alter table controller.repair_intent add column change jsonb;
alter table controller.repair_intent drop constraint repair_intent_state_check;
alter table controller.repair_intent add constraint repair_intent_state_check
  check (state in ('open', 'verified', 'not_verified', 'refused', 'unknown', 'compensated'));

-- The id of the record that the service said it made.
alter table controller.repair_step add column record_id text;
