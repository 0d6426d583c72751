-- Each claim counts what was begun in the last minute: the budget holds by this server's clock, whatever the hosts take the time to be.
create index repair_intent_created on controller.repair_intent (created_at);
