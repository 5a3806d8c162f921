-- A portal session contains its account's epoch and is valid while the two are equal. A change of the password and a sign-out
-- by an operator increase it.
alter table accounts add column session_epoch integer not null default 0;
