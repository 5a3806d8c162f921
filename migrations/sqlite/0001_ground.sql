-- The ground: tenants and everything that is theirs. Times are milliseconds since 1970 in UTC. Texts that end in `_key`
-- are folded for comparison by the program; '' stands for "absent", so that every key can be ordered and compared.
-- Every key and index begins with the tenant, but for two that find out whose it is: an account's address and a
-- token's hash.

create table tenants (
    id integer primary key autoincrement,
    name text not null,
    created integer not null
) strict;

create table settings (
    tenant_id integer primary key references tenants (id) on delete cascade,
    provisioning integer not null default 0 check (provisioning in (0, 1)),
    user_name_limit integer not null default 30 check (user_name_limit between 0 and 4294967295),
    replace_without_match_creates integer not null default 0 check (replace_without_match_creates in (0, 1))
) strict;

create table accounts (
    id integer primary key autoincrement,
    tenant_id integer not null references tenants (id) on delete cascade,
    email text not null,
    email_key text not null,
    display_name text not null,
    password_hash text not null,
    created integer not null,
    last_sign_in integer
) strict;
create unique index accounts_by_email on accounts (email_key);
create index accounts_by_tenant on accounts (tenant_id, id);

create table tokens (
    tenant_id integer not null references tenants (id) on delete cascade,
    id text not null,
    name text not null,
    hash blob not null check (length(hash) = 32),
    created_by text not null,
    created integer not null,
    last_used integer,
    expires integer,
    revoked integer,
    rotated_to text,
    primary key (tenant_id, id)
) strict, without rowid;
create unique index tokens_by_hash on tokens (hash);

-- `seq` never leaves the store: it joins, and it is the stable order of lists. `document` is what clients wrote;
-- `search` is the same made comparable, for attributes without a column of their own. `active` is 2 where the user has
-- no such attribute, which stops no one.
create table users (
    seq integer primary key autoincrement,
    tenant_id integer not null references tenants (id) on delete cascade,
    id text not null,
    version integer not null check (version >= 1),
    source text not null check (source in ('Idp', 'Manual')),
    active integer not null check (active in (0, 1, 2)),
    created integer not null,
    last_modified integer not null,
    user_name_key text not null check (user_name_key <> ''),
    external_id text not null,
    display_name_key text not null,
    given_name_key text not null,
    family_name_key text not null,
    title_key text not null,
    manager_id text not null,
    email_key text not null,
    document text not null,
    search text not null
) strict;
create unique index users_by_id on users (tenant_id, id);
create unique index users_by_user_name on users (tenant_id, user_name_key);
create index users_by_seq on users (tenant_id, seq);
create index users_by_active on users (tenant_id, active);
create index users_by_source on users (tenant_id, source, active);
create index users_by_created on users (tenant_id, created);
create index users_by_last_modified on users (tenant_id, last_modified);
create index users_by_external_id on users (tenant_id, external_id);
create index users_by_display_name on users (tenant_id, display_name_key);
create index users_by_given_name on users (tenant_id, given_name_key);
create index users_by_family_name on users (tenant_id, family_name_key);
create index users_by_title on users (tenant_id, title_key);
create index users_by_manager on users (tenant_id, manager_id);
create index users_by_email on users (tenant_id, email_key);

-- The distinct values of users' emails and phoneNumbers, to be found by index.
create table user_values (
    tenant_id integer not null,
    attribute text not null,
    value_key text not null,
    user_seq integer not null references users (seq) on delete cascade,
    primary key (tenant_id, attribute, value_key, user_seq)
) strict, without rowid;
create index user_values_by_user on user_values (user_seq);

-- How many users there are of each sort, so that no page has to count them.
create table user_counts (
    tenant_id integer not null references tenants (id) on delete cascade,
    source text not null,
    active integer not null check (active in (0, 1)),
    users integer not null,
    primary key (tenant_id, source, active)
) strict, without rowid;
create trigger users_counted_in after insert on users begin
    insert into user_counts (tenant_id, source, active, users) values (new.tenant_id, new.source, new.active > 0, 1)
    on conflict (tenant_id, source, active) do update set users = users + 1;
end;
create trigger users_counted_out after delete on users begin
    update user_counts set users = users - 1
    where tenant_id = old.tenant_id and source = old.source and active = (old.active > 0);
end;
create trigger users_counted_over after update of source, active on users
when old.source <> new.source or (old.active > 0) <> (new.active > 0) begin
    update user_counts set users = users - 1
    where tenant_id = old.tenant_id and source = old.source and active = (old.active > 0);
    insert into user_counts (tenant_id, source, active, users) values (new.tenant_id, new.source, new.active > 0, 1)
    on conflict (tenant_id, source, active) do update set users = users + 1;
end;

-- A group's document has no members; those are the rows below.
create table groups (
    seq integer primary key autoincrement,
    tenant_id integer not null references tenants (id) on delete cascade,
    id text not null,
    version integer not null check (version >= 1),
    created integer not null,
    last_modified integer not null,
    display_name_key text not null check (display_name_key <> ''),
    external_id text not null,
    document text not null,
    search text not null
) strict;
create unique index groups_by_id on groups (tenant_id, id);
create unique index groups_by_display_name on groups (tenant_id, display_name_key);
create index groups_by_seq on groups (tenant_id, seq);
create index groups_by_created on groups (tenant_id, created);
create index groups_by_last_modified on groups (tenant_id, last_modified);
create index groups_by_external_id on groups (tenant_id, external_id);

