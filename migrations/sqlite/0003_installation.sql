-- What the database knows of the installation it belongs to: a mark that only the installation's key makes, by which a
-- database that lies beside another's key is told apart. One row, made with the first use of the key.
create table installation (
    id integer primary key check (id = 1),
    key_mark blob not null check (length(key_mark) = 32)
) strict;
