-- Who may write to the database could append leaves that nobody stands for, and the next checkpoint would sign them. So each state
-- that audit-svc makes carries a MAC under a key that lies outside the database; nothing is built on a state without one, or signed.
create table audit.appends (
  size bigint primary key check (size > 0),
  mac bytea not null check (octet_length(mac) = 32)
);
comment on table audit.appends is 'The states of the log that audit-svc made, each with its proof of that.';
comment on column audit.appends.size is 'Leaves of the log after an append.';
comment on column audit.appends.mac is 'HMAC-SHA-256 over size and root, under a key derived from the log''s signing key.';

-- A line that is no signature must not take the place of one that is.
alter table audit.cosignatures drop constraint cosignatures_pkey;
alter table audit.cosignatures add primary key (witness, size, line);
create index cosignatures_by_size on audit.cosignatures (size);

create trigger no_rewrite before update or delete on audit.appends for each row execute function audit.refuse_rewrite();
create trigger no_truncate before truncate on audit.appends for each statement execute function audit.refuse_rewrite();
alter table audit.appends enable always trigger no_rewrite;
alter table audit.appends enable always trigger no_truncate;
grant select, insert on audit.appends to audit_svc;