-- Users that are members of groups.
create table user_members (
    tenant_id integer not null,
    group_id text not null,
    user_id text not null,
    display text not null,
    display_key text not null,
    primary key (tenant_id, group_id, user_id),
    foreign key (tenant_id, group_id) references groups (tenant_id, id) on delete cascade,
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
) strict, without rowid;
create index user_members_by_user on user_members (tenant_id, user_id, group_id);

-- Groups that are members of groups.
create table group_members (
    tenant_id integer not null,
    group_id text not null,
    member_id text not null,
    display text not null,
    display_key text not null,
    primary key (tenant_id, group_id, member_id),
    foreign key (tenant_id, group_id) references groups (tenant_id, id) on delete cascade,
    foreign key (tenant_id, member_id) references groups (tenant_id, id) on delete cascade
) strict, without rowid;
create index group_members_by_member on group_members (tenant_id, member_id, group_id);

-- Provisioning Logs. The exchange itself stands last in the row: lists do not read so far.
create table journal (
    id integer primary key autoincrement,
    tenant_id integer not null references tenants (id) on delete cascade,
    at integer not null,
    action text not null check (action in ('Create', 'Update', 'Disable', 'Delete', 'StagedDelete', 'Other')),
    status text not null check (status in ('Success', 'Failure', 'Skipped', 'Warning')),
    identity text not null,
    identity_key text not null,
    actor text not null check (actor in ('token', 'account', 'anonymous', 'command')),
    actor_id text not null,
    actor_name text not null,
    method text not null,
    path text not null,
    http_status integer not null,
    scim_type text,
    request_id text not null,
    resource_kind text check (resource_kind in ('User', 'Group')),
    resource_id text,
    probe integer not null check (probe in (0, 1)),
    dialect text,
    detail text,
    changes text not null,
    request text,
    response text
) strict;
create index journal_by_time on journal (tenant_id, at);
create index journal_by_action on journal (tenant_id, action, at);
-- Nearly all entries are successes; those are found by time.
create index journal_by_status on journal (tenant_id, status, at) where status <> 'Success';
create index journal_by_identity on journal (tenant_id, identity_key, at);
create index journal_by_resource on journal (tenant_id, resource_id, at) where resource_id is not null;
create trigger journal_is_never_changed before update on journal begin
    select raise(abort, 'an entry of the journal is never changed');
end;

-- Before signing in there is no tenant.
create table sessions (
    id text primary key,
    data text not null,
    expires integer not null
) strict, without rowid;
create index sessions_by_expiry on sessions (expires);

create table sign_in_failures (
    id integer primary key,
    key text not null,
    at integer not null
) strict;
create index sign_in_failures_by_key on sign_in_failures (key, at);
create index sign_in_failures_by_time on sign_in_failures (at);

-- What the planner should think of these tables: one big tenant, however many rows there are, so that "all of the
-- tenant" is never thought cheaper than an index, and statements run alike on every machine. Nothing else analyzes.
-- The numbers: rows, then rows to one value of the first column, of the first two, of the first three.
analyze sqlite_schema;
insert into sqlite_stat1 (tbl, idx, stat) values
    ('users', 'users_by_id', '1000000 1000000 1'),
    ('users', 'users_by_user_name', '1000000 1000000 1'),
    ('users', 'users_by_seq', '1000000 1000000 1'),
    ('users', 'users_by_active', '1000000 1000000 500000'),
    ('users', 'users_by_source', '1000000 1000000 500000 250000'),
    ('users', 'users_by_created', '1000000 1000000 10'),
    ('users', 'users_by_last_modified', '1000000 1000000 10'),
    ('users', 'users_by_external_id', '1000000 1000000 2'),
    ('users', 'users_by_display_name', '1000000 1000000 3'),
    ('users', 'users_by_given_name', '1000000 1000000 300'),
    ('users', 'users_by_family_name', '1000000 1000000 100'),
    ('users', 'users_by_title', '1000000 1000000 1000'),
    ('users', 'users_by_manager', '1000000 1000000 20'),
    ('users', 'users_by_email', '1000000 1000000 2'),
    ('user_values', 'user_values', '2000000 2000000 1000000 2 1'),
    ('user_values', 'user_values_by_user', '2000000 2'),
    ('user_members', 'user_members', '5000000 5000000 50 1'),
    ('user_members', 'user_members_by_user', '5000000 5000000 5 1'),
    ('groups', 'groups_by_id', '100000 100000 1'),
    ('groups', 'groups_by_display_name', '100000 100000 1'),
    ('groups', 'groups_by_seq', '100000 100000 1'),
    ('groups', 'groups_by_created', '100000 100000 10'),
    ('groups', 'groups_by_last_modified', '100000 100000 10'),
    ('groups', 'groups_by_external_id', '100000 100000 2'),
    ('group_members', 'group_members', '10000 10000 10 1'),
    ('group_members', 'group_members_by_member', '10000 10000 10 1'),
    ('journal', 'journal_by_time', '10000000 10000000 10'),
    ('journal', 'journal_by_action', '10000000 10000000 2000000 10'),
    ('journal', 'journal_by_status', '1000000 1000000 300000 10'),
    ('journal', 'journal_by_identity', '10000000 10000000 20 2'),
    ('journal', 'journal_by_resource', '10000000 10000000 20 2');
analyze sqlite_schema;
