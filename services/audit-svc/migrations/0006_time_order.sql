-- A page of some time reads one stretch of an index and no more: in the order of positions it would pass everything that is newer
-- (or older) than the time asked for. `position` says what stream epoch and sequence say, so one index of the two is enough.
alter table audit.records drop constraint records_pkey;
alter table audit.records drop constraint records_position_key;
alter table audit.records add primary key (position);
drop index audit.records_by_sender;
drop index audit.records_by_time;
create index records_by_room_time on audit.records (room_id, accepted_at, position);
create index records_by_sender on audit.records (sender, accepted_at, position);
create index records_by_time on audit.records (accepted_at, position);
