-- Manage Groups: how many members a group has, and how many groups a tenant has, so that no page has to count them.
-- Membership rows are inserted and deleted, never updated and never replaced (`insert or replace` fires no trigger).

alter table groups add column members integer not null default 0 check (members >= 0);
update groups set members =
    (select count(*) from user_members m where m.tenant_id = groups.tenant_id and m.group_id = groups.id) +
    (select count(*) from group_members m where m.tenant_id = groups.tenant_id and m.group_id = groups.id);
create index groups_by_members on groups (tenant_id, members);

create trigger user_members_counted_in after insert on user_members begin
    update groups set members = members + 1 where tenant_id = new.tenant_id and id = new.group_id;
end;
create trigger user_members_counted_out after delete on user_members begin
    update groups set members = members - 1 where tenant_id = old.tenant_id and id = old.group_id;
end;
create trigger group_members_counted_in after insert on group_members begin
    update groups set members = members + 1 where tenant_id = new.tenant_id and id = new.group_id;
end;
create trigger group_members_counted_out after delete on group_members begin
    update groups set members = members - 1 where tenant_id = old.tenant_id and id = old.group_id;
end;

create table group_counts (
    tenant_id integer primary key references tenants (id) on delete cascade,
    groups integer not null
) strict;
insert into group_counts (tenant_id, groups) select tenant_id, count(*) from groups group by tenant_id;
create trigger groups_counted_in after insert on groups begin
    insert into group_counts (tenant_id, groups) values (new.tenant_id, 1)
    on conflict (tenant_id) do update set groups = groups + 1;
end;
create trigger groups_counted_out after delete on groups begin
    update group_counts set groups = groups - 1 where tenant_id = old.tenant_id;
end;

insert into sqlite_stat1 (tbl, idx, stat) values ('groups', 'groups_by_members', '100000 100000 20');
analyze sqlite_schema;
