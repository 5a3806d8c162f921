-- Documents were kept twice, the second time as they are compared. SQL functions of Rollcall's make that of them now.

alter table users drop column search;
alter table groups drop column search;
