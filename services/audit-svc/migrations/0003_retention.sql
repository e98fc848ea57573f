-- Retention destroys data keys, and holds keep them. What decides stands here, so that no program can pass it by.

create table audit.holds (
  hold_id uuid primary key,
  case_id uuid not null,
  rooms uuid[] not null,
  people uuid[] not null,
  day_from date,
  day_to date,
  placed_leaf bigint not null unique references audit.events (leaf_index)
);
comment on table audit.holds is 'Legal holds, as their leaves say: what they cover is not destroyed.';
comment on column audit.holds.hold_id is 'Identity, as in the event.';
comment on column audit.holds.case_id is 'The case that it was placed for.';
comment on column audit.holds.rooms is 'The rooms; empty covers all.';
comment on column audit.holds.people is 'The senders; empty covers all. A day is held when it has a message of one of them.';
comment on column audit.holds.day_from is 'The first UTC day; null: from the beginning.';
comment on column audit.holds.day_to is 'The last UTC day; null: without end.';
comment on column audit.holds.placed_leaf is 'The leaf of its placing.';

create table audit.hold_releases (
  hold_id uuid primary key references audit.holds,
  released_leaf bigint not null unique references audit.events (leaf_index)
);
comment on table audit.hold_releases is 'The ends of holds.';
comment on column audit.hold_releases.hold_id is 'The hold.';
comment on column audit.hold_releases.released_leaf is 'The leaf of its release.';

create index events_by_retention_room on audit.events ((body ->> 'room_id'), leaf_index) where kind = 'retention_set';
create unique index events_by_shredded_key on audit.events ((body ->> 'dek_id')) where kind = 'day_shredded';

create function audit.active_holds_on(room uuid, on_day date) returns setof uuid language sql stable as $$
  select h.hold_id from audit.holds h
  where (h.rooms = '{}' or room = any(h.rooms))
    and (h.day_from is null or on_day >= h.day_from) and (h.day_to is null or on_day <= h.day_to)
    and (h.people = '{}' or exists (
      select from audit.records r
      where r.room_id = room and r.sender = any(h.people)
        and r.accepted_at >= on_day::timestamp at time zone 'UTC' and r.accepted_at < (on_day + 1)::timestamp at time zone 'UTC'))
    and not exists (select from audit.hold_releases e where e.hold_id = h.hold_id)
$$;
comment on function audit.active_holds_on(uuid, date) is 'The holds that keep a room''s day at this moment.';

create function audit.refuse_shredding() returns trigger language plpgsql as $$
begin
  if exists (select from audit.active_holds_on(old.room_id, old.day)) then
    raise exception 'a hold covers % of room %', old.day, old.room_id using errcode = '42501';
  end if;
  if not exists (select from audit.events where kind = 'day_shredded' and body ->> 'dek_id' = old.dek_id::text) then
    raise exception 'data key % has no destruction record', old.dek_id using errcode = '42501';
  end if;
  return old;
end $$;
comment on function audit.refuse_shredding() is 'Trigger of data_keys: a key goes only after its destruction record, and never under a hold; also for the owner.';

create function audit.refuse_another_key() returns trigger language plpgsql as $$
begin
  if (old.dek_id, old.room_id, old.day, old.created_at) is distinct from (new.dek_id, new.room_id, new.day, new.created_at) then
    raise exception 'a data key is rewrapped, never exchanged' using errcode = '42501';
  end if;
  return new;
end $$;
comment on function audit.refuse_another_key() is 'Trigger of data_keys: an update changes the wrapping only.';

create trigger no_silent_shredding before delete on audit.data_keys for each row execute function audit.refuse_shredding();
create trigger no_exchange before update on audit.data_keys for each row execute function audit.refuse_another_key();
create trigger no_truncate before truncate on audit.data_keys for each statement execute function audit.refuse_rewrite();
alter table audit.data_keys enable always trigger no_silent_shredding;
alter table audit.data_keys enable always trigger no_exchange;
alter table audit.data_keys enable always trigger no_truncate;
grant delete on audit.data_keys to audit_svc;

do $$
declare name text;
begin
  foreach name in array array['holds', 'hold_releases'] loop
    execute format('create trigger no_rewrite before update or delete on audit.%I for each row execute function audit.refuse_rewrite()', name);
    execute format('create trigger no_truncate before truncate on audit.%I for each statement execute function audit.refuse_rewrite()', name);
    execute format('alter table audit.%I enable always trigger no_rewrite', name);
    execute format('alter table audit.%I enable always trigger no_truncate', name);
    execute format('grant select, insert on audit.%I to audit_svc', name);
  end loop;
end $$;
