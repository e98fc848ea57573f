create table auth.locks (
    user_id   uuid primary key references auth.accounts,
    locked_at timestamptz not null,
    locked_by uuid not null references auth.accounts (user_id),
    reason    text not null check (char_length(reason) between 1 and 200)
);
comment on table auth.locks is 'Accounts that nobody can log in to; a row that is gone was unlocked.';
comment on column auth.locks.user_id is 'The locked account.';
comment on column auth.locks.locked_at is 'When it was locked; its sessions ended then.';
comment on column auth.locks.locked_by is 'The admin who did it.';
comment on column auth.locks.reason is 'Why, in the admin''s words.';

grant select, insert, delete on auth.locks to auth_svc;
