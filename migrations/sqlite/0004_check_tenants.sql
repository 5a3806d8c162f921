-- The throw-away tenants on which an administrator's check of the connection is played: whose check it is. Null for the
-- tenants of companies; every list of tenants leaves the others out.

alter table tenants add column check_of integer references tenants (id) on delete cascade;
create index tenants_by_check_of on tenants (check_of);
