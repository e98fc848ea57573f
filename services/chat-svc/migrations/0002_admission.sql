-- How newcomers come in: requests that a member answers, and invite links.

create table join_requests (
    room_id uuid not null references rooms,
    user_id uuid not null references people,
    requested_at timestamptz not null,
    primary key (room_id, user_id)
);
comment on table join_requests is 'Accounts that wait for a room''s key; a decision deletes the row.';
comment on column join_requests.room_id is 'The room.';
comment on column join_requests.user_id is 'Who waits.';
comment on column join_requests.requested_at is 'Since when.';

create table invites (
    invite_id uuid primary key,
    room_id uuid not null references rooms,
    epoch integer not null,
    auth_hash bytea not null check (octet_length(auth_hash) = 32),
    locked bytea not null check (octet_length(locked) = 60),
    created_by uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    uses_max integer not null check (uses_max >= 1),
    uses integer not null default 0 check (uses between 0 and uses_max),
    revoked_at timestamptz
);
create index invites_room on invites (room_id, created_at desc);
comment on table invites is 'Invite links, without their secrets.';
comment on column invites.invite_id is 'Stands in the link.';
comment on column invites.room_id is 'Where it leads.';
comment on column invites.epoch is 'The key epoch that locked opens; a rotation ends the invite.';
comment on column invites.auth_hash is 'SHA-256 of the auth derived from the link''s secret.';
comment on column invites.locked is 'The blob key under the lock derived from the link''s secret.';
comment on column invites.created_by is 'Its maker.';
comment on column invites.created_at is 'When it was registered.';
comment on column invites.expires_at is 'When it ends.';
comment on column invites.uses_max is 'Accounts that may use it.';
comment on column invites.uses is 'Accounts that did: rows of invite_uses.';
comment on column invites.revoked_at is 'When it was revoked; null while it works.';

create table invite_uses (
    invite_id uuid not null references invites,
    user_id uuid not null references people,
    used_at timestamptz not null,
    primary key (invite_id, user_id)
);
comment on table invite_uses is 'Who used an invite: a repetition is not another use.';
comment on column invite_uses.invite_id is 'The invite.';
comment on column invite_uses.user_id is 'The account.';
comment on column invite_uses.used_at is 'When.';

grant select, insert, delete on join_requests to chat_svc;
grant select, insert, update (uses, revoked_at) on invites to chat_svc;
grant select, insert on invite_uses to chat_svc;
