//! The query plans of statements that must be fast at any size: each uses its index, none scans. Also the text of compiled
//! filters.

use std::sync::{Arc, LazyLock};

use serde_json::json;

use super::connection::open_to_read;
use crate::model::id::{EntryId, GroupId, TenantId};
use crate::model::journal::ResourceKind::{self, Group, User};
use crate::model::journal::{Action, JournalQuery, ResourceRef, Status};
use crate::model::page::{GroupColumn, GroupQuery, Order, Source, UserColumn, UserOrder, UserQuery, UserState};
use crate::scim::filter::Filter;
use crate::scim::list::Sort;
use crate::scim::schema::definition::urn_of;
use crate::scim::schema::{Schema, Types};
use crate::scim::time::DateTime;
use crate::store::filter::{Position, ResourceQuery, SortedQuery, Start};
use crate::store::journal::COLUMNS;
use crate::store::journal_filter::JournalFilter;
use crate::store::keyset::Cursor;
use crate::store::member_rows::{self, MemberSearch};
use crate::store::sql::Sql;
use crate::store::{MemberSelection, Store, group_rows, groups, tokens, user_rows, users};

const TENANT: TenantId = TenantId(1);

fn matched(kind: ResourceKind, filter: Option<&Filter>) -> ResourceQuery<'static> {
    static TYPES: LazyLock<Arc<Types>> = LazyLock::new(Types::built_in);
    ResourceQuery::new(&TYPES, kind, TENANT, "https://x.org", filter)
}

async fn open() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
    (folder, store)
}

/// The plan, refusing one that scans a table of ours or the whole of an index.
fn plan(store: &Store, sql: &Sql) -> String {
    let db = open_to_read(&store.database.file).unwrap();
    let mut explained = db.prepare(&format!("explain query plan {}", sql.text())).unwrap();
    let steps = explained.raw_query().mapped(|step| step.get("detail")).collect::<Result<Vec<String>, _>>();
    let plan = steps.unwrap().join("\n");
    for scanned in [
        "SCAN u\n",
        "SCAN users",
        "SCAN g\n",
        "SCAN groups",
        "SCAN journal",
        "SCAN user_values",
        "SCAN u USING",
        "SCAN r\n",
        "SCAN user_members",
        "SCAN group_members",
    ] {
        assert!(!format!("{plan}\n").contains(scanned), "{sql}\n{plan}");
    }
    plan
}

#[track_caller]
fn uses(plan: &str, index: &str) {
    assert!(plan.contains(index), "not by {index}:\n{plan}");
}

