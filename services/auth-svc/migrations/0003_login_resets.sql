alter table auth.credentials add column login_resets integer not null default 0;
comment on column auth.credentials.login_resets is 'How often an admin has filled the login budgets again; budgets count from there.';

grant update (login_resets) on auth.credentials to auth_svc;
-- A new role shortens the sessions that are open.
grant update (ends_at) on auth.sessions to auth_svc;
