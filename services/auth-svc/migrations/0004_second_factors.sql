create table auth.second_factors (
    user_id      uuid primary key references auth.accounts,
    secret       bytea not null check (octet_length(secret) <= 128),
    begun_at     timestamptz not null,
    confirmed_at timestamptz,
    last_step    bigint not null default 0
);
comment on table auth.second_factors is 'One-time codes (RFC 6238) that a login needs beside the password.';
comment on column auth.second_factors.user_id is 'Account.';
comment on column auth.second_factors.secret is 'The shared secret, sealed with a key that is not in the database.';
comment on column auth.second_factors.begun_at is 'When the secret was drawn.';
comment on column auth.second_factors.confirmed_at is 'When a first code showed that the owner has it; before, no login asks for codes.';
comment on column auth.second_factors.last_step is 'Time step of the last code that was taken: no code is taken twice.';

alter table auth.sessions add column second_factor boolean not null default false;
comment on column auth.sessions.second_factor is 'Whether a code opened it, or confirmed a second factor in it.';

grant select, insert, delete on auth.second_factors to auth_svc;
grant update (secret, begun_at, confirmed_at, last_step) on auth.second_factors to auth_svc;
grant update (second_factor) on auth.sessions to auth_svc;