#[tokio::test]
async fn lookups_of_users_go_by_index() {
    let (_folder, store) = open().await;
    for (text, index) in [
        (r#"userName eq "x""#, "users_by_user_name (tenant_id=? AND user_name_key=?)"),
        (r#"userName sw "x""#, "users_by_user_name (tenant_id=? AND user_name_key>? AND user_name_key<?)"),
        (r#"id eq "x""#, "users_by_id (tenant_id=? AND id=?)"),
        (r#"externalId eq "x""#, "users_by_external_id (tenant_id=? AND external_id=?)"),
        (r#"displayName eq "x""#, "users_by_display_name (tenant_id=? AND display_name_key=?)"),
        (r#"title eq "x""#, "users_by_title (tenant_id=? AND title_key=?)"),
        ("active eq false", "users_by_active (tenant_id=? AND active=?)"),
        (r#"name.givenName eq "x""#, "users_by_given_name (tenant_id=? AND given_name_key=?)"),
        (r#"name.familyName eq "x""#, "users_by_family_name (tenant_id=? AND family_name_key=?)"),
        (r#"manager eq "x""#, "users_by_manager (tenant_id=? AND manager_id=?)"),
        (r#"emails[type eq "work"].value eq "x""#, "user_values USING PRIMARY KEY"),
        (r#"emails eq "x""#, "user_values USING PRIMARY KEY"),
        (r#"phoneNumbers[type eq "work" and value eq "x"]"#, "user_values USING PRIMARY KEY"),
        (r#"phoneNumbers.value sw "x""#, "user_values USING PRIMARY KEY"),
        (r#"phoneNumbers[type eq "work"].value eq "x""#, "user_values USING PRIMARY KEY"),
        (
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "x""#,
            "users_by_manager (tenant_id=? AND manager_id=?)",
        ),
        (r#"manager.value eq "x""#, "users_by_manager (tenant_id=? AND manager_id=?)"),
        (r#"meta.created gt "2026-11-22T22:50:00Z""#, "users_by_created (tenant_id=? AND created>?)"),
        (r#"meta.lastModified ge "2026-11-22T22:50:00Z""#, "users_by_last_modified (tenant_id=? AND last_modified>?)"),
        (r#"groups eq "x""#, "SEARCH m USING PRIMARY KEY (tenant_id=? AND group_id=?)"),
        // The more telling one of two, and each of two alternatives.
        (r#"active eq true and userName eq "x""#, "users_by_user_name"),
        (r#"active eq true and externalId eq "x""#, "users_by_external_id"),
        (r#"externalId eq "x" and emails.type eq "work""#, "users_by_external_id"),
        (r#"userName eq "x" or externalId eq "x""#, "users_by_external_id (tenant_id=? AND external_id=?)"),
    ] {
        let found = matched(User, Some(&Filter::parse(text).unwrap()));
        for sql in [found.page(&Start::Offset(0), 100), found.count()] {
            let plan = plan(&store, &sql);
            uses(&plan, index);
            assert!(
                !plan.lines().any(|line| line.starts_with("SEARCH u") && line.ends_with("(tenant_id=?)")),
                "{text} looks at all:\n{plan}"
            );
        }
    }
    let own = Schema::read(&json!({"id": urn_of("acme"), "attributes": [
        {"name": "badge", "uniqueness": "server"}, {"name": "number", "type": "integer", "uniqueness": "server"}]}));
    let types = Types::extended(1, vec![own.unwrap()]);
    for text in [r#"badge eq "x""#, r#"number eq "4711""#, "number eq 4711"] {
        let unique = ResourceQuery::new(&types, User, TENANT, "", Some(&Filter::parse(text).unwrap()));
        uses(
            &plan(&store, &unique.page(&Start::Offset(0), 100)),
            "unique_values USING PRIMARY KEY (tenant_id=? AND attribute=? AND value_key=?)",
        );
    }
    // No index has the answer, but the tenant's users alone are looked at.
    let unindexed = matched(User, Some(&Filter::parse(r#"nickName eq "x""#).unwrap()));
    uses(&plan(&store, &unindexed.page(&Start::Offset(0), 100)), "users_by_seq (tenant_id=?)");
    let all = matched(User, None).page(&Start::Offset(1_000), 100);
    uses(&plan(&store, &all), "users_by_seq (tenant_id=?)");
}

#[tokio::test]
async fn what_every_request_asks_goes_by_index() {
    let (_folder, store) = open().await;
    let read = |select: &'static str, condition: &'static str| {
        let mut sql = Sql::new(select);
        sql.push(condition);
        sql
    };
    for (sql, index) in [
        (read(tokens::BY_HASH, ""), "tokens_by_hash (hash=?)"),
        (read(users::SELECT, "where u.tenant_id = ? and u.id = ?"), "users_by_id (tenant_id=? AND id=?)"),
        (read(users::SELECT, "where u.tenant_id = ? and u.id = ?"), "user_members_by_user (tenant_id=? AND user_id=?)"),
        (read(groups::SELECT, "where g.tenant_id = ? and g.id = ?"), "groups_by_id (tenant_id=? AND id=?)"),
        (read(users::DELETE_VALUES, ""), "user_values_by_user (user_seq=?)"),
        (read(users::SEQ, ""), "users_by_id (tenant_id=? AND id=?)"),
    ] {
        uses(&plan(&store, &sql), index);
    }
}

#[tokio::test]
async fn lookups_of_groups_go_by_index() {
    let (_folder, store) = open().await;
    for (text, index) in [
        (r#"displayName eq "x""#, "groups_by_display_name (tenant_id=? AND display_name_key=?)"),
        (r#"externalId eq "x""#, "groups_by_external_id (tenant_id=? AND external_id=?)"),
        (r#"id eq "x""#, "groups_by_id (tenant_id=? AND id=?)"),
        (r#"members eq "x""#, "user_members_by_user (tenant_id=? AND user_id=?)"),
        (r#"members[value eq "x"]"#, "group_members_by_member (tenant_id=? AND member_id=?)"),
        (r#"id eq "x" and members eq "y""#, "groups_by_id (tenant_id=? AND id=?)"),
        (r#"meta.lastModified gt "2026-11-22T22:50:00Z""#, "groups_by_last_modified (tenant_id=? AND last_modified>?)"),
    ] {
        let found = matched(Group, Some(&Filter::parse(text).unwrap()));
        for sql in [found.page(&Start::Offset(0), 100), found.count()] {
            let plan = plan(&store, &sql);
            uses(&plan, index);
            assert!(
                !plan.lines().any(|line| line.starts_with("SEARCH g") && line.ends_with("(tenant_id=?)")),
                "{text} looks at all:\n{plan}"
            );
        }
    }
}

#[tokio::test]
async fn sorted_lists_and_cursors_walk_an_index_where_nobody_lacks_the_value() {
    let (_folder, store) = open().await;
    let after = Start::After(Position { key: None, kind: 0, seq: 7 });
    let page = matched(User, None).page(&after, 100);
    uses(&plan(&store, &page), "users_by_seq (tenant_id=? AND seq>?)");
    for (by, kind, index) in [
        ("userName", User, "users_by_user_name (tenant_id=?)"),
        ("meta.created", User, "users_by_created (tenant_id=?)"),
        ("meta.lastModified", Group, "groups_by_last_modified (tenant_id=?)"),
        ("displayName", Group, "groups_by_display_name (tenant_id=?)"),
    ] {
        for descending in [false, true] {
            let sort = Sort { by: by.parse().unwrap(), descending };
            let found = [matched(kind, None)];
            let picking = SortedQuery { found: &found, sort: Some(&sort), start: &Start::First, limit: 101 };
            let plan = plan(&store, &picking.sql());
            uses(&plan, index);
            assert!(descending || !plan.contains("TEMP B-TREE"), "{by} is sorted:\n{plan}");
        }
    }
}

/// Otherwise a cursor would end, and a total be wrong, when a resource is deleted while a page is read.
#[tokio::test]
async fn a_position_remains_when_its_resource_is_deleted_meanwhile() {
    let (_folder, store) = open().await;
    let gone = Position { key: None, kind: 0, seq: 7 };
    let found = [matched(User, None)];
    let places = store.resources_at(TENANT, &found, vec![gone.clone()], MemberSelection::None).await.unwrap();
    assert_eq!(places, [(gone, None)]);
}

#[tokio::test]
async fn pages_of_manage_users_go_by_index() {
    let (_folder, store) = open().await;
    for &column in UserColumn::ALL {
        let index = match column {
            UserColumn::UserName => "users_by_user_name (tenant_id=? AND user_name_key",
            UserColumn::DisplayName => "users_by_display_name (tenant_id=? AND display_name_key",
            UserColumn::Email => "users_by_email (tenant_id=? AND email_key",
            UserColumn::Created => "users_by_created (tenant_id=? AND created",
            UserColumn::LastModified => "users_by_last_modified (tenant_id=? AND last_modified",
        };
        for cursor in ["n7.31", "p7.31"] {
            for descending in [false, true] {
                let order = UserOrder { column, descending };
                let cursor = Cursor::read(cursor, user_rows::key(column));
                for state in [None, Some(UserState::Active)] {
                    let query = UserQuery { state, order, ..Default::default() };
                    let found = user_rows::matching(TENANT, &query, false);
                    let sql = user_rows::page(TENANT, &query, &found, false, cursor.as_ref());
                    let plan = plan(&store, &sql);
                    uses(&plan, index);
                    assert_eq!(plan.matches("USE TEMP B-TREE").count(), 1, "only the page itself is sorted:\n{plan}");
                }
                let few = UserQuery { state: Some(UserState::Inactive), order, ..Default::default() };
                let found = user_rows::matching(TENANT, &few, true);
                let sql = user_rows::page(TENANT, &few, &found, true, cursor.as_ref());
                uses(&plan(&store, &sql), "users_by_active (tenant_id=? AND active=?)");
                let few = UserQuery { source: Some(Source::Manual), order, ..Default::default() };
                let found = user_rows::matching(TENANT, &few, true);
                let sql = user_rows::page(TENANT, &few, &found, true, cursor.as_ref());
                uses(&plan(&store, &sql), "users_by_source (tenant_id=? AND source=?)");
            }
        }
    }
}

#[tokio::test]
async fn search_goes_by_index() {
    let (_folder, store) = open().await;
    let query = UserQuery { search: "ana".into(), state: Some(UserState::Active), ..Default::default() };
    let mut found = user_rows::matching(TENANT, &query, true);
    found.append(&user_rows::searched(TENANT, "ana"));
    let plan = plan(&store, &user_rows::page(TENANT, &query, &found, true, None));
    for index in [
        "users_by_user_name",
        "users_by_display_name",
        "users_by_given_name",
        "users_by_family_name",
        "user_values USING PRIMARY KEY",
    ] {
        uses(&plan, index);
    }
}

#[tokio::test]
async fn pages_of_manage_groups_go_by_index() {
    let (_folder, store) = open().await;
    for &column in GroupColumn::ALL {
        let index = match column {
            GroupColumn::DisplayName => "groups_by_display_name (tenant_id=? AND display_name_key",
            GroupColumn::Members => "groups_by_members (tenant_id=? AND members",
            GroupColumn::Created => "groups_by_created (tenant_id=? AND created",
            GroupColumn::LastModified => "groups_by_last_modified (tenant_id=? AND last_modified",
        };
        for cursor in ["n7.31", "p7.31"] {
            for descending in [false, true] {
                let query = GroupQuery { order: Order { column, descending }, ..Default::default() };
                let cursor = Cursor::read(cursor, group_rows::key(column));
                let found = group_rows::matching(TENANT, &query);
                let plan = plan(&store, &group_rows::page(TENANT, &query, &found, cursor.as_ref()));
                uses(&plan, index);
                if column == GroupColumn::Members {
                    // Of thousands of groups without a member only those from the cursor on are looked at.
                    uses(&plan, "members=? AND rowid");
                }
                assert_eq!(plan.matches("USE TEMP B-TREE").count(), 1, "only the page itself is sorted:\n{plan}");
            }
        }
        let query =
            GroupQuery { search: "sal".into(), order: Order { column, descending: false }, ..Default::default() };
        let found = group_rows::matching(TENANT, &query);
        let plan = plan(&store, &group_rows::page(TENANT, &query, &found, None));
        uses(&plan, "groups_by_display_name (tenant_id=? AND display_name_key>? AND display_name_key<?)");
        uses(&plan, "groups_by_external_id (tenant_id=? AND external_id>? AND external_id<?)");
    }
}

#[tokio::test]
async fn pages_of_members_go_by_index() {
    let (_folder, store) = open().await;
    let group = GroupId("018f3b0a-7c1e-7000-8000-00000000000a".parse().unwrap());
    for (part, walked, looked_up) in [
        (
            member_rows::USERS,
            "user_members USING PRIMARY KEY (tenant_id=? AND group_id=? AND user_id",
            "user_members_by_user (tenant_id=? AND user_id=? AND group_id=?)",
        ),
        (
            member_rows::GROUPS,
            "group_members USING PRIMARY KEY (tenant_id=? AND group_id=? AND member_id",
            "group_members_by_member (tenant_id=? AND member_id=? AND group_id=?)",
        ),
    ] {
        for (search, index) in [("", walked), ("ana", looked_up)] {
            for backward in [false, true] {
                let asked = MemberSearch { tenant: TENANT, group, search };
                let plan = plan(&store, &part.page(&asked, "x", backward, 51));
                uses(&plan, index);
                assert!(plan.matches("USE TEMP B-TREE").count() <= 1, "only the page itself is sorted:\n{plan}");
            }
        }
    }
    let mut above = Sql::new("");
    above.push(group_rows::ABOVE);
    uses(&plan(&store, &above), "group_members_by_member (tenant_id=? AND member_id=?)");
}

#[tokio::test]
async fn pages_of_the_journal_go_by_index() {
    let (_folder, store) = open().await;
    let all = JournalQuery { hide_probes: true, ..Default::default() };
    let when = Some(DateTime::from_millis(5));
    for (query, index) in [
        (all.clone(), "journal_by_time (tenant_id=?"),
        (JournalQuery { from: when, to: when, ..all.clone() }, "journal_by_time (tenant_id=? AND at"),
        (JournalQuery { status: Some(Status::Failure), ..all.clone() }, "journal_by_status (tenant_id=? AND status=?"),
        (JournalQuery { status: Some(Status::Success), ..all.clone() }, "journal_by_time (tenant_id=?"),
        (JournalQuery { action: Some(Action::Disable), ..all.clone() }, "journal_by_action (tenant_id=? AND action=?"),
        (
            JournalQuery { identity: Some("ana".into()), ..all.clone() },
            "journal_by_identity (tenant_id=? AND identity_key>?",
        ),
    ] {
        for before in [None, Some((DateTime::from_millis(5), EntryId(7)))] {
            let page = JournalFilter::of_query(TENANT, &query).page(TENANT, COLUMNS, before, 50);
            uses(&plan(&store, &page), index);
        }
    }
    let about = JournalFilter::of_resource(TENANT, &ResourceRef { kind: ResourceKind::User, id: "x".into() });
    let page = about.page(TENANT, COLUMNS, Some((DateTime::from_millis(5), EntryId(7))), 50);
    uses(&plan(&store, &page), "journal_by_resource (tenant_id=? AND resource_id=?");
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let found = matched(User, Some(&Filter::parse(text).unwrap()));
    let sql = found.count().to_string();
    let condition = sql.strip_prefix("select count(*) from users u where u.tenant_id = ? and ").unwrap();
    assert_eq!(condition.replace("\n  1", ""), expected);
}

#[test]
fn filters_become_conditions_and_binds() {
    check(r#"userName eq "Ana' or ''='""#, "u.user_name_key = ?\n  \"ana' or ''='\"");
    check(r#"title sw "a%""#, "(u.title_key >= ? and u.title_key < ?)\n  \"a%\"\n  \"a&\"");
    check("not (title pr)", "not (u.title_key <> '')");
    check(
        r#"nickName co "X""#,
        "coalesce(instr(fold(json_extract(u.document, ?)), ?) > 0, false)\n  \"$.\\\"nickName\\\"\"\n  \"x\"",
    );
    check(
        r#"nickName ne "X""#,
        "coalesce(fold(json_extract(u.document, ?)) <> ?, true)\n  \"$.\\\"nickName\\\"\"\n  \"x\"",
    );
    check(
        r#"roles.value ew "X""#,
        "exists (select 1 from json_each(u.document, ?) e where coalesce(substr(fold(json_extract(e.value, ?)), ?) = ?, false))\n  \"$.\\\"roles\\\"\"\n  \"$.\\\"value\\\"\"\n  -1\n  \"x\"",
    );
    check(r#"active eq "True" or nothing eq 1"#, "(u.active = ? or false)");
    check(r#"meta.created lt "1970-01-01T00:00:00.005Z""#, "u.created < ?\n  5");
}
