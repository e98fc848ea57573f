-- What the provisioner remembers of the stream, so that a stream which lost its tail does not give an identity out twice.

create table stream_epoch (
    stream text primary key,
    epoch integer not null check (epoch >= 1),
    stream_created_at timestamptz not null,
    last_seq bigint not null check (last_seq >= 0),
    seen_at timestamptz not null
);
comment on table stream_epoch is 'The stream epoch of accepted messages: the first half of their identities.';
comment on column stream_epoch.stream is 'The JetStream stream.';
comment on column stream_epoch.epoch is 'Rises when the stream was created again or lost its tail.';
comment on column stream_epoch.stream_created_at is 'Creation time that JetStream reports.';
comment on column stream_epoch.last_seq is 'The highest sequence seen in this epoch.';
comment on column stream_epoch.seen_at is 'When that was.';

grant select, update (last_seq, seen_at) on stream_epoch to chat_svc;
