-- Direct conversations: private rooms of exactly two, one for each pair.

create table directs (
    room_id uuid primary key references rooms,
    low uuid not null references people,
    high uuid not null references people,
    unique (low, high),
    check (low < high)
);
comment on table directs is 'Which private rooms are the direct conversation of two people.';
comment on column directs.room_id is 'The room; both are its members and stay that.';
comment on column directs.low is 'The one whose account id is the lower.';
comment on column directs.high is 'The other one.';

grant select, insert on directs to chat_svc;
