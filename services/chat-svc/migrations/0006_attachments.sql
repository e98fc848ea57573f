-- Attachments: files that clients sealed in chunks. Their names, types and keys stand in envelopes; nothing here opens them.

create table attachments (
    attachment_id uuid primary key,
    room_id uuid not null references rooms,
    uploaded_by uuid not null references people,
    octets bigint not null check (octets between 16 and 26217600),
    chunks integer not null check (chunks between 1 and 200),
    begun_at timestamptz not null,
    sha256 bytea check (octet_length(sha256) = 32),
    completed_at timestamptz,
    check ((sha256 is null) = (completed_at is null))
);
create index attachments_uploader on attachments (uploaded_by, begun_at);
create index attachments_unfinished on attachments (begun_at) where completed_at is null;
comment on table attachments is 'Attachments, begun or complete.';
comment on column attachments.attachment_id is 'Chosen by the client, which binds every chunk to it.';
comment on column attachments.room_id is 'Whose members may read it.';
comment on column attachments.uploaded_by is 'Who sealed it.';
comment on column attachments.octets is 'All sealed chunks together.';
comment on column attachments.chunks is 'How many chunks that makes.';
comment on column attachments.begun_at is 'When it was announced; one that stays incomplete goes a day later.';
comment on column attachments.sha256 is 'Over the SHA-256 of each sealed chunk, in order; null until it is complete.';
comment on column attachments.completed_at is 'Since when it can be read, and is kept; null until then.';

create table attachment_chunks (
    attachment_id uuid not null references attachments on delete cascade,
    index integer not null check (index between 0 and 199),
    sha256 bytea not null check (octet_length(sha256) = 32),
    octets bytea not null check (octet_length(octets) between 16 and 131088),
    primary key (attachment_id, index)
);
-- Ciphertext does not get smaller: Postgres need not try.
alter table attachment_chunks alter column octets set storage external;
comment on table attachment_chunks is 'Sealed chunks: AES-256-GCM under a key that stands in the envelope of the message.';
comment on column attachment_chunks.attachment_id is 'The attachment.';
comment on column attachment_chunks.index is 'Counts from 0.';
comment on column attachment_chunks.sha256 is 'Of octets.';
comment on column attachment_chunks.octets is 'Ciphertext and tag.';

create function keep_complete_attachments() returns trigger language plpgsql as $$
begin
    raise exception 'a complete attachment is kept';
end
$$;
comment on function keep_complete_attachments is 'Messages in the audit log name their attachments.';
create trigger attachments_are_kept before delete on attachments
    for each row when (old.completed_at is not null) execute function keep_complete_attachments();

grant select, insert, delete, update (sha256, completed_at) on attachments to chat_svc;
-- Chunks go with their attachment, and are never replaced.
grant select, insert on attachment_chunks to chat_svc;
