-- How far people have read, sealed for their other devices, and what newcomers of a room get of its past.

create table read_markers (
    user_id uuid not null,
    room_id uuid not null,
    sealed bytea not null check (octet_length(sealed) = 60),
    primary key (user_id, room_id),
    foreign key (room_id, user_id) references members on delete cascade
);
comment on table read_markers is 'How far members have read. It ends with the membership.';
comment on column read_markers.user_id is 'The member.';
comment on column read_markers.room_id is 'The room.';
comment on column read_markers.sealed is 'The newest message read, encrypted under a key that only the member''s clients have.';

grant select, insert, update (sealed) on read_markers to chat_svc;

alter table rooms add column history text not null default 'current_key' check (history in ('current_key', 'everything'));
comment on column rooms.history is 'What of the past newcomers get from whoever lets them in: current_key or everything.';

grant update (history) on rooms to chat_svc;

alter table invites add column older jsonb not null default '[]';
comment on column invites.older is 'Blob keys of older epochs under the lock of locked: [{epoch, locked}].';
