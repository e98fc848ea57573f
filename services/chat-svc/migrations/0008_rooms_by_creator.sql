create index rooms_created_by on rooms (created_by, created_at);
