-- Rooms whose members' clients hand the key to whoever the server says has asked.

alter table rooms drop constraint rooms_admission_check;
alter table rooms add constraint rooms_admission_check check (admission in ('invite', 'approval', 'open'));
comment on column rooms.admission is 'How the room key reaches a newcomer: invite, approval or open.';
