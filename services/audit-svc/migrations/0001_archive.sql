-- The sealed archive and its Merkle log. Everything but data_keys is append-only: by grant for audit_svc, by trigger for everybody.

create function audit.refuse_rewrite() returns trigger language plpgsql as $$
begin
  raise exception 'audit.% is append-only (% refused)', tg_table_name, tg_op using errcode = '42501';
end $$;
comment on function audit.refuse_rewrite() is 'Trigger of every append-only table: refuses update, delete and truncate, also to the owner.';

create table audit.data_keys (
  dek_id uuid primary key,
  room_id uuid not null,
  day date not null,
  wrapped bytea not null check (octet_length(wrapped) = 60),
  kek_version bigint not null check (kek_version > 0),
  created_at timestamptz not null default clock_timestamp(),
  unique (room_id, day)
);
comment on table audit.data_keys is 'One data key per room and UTC day. Retention deletes a row (owner only): that day of that room is shredded, its leaves stay.';
comment on column audit.data_keys.dek_id is 'Identity of the key; part of the additional data of what it seals.';
comment on column audit.data_keys.room_id is 'The room; the nil UUID for quarantined messages.';
comment on column audit.data_keys.day is 'UTC day of acceptance.';
comment on column audit.data_keys.wrapped is 'Nonce (12), key (32) and tag (16): AES-256-GCM-SIV under the key-encryption key.';
comment on column audit.data_keys.kek_version is 'Which key-encryption key wrapped it; that key lies in a file outside the database.';
comment on column audit.data_keys.created_at is 'When the key was made.';

create table audit.records (
  stream_epoch bigint not null check (stream_epoch between 0 and 32767),
  seq bigint not null check (seq between 1 and 281474976710655),
  position bigint not null unique generated always as (stream_epoch * 281474976710656 + seq) stored,
  room_id uuid not null,
  cid uuid not null,
  sender uuid not null,
  sender_fp bytea not null check (octet_length(sender_fp) = 32),
  epoch bigint not null check (epoch between 0 and 4294967295),
  accepted_at timestamptz not null,
  env_sha256 bytea not null check (octet_length(env_sha256) = 32),
  sig_sha256 bytea not null check (octet_length(sig_sha256) = 32),
  sealed bytea not null,
  dek_id uuid not null,
  leaf_index bigint not null unique check (leaf_index >= 0),
  stored_at timestamptz not null default clock_timestamp(),
  primary key (stream_epoch, seq),
  unique (room_id, cid)
);
comment on table audit.records is 'Accepted messages, sealed once more at rest.';
comment on column audit.records.stream_epoch is 'Stream epoch: rises when the stream lost its tail and gives sequences out again.';
comment on column audit.records.seq is 'JetStream sequence within the stream epoch.';
comment on column audit.records.position is 'Both as one number, 2^48 sequences an epoch: of row comparisons the planner estimates the first column only.';
comment on column audit.records.room_id is 'The room.';
comment on column audit.records.cid is 'The client message id.';
comment on column audit.records.sender is 'The account that sent it.';
comment on column audit.records.sender_fp is 'Fingerprint of the certificate that the signature verifies with.';
comment on column audit.records.epoch is 'Key epoch of the room.';
comment on column audit.records.accepted_at is 'When chat-svc accepted it, to the millisecond.';
comment on column audit.records.env_sha256 is 'SHA-256 of the envelope, as in the leaf: it survives shredding.';
comment on column audit.records.sig_sha256 is 'SHA-256 of the detached signature, as in the leaf.';
comment on column audit.records.sealed is 'Nonce, AES-256-GCM-SIV of (signature length, signature, envelope), tag.';
comment on column audit.records.dek_id is 'The data key; no foreign key, because deleting the key is how a day is shredded.';
comment on column audit.records.leaf_index is 'Position of its leaf in the log.';
comment on column audit.records.stored_at is 'When the row was written.';
create index records_by_room on audit.records (room_id, position);
create index records_by_sender on audit.records (sender, position);
create index records_by_time on audit.records (accepted_at);

