-- Extension schemas that a tenant defines itself. `definition` is the RFC 7643 §7 form; `urn_key` is the URN in lower case.
-- Whoever keeps what was read in memory looks at `schemas_version`, which counts the tenant's changes; 0 stands for "has
-- none, and never had".

create table schemas (
    tenant_id integer not null references tenants (id) on delete cascade,
    urn_key text not null,
    position integer not null,
    definition text not null,
    primary key (tenant_id, urn_key)
) strict, without rowid;
alter table settings add column schemas_version integer not null default 0;

-- The values of attributes that are unique within the tenant. `attribute` is its whole path.
create table unique_values (
    tenant_id integer not null,
    attribute text not null,
    value_key text not null,
    user_seq integer not null references users (seq) on delete cascade,
    primary key (tenant_id, attribute, value_key)
) strict, without rowid;
create index unique_values_by_user on unique_values (user_seq);

insert into sqlite_stat1 (tbl, idx, stat) values
    ('schemas', 'schemas', '10 1 1'),
    ('unique_values', 'unique_values', '1000000 1000000 1000000 1'),
    ('unique_values', 'unique_values_by_user', '1000000 1');
analyze sqlite_schema;
