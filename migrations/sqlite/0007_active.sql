-- Every user has `active`. Before, a client could take it away; such a user (2) counted as active, but neither
-- `active eq true` nor `active eq false` found them. What is shown of them changes, and so does the version.
update users set active = 1, version = version + 1, document = '{"active":true,' || substr(document, 2)
where active = 2 and document like '{"%';

-- `replace` on a value that is not there yet creates it, as Microsoft Entra without its flag needs it: the new default. The
-- setting was in no document and in no page before, so that nobody chose the old one.
update settings set replace_without_match_creates = 1;
