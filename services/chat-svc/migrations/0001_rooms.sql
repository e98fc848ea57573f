-- The organisation, rooms, members, key epochs and grants. Keys and envelopes are stored as their makers signed them;
-- nothing here opens a message.

create table people (
    user_id uuid primary key,
    username text not null,
    first_seen_at timestamptz not null
);
comment on table people is 'Accounts that chat-svc has met; auth-svc owns them.';
comment on column people.user_id is 'The account.';
comment on column people.username is 'Its user name, for member lists.';
comment on column people.first_seen_at is 'When chat-svc met it first.';

create table rooms (
    room_id uuid primary key,
    name text not null check (char_length(name) between 1 and 80),
    kind text not null check (kind in ('lobby', 'public', 'private')),
    admission text not null check (admission in ('invite', 'approval')),
    epoch integer not null check (epoch >= 1),
    member_count integer not null check (member_count >= 0),
    created_by uuid not null,
    created_at timestamptz not null
);
create unique index rooms_one_lobby on rooms (kind) where kind = 'lobby';
create index rooms_public on rooms (room_id) where kind = 'public';
comment on table rooms is 'Rooms.';
comment on column rooms.room_id is 'Chosen by the creator''s client, which signs it.';
comment on column rooms.name is 'Shown name, 1 to 80 characters.';
comment on column rooms.kind is 'lobby: every account; public: listed; private: only members know of it.';
comment on column rooms.admission is 'How the room key reaches a newcomer: invite or approval.';
comment on column rooms.epoch is 'The current key epoch.';
comment on column rooms.member_count is 'Rows of members for the room; changed in the same transaction.';
comment on column rooms.created_by is 'The creator.';
comment on column rooms.created_at is 'When it was created.';

create table organisation (
    singleton boolean primary key default true check (singleton),
    compliance_cert bytea,
    compliance_fp bytea check (octet_length(compliance_fp) = 32),
    compliance_encryption_fp bytea check (octet_length(compliance_encryption_fp) = 32),
    lobby uuid references rooms,
    check ((compliance_cert is null) = (compliance_fp is null)),
    check ((compliance_cert is null) = (compliance_encryption_fp is null))
);
insert into organisation default values;
comment on table organisation is 'The one organisation that this installation serves: one row.';
comment on column organisation.singleton is 'Always true.';
comment on column organisation.compliance_cert is 'The compliance certificate; null until the organisation is set up.';
comment on column organisation.compliance_fp is 'Fingerprint of compliance_cert.';
comment on column organisation.compliance_encryption_fp is 'Fingerprint of its encryption subkey: the recipient that every envelope names.';
comment on column organisation.lobby is 'The lobby; null until it is created.';

create table members (
    room_id uuid not null references rooms,
    user_id uuid not null references people,
    role text not null check (role in ('admin', 'member')),
    joined_by text not null check (joined_by in ('registration', 'creation', 'invite', 'approval')),
    joined_at timestamptz not null,
    primary key (room_id, user_id)
);
create index members_user on members (user_id);
comment on table members is 'Who is in a room now.';
comment on column members.room_id is 'The room.';
comment on column members.user_id is 'The account.';
comment on column members.role is 'admin or member.';
comment on column members.joined_by is 'How the membership began.';
comment on column members.joined_at is 'When the membership began.';

create table removals (
    room_id uuid not null references rooms,
    user_id uuid not null references people,
    epoch integer not null,
    removed_at timestamptz not null,
    primary key (room_id, user_id)
);
comment on table removals is 'Accounts that an admin removed: invites of the epochs that they knew do not bring them back.';
comment on column removals.room_id is 'The room.';
comment on column removals.user_id is 'The account.';
comment on column removals.epoch is 'The key epoch at the time of the removal.';
comment on column removals.removed_at is 'When.';

create table epochs (
    room_id uuid not null references rooms,
    epoch integer not null check (epoch >= 1),
    fingerprint bytea not null unique check (octet_length(fingerprint) = 32),
    encryption_fp bytea not null check (octet_length(encryption_fp) = 32),
    cert bytea not null,
    blob bytea not null,
    prev_fp bytea check (octet_length(prev_fp) = 32),
    sig bytea not null,
    opened_by uuid not null,
    opener_fp bytea not null check (octet_length(opener_fp) = 32),
    opened_at timestamptz not null,
    primary key (room_id, epoch)
);
comment on table epochs is 'Key pairs of rooms, each for a time; the secret half lies encrypted in blob.';
comment on column epochs.room_id is 'The room.';
comment on column epochs.epoch is 'Counts from 1 without gaps.';
comment on column epochs.fingerprint is 'Fingerprint of cert.';
comment on column epochs.encryption_fp is 'Fingerprint of its encryption subkey: the recipient that envelopes of the epoch name.';
comment on column epochs.cert is 'The room certificate.';
comment on column epochs.blob is 'The room''s secret key under the blob key.';
comment on column epochs.prev_fp is 'Fingerprint of the epoch before; null in epoch 1.';
comment on column epochs.sig is 'The opener''s detached signature.';
comment on column epochs.opened_by is 'The opener.';
comment on column epochs.opener_fp is 'The certificate that sig verifies with.';
comment on column epochs.opened_at is 'When the server took it.';

create table grants (
    room_id uuid not null,
    epoch integer not null,
    to_user uuid not null references people,
    to_fp bytea not null check (octet_length(to_fp) = 32),
    granted_by uuid not null,
    granter_fp bytea not null check (octet_length(granter_fp) = 32),
    pkesk bytea not null check (octet_length(pkesk) = 111),
    sig bytea not null,
    granted_at timestamptz not null,
    -- The granter is part of the key: a useless grant must not stand in the way of a good one.
    primary key (room_id, epoch, to_user, granted_by),
    foreign key (room_id, epoch) references epochs
);
comment on table grants is 'The blob key of an epoch, encrypted to one member.';
comment on column grants.room_id is 'The room.';
comment on column grants.epoch is 'The key epoch.';
comment on column grants.to_user is 'The member.';
comment on column grants.to_fp is 'The member''s certificate.';
comment on column grants.granted_by is 'The granter.';
comment on column grants.granter_fp is 'The certificate that sig verifies with.';
comment on column grants.pkesk is 'The blob key to the member''s encryption subkey.';
comment on column grants.sig is 'The granter''s detached signature.';
comment on column grants.granted_at is 'When the server took it.';

grant select, insert, update (username) on people to chat_svc;
grant select, insert, update (epoch, member_count) on rooms to chat_svc;
grant select, update (compliance_cert, compliance_fp, compliance_encryption_fp, lobby) on organisation to chat_svc;
grant select, insert, delete, update (role) on members to chat_svc;
grant select, insert, update on removals to chat_svc;
grant select, insert on epochs to chat_svc;
grant select, insert on grants to chat_svc;
