create table audit.cosignatures (
  witness text not null,
  size bigint not null check (size >= 0),
  line text not null,
  cosigned_at timestamptz not null default clock_timestamp(),
  primary key (witness, size)
);
comment on table audit.cosignatures is 'What witnesses said of checkpoints (C2SP tlog-cosignature), each verified before it was stored.';
comment on column audit.cosignatures.witness is 'The verifier key of the witness.';
comment on column audit.cosignatures.size is 'Leaves of the checkpoint.';
comment on column audit.cosignatures.line is 'One signature line of the note.';
comment on column audit.cosignatures.cosigned_at is 'When it arrived.';
create trigger no_rewrite before update or delete on audit.cosignatures for each row execute function audit.refuse_rewrite();
create trigger no_truncate before truncate on audit.cosignatures for each statement execute function audit.refuse_rewrite();
alter table audit.cosignatures enable always trigger no_rewrite;
alter table audit.cosignatures enable always trigger no_truncate;
grant select, insert on audit.cosignatures to audit_svc;
create index checkpoints_by_size on audit.checkpoints (size, checkpoint_id);
