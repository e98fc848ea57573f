create table auth.accounts (
    user_id    uuid primary key,
    username   text not null unique check (char_length(username) between 3 and 32),
    skeleton   text not null unique,
    role       text not null check (role in ('member', 'admin', 'auditor')),
    created_at timestamptz not null
);
comment on table auth.accounts is 'Registered people: what everybody may know of them.';
comment on column auth.accounts.user_id is 'UUIDv7, so ids rise with the time of registration.';
comment on column auth.accounts.username is 'PRECIS UsernameCaseMapped (RFC 8265).';
comment on column auth.accounts.skeleton is 'Confusable skeleton (UTS 39): names that look alike share it, so only one of them exists.';
comment on column auth.accounts.role is 'What the account may do beyond its own rooms.';
comment on column auth.accounts.created_at is 'Time of registration.';

create table auth.certificates (
    fingerprint  bytea primary key check (octet_length(fingerprint) = 32),
    user_id      uuid not null unique references auth.accounts,
    certificate  bytea not null check (octet_length(certificate) <= 4096),
    published_at timestamptz not null
);
comment on table auth.certificates is 'The directory: OpenPGP certificates, checked before they are stored.';
comment on column auth.certificates.fingerprint is 'SHA-256 fingerprint of the v6 primary key.';
comment on column auth.certificates.user_id is 'Owner; its user name is the only User ID.';
comment on column auth.certificates.certificate is 'Transferable public key, binary.';
comment on column auth.certificates.published_at is 'When the account published it.';

create table auth.credentials (
    user_id             uuid primary key references auth.accounts,
    password_hash       text not null,
    kdf_m_kib           integer not null,
    kdf_t               integer not null,
    kdf_salt            bytea not null check (octet_length(kdf_salt) = 16),
    locked_key          bytea not null check (octet_length(locked_key) <= 4096),
    recovery_hash       text not null,
    recovery_locked_key bytea not null check (octet_length(recovery_locked_key) <= 4096),
    changed_at          timestamptz not null
);
comment on table auth.credentials is 'How an account proves itself, and its secret key in a form that only the client opens.';
comment on column auth.credentials.user_id is 'Account.';
comment on column auth.credentials.password_hash is 'Argon2id PHC string of the auth secret derived from the password in the client.';
comment on column auth.credentials.kdf_m_kib is 'Memory of the key derivation in the client, KiB.';
comment on column auth.credentials.kdf_t is 'Passes of the key derivation in the client.';
comment on column auth.credentials.kdf_salt is 'Salt of the key derivation in the client.';
comment on column auth.credentials.locked_key is 'OpenPGP secret key, locked under the password; the server cannot open it.';
comment on column auth.credentials.recovery_hash is 'Argon2id PHC string of the auth secret derived from the recovery key.';
comment on column auth.credentials.recovery_locked_key is 'The same secret key, locked under the recovery key.';
comment on column auth.credentials.changed_at is 'When the password was last set.';

create table auth.sessions (
    session_id   uuid primary key,
    user_id      uuid not null references auth.accounts,
    token_hash   bytea not null unique check (octet_length(token_hash) = 32),
    device       text not null check (char_length(device) <= 256),
    address      text not null,
    created_at   timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at   timestamptz not null,
    ends_at      timestamptz not null,
    check (expires_at <= ends_at)
);
create index sessions_user_id on auth.sessions (user_id);
create index sessions_expires_at on auth.sessions (expires_at);
comment on table auth.sessions is 'Open sessions; a row that is gone was revoked, or expired and was swept.';
comment on column auth.sessions.session_id is 'One login on one device; survives a refresh.';
comment on column auth.sessions.user_id is 'Account.';
comment on column auth.sessions.token_hash is 'SHA-256 of the bearer token, which is stored nowhere.';
comment on column auth.sessions.device is 'User agent at login.';
comment on column auth.sessions.address is 'Address at login.';
comment on column auth.sessions.created_at is 'Time of login.';
comment on column auth.sessions.last_seen_at is 'Last use, to the minute.';
comment on column auth.sessions.expires_at is 'Expires at this time unless it is used before; use moves it, up to ends_at.';
comment on column auth.sessions.ends_at is 'Expires at this time whatever happens.';

create table auth.known_networks (
    user_id       uuid not null references auth.accounts,
    network       text not null,
    last_login_at timestamptz not null,
    primary key (user_id, network)
);
comment on table auth.known_networks is 'Where an account has logged in from: guessing from elsewhere cannot slow these down.';
comment on column auth.known_networks.user_id is 'Account.';
comment on column auth.known_networks.network is 'IPv4 address or IPv6 /64.';
comment on column auth.known_networks.last_login_at is 'Last successful login from there.';

create table auth.outbox (
    position    bigint generated always as identity primary key,
    event_id    uuid not null unique,
    subject     text not null,
    body        text not null,
    recorded_at timestamptz not null default now()
);
comment on table auth.outbox is 'Significant events on their way to the stream EVENTS; empty when all are relayed.';
comment on column auth.outbox.position is 'Order of recording.';
comment on column auth.outbox.event_id is 'Identity of the event; its Nats-Msg-Id.';
comment on column auth.outbox.subject is 'Subject that it is published under.';
comment on column auth.outbox.body is 'The event as JSON.';
comment on column auth.outbox.recorded_at is 'When it was recorded.';

grant select on auth._sqlx_migrations to auth_svc;
grant select, insert on auth.accounts to auth_svc;
grant update (role) on auth.accounts to auth_svc;
grant select, insert on auth.certificates to auth_svc;
grant select, insert on auth.credentials to auth_svc;
grant update (password_hash, kdf_m_kib, kdf_t, kdf_salt, locked_key, recovery_hash, changed_at) on auth.credentials to auth_svc;
grant select, insert, delete on auth.sessions to auth_svc;
grant update (token_hash, last_seen_at, expires_at) on auth.sessions to auth_svc;
grant select, insert, delete on auth.known_networks to auth_svc;
grant update (last_login_at) on auth.known_networks to auth_svc;
grant select, insert, delete on auth.outbox to auth_svc;
