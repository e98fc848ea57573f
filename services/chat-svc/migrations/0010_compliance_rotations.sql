-- The compliance certificates that follow the first one, which stands in organisation.

create table compliance_rotations (
    sequence integer primary key check (sequence > 1),
    fp bytea not null unique check (octet_length(fp) = 32),
    encryption_fp bytea not null unique check (octet_length(encryption_fp) = 32),
    cert bytea not null,
    sig bytea not null,
    effective_at timestamptz not null,
    published_by uuid not null references people,
    published_at timestamptz not null
);
comment on table compliance_rotations is 'The compliance certificates after the first, in their order. Each is signed by the one before.';
comment on column compliance_rotations.sequence is 'Counts from 2: the first certificate is the one of organisation.';
comment on column compliance_rotations.fp is 'Fingerprint of cert.';
comment on column compliance_rotations.encryption_fp is 'Fingerprint of its encryption subkey: the recipient that envelopes name.';
comment on column compliance_rotations.cert is 'The certificate.';
comment on column compliance_rotations.sig is 'The detached signature of the certificate before.';
comment on column compliance_rotations.effective_at is 'From when messages are encrypted to it; the signature states it.';
comment on column compliance_rotations.published_by is 'The admin.';
comment on column compliance_rotations.published_at is 'When the server took it.';
comment on column organisation.compliance_cert is 'The first compliance certificate; null until the organisation is set up.';

grant select, insert on compliance_rotations to chat_svc;
