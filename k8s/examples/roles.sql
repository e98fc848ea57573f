-- Run once per cluster by its superuser, in database `sealcast`: psql -v ON_ERROR_STOP=1 -f roles.sql. Repeating it is harmless, and
-- an upgrade may ask for it.
-- Each service has a schema, an owner that migrates it, and a login that serves with the least grants.
-- Passwords are set apart (alter role ... password), so that this file holds no secret.
do $$
declare svc text;
begin
  foreach svc in array array['auth', 'chat', 'audit'] loop
    if not exists (select from pg_roles where rolname = svc || '_owner') then
      execute format('create role %I login noinherit', svc || '_owner');
    end if;
    if not exists (select from pg_roles where rolname = svc || '_svc') then
      execute format('create role %I login noinherit', svc || '_svc');
    end if;
    execute format('alter role %I connection limit 4', svc || '_owner');
    -- Three pools of 16 while two replicas are rolled, with room for a session that died unnoticed. All roles together stay below
    -- max_connections (sealcast.conf).
    execute format('alter role %I connection limit 60', svc || '_svc');
  end loop;
end $$;

do $$
declare svc text;
begin
  execute format('revoke all on database %I from public', current_database());
  foreach svc in array array['auth', 'chat', 'audit'] loop
    execute format('create schema if not exists %I authorization %I', svc, svc || '_owner');
    execute format('revoke all on schema %I from public', svc);
    execute format('grant connect on database %I to %I, %I', current_database(), svc || '_owner', svc || '_svc');
    execute format('grant usage on schema %I to %I', svc, svc || '_svc');
    execute format('alter role %I in database %I set search_path = %I', svc || '_owner', current_database(), svc);
    execute format('alter role %I in database %I set search_path = %I', svc || '_svc', current_database(), svc);
    -- An index takes as long as its table is large.
    execute format('alter role %I in database %I set statement_timeout = 0', svc || '_owner', current_database());
  end loop;
  -- Its queries have optional filters: only a plan for the filters at hand finds the index.
  execute format('alter role audit_svc in database %I set plan_cache_mode = force_custom_plan', current_database());
end $$;

revoke all on schema public from public;