create table audit.events (
  event_id uuid primary key,
  kind text not null check (kind ~ '^[a-z][a-z0-9_]{0,63}$'),
  actor uuid,
  at timestamptz not null,
  body json not null,
  leaf_index bigint not null unique check (leaf_index >= 0),
  stored_at timestamptz not null default clock_timestamp()
);
comment on table audit.events is 'Significant events of all services, auditors'' queries among them.';
comment on column audit.events.event_id is 'Identity given by the service that wrote it; makes redelivery harmless.';
comment on column audit.events.kind is 'The event''s name.';
comment on column audit.events.actor is 'Who did it; null when nobody was logged in.';
comment on column audit.events.at is 'When it happened.';
comment on column audit.events.body is 'Identifiers and hashes, never secrets. Type json, not jsonb: the leaf covers these very octets.';
comment on column audit.events.leaf_index is 'Position of its leaf in the log.';
comment on column audit.events.stored_at is 'When the row was written.';
create index events_by_kind on audit.events (kind, leaf_index);
create index events_by_actor on audit.events (actor, leaf_index);
create index events_by_time on audit.events (at);

create table audit.log_hashes (
  idx bigint primary key check (idx >= 0),
  hash bytea not null check (octet_length(hash) = 32)
);
comment on table audit.log_hashes is 'The hashes of the RFC 6962 tree, about two per leaf.';
comment on column audit.log_hashes.idx is 'Stored hash index (Go sumdb order): dense, leaves and inner nodes.';
comment on column audit.log_hashes.hash is 'SHA-256 of the node.';

create table audit.checkpoints (
  checkpoint_id bigint generated always as identity primary key,
  size bigint not null check (size >= 0),
  root bytea not null check (octet_length(root) = 32),
  note text not null,
  covers_stream_epoch bigint,
  covers_seq bigint,
  signed_at timestamptz not null default clock_timestamp(),
  check ((covers_stream_epoch is null) = (covers_seq is null))
);
comment on table audit.checkpoints is 'Signed tree heads (C2SP tlog-checkpoint), newest last.';
comment on column audit.checkpoints.checkpoint_id is 'Order of signing.';
comment on column audit.checkpoints.size is 'Leaves that it covers.';
comment on column audit.checkpoints.root is 'RFC 6962 tree hash at that size.';
comment on column audit.checkpoints.note is 'The signed note.';
comment on column audit.checkpoints.covers_stream_epoch is 'Stream epoch of the newest message such that every message up to it is stored; null before the first.';
comment on column audit.checkpoints.covers_seq is 'Sequence of that message.';
comment on column audit.checkpoints.signed_at is 'When it was signed.';

create table audit.quarantine (
  quarantine_id bigint generated always as identity primary key,
  stream text not null,
  seq bigint not null,
  subject text not null,
  reason text not null,
  payload_sha256 bytea not null check (octet_length(payload_sha256) = 32),
  sealed bytea not null,
  dek_id uuid not null,
  stored_at timestamptz not null default clock_timestamp(),
  unique (stream, seq, payload_sha256)
);
comment on table audit.quarantine is 'What lay in a stream and could not be archived: malformed, or in conflict with a stored row. Each row has an event in the log.';
comment on column audit.quarantine.quarantine_id is 'Order of arrival.';
comment on column audit.quarantine.stream is 'The JetStream stream.';
comment on column audit.quarantine.seq is 'Its sequence in that stream.';
comment on column audit.quarantine.subject is 'Its subject.';
comment on column audit.quarantine.reason is 'Why it is here.';
comment on column audit.quarantine.payload_sha256 is 'SHA-256 of the payload, as in the event.';
comment on column audit.quarantine.sealed is 'Headers and payload, sealed as records are.';
comment on column audit.quarantine.dek_id is 'The data key: of the nil room.';
comment on column audit.quarantine.stored_at is 'When the row was written.';

do $$
declare name text;
begin
  foreach name in array array['records', 'events', 'log_hashes', 'checkpoints', 'quarantine'] loop
    execute format('create trigger no_rewrite before update or delete on audit.%I for each row execute function audit.refuse_rewrite()', name);
    execute format('create trigger no_truncate before truncate on audit.%I for each statement execute function audit.refuse_rewrite()', name);
    -- Always: session_replication_role = replica does not switch them off.
    execute format('alter table audit.%I enable always trigger no_rewrite', name);
    execute format('alter table audit.%I enable always trigger no_truncate', name);
    execute format('grant select, insert on audit.%I to audit_svc', name);
  end loop;
end $$;

grant select, insert on audit.data_keys to audit_svc;
grant select on audit._sqlx_migrations to audit_svc;
