-- Cases are derived from their events, so their events must be found by what their bodies say. The predicates come first:
-- an expression is only evaluated on the bodies that audit-svc wrote itself, and those are objects without NUL.
create index events_by_case on audit.events ((body ->> 'case_id'), leaf_index)
  where kind in ('case_opened', 'case_closed', 'approval_requested', 'approval_decided', 'messages_queried', 'decryption_granted',
                 'export_started', 'hold_placed', 'hold_released');
create unique index events_by_case_number on audit.events ((body ->> 'number')) where kind = 'case_opened';
create index events_by_export on audit.events ((body ->> 'export_id')) where kind = 'export_started';

create table audit.concerned (
  user_id uuid not null,
  leaf_index bigint not null references audit.events (leaf_index),
  messages bigint not null check (messages > 0),
  visible_from timestamptz not null,
  primary key (user_id, leaf_index)
);
comment on table audit.concerned is 'Whose messages an access showed. The leaf of the access holds a hash over all of them, so that nobody can be left out later.';
comment on column audit.concerned.user_id is 'The sender.';
comment on column audit.concerned.leaf_index is 'The leaf of the access.';
comment on column audit.concerned.messages is 'How many messages of this sender.';
comment on column audit.concerned.visible_from is 'From then on the person is told: the time of the access, or the end of the sealed period that its case was opened with.';
create index concerned_by_leaf on audit.concerned (leaf_index);
create trigger no_rewrite before update or delete on audit.concerned for each row execute function audit.refuse_rewrite();
create trigger no_truncate before truncate on audit.concerned for each statement execute function audit.refuse_rewrite();
alter table audit.concerned enable always trigger no_rewrite;
alter table audit.concerned enable always trigger no_truncate;
grant select, insert on audit.concerned to audit_svc;
