-- A client message id is its sender's own: the stream tells messages apart by sender, room and id, and so does the archive. Without
-- the sender, whoever sent under an id that somebody else had used in the room was accepted, delivered, and kept out of the archive.
alter table audit.records drop constraint records_room_id_cid_key;
alter table audit.records add constraint records_key unique (room_id, sender, cid);
comment on column audit.records.cid is 'The client message id, unique for its sender in its room.';
