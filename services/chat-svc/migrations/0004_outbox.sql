-- Significant events on their way to the stream EVENTS (crates/outbox relays them).

create table outbox (
    position bigint generated always as identity primary key,
    event_id uuid not null unique,
    subject text not null,
    body text not null,
    recorded_at timestamptz not null default now()
);
comment on table outbox is 'Significant events on their way to the stream EVENTS; empty when all are relayed.';
comment on column outbox.position is 'Order of recording.';
comment on column outbox.event_id is 'Identity of the event; its Nats-Msg-Id.';
comment on column outbox.subject is 'Subject that it is published under.';
comment on column outbox.body is 'The event as JSON.';
comment on column outbox.recorded_at is 'When it was recorded.';

grant select, insert, delete on outbox to chat_svc;
-- `serve` compares the schema's version with its own.
grant select on _sqlx_migrations to chat_svc;
