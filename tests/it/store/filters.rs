//! Filters in SQL agree with the evaluator in memory, on random directories and filters (fixed seed).

use std::collections::BTreeSet;

use rollcall::directory::schemas::{DataLoss, set};
use rollcall::model::id::TenantId;
use rollcall::scim::document::{Document, Resource};
use rollcall::scim::filter::{Filter, eval};
use rollcall::scim::schema::{self, ENTERPRISE_URN, ResourceType, Schema};
use rollcall::store::Store;
use serde_json::{Value, json};

use super::{entry, find, id, insert_user, list, open, open_with_tenant, resource};
use rollcall::model::journal::Action;
use rollcall::model::journal::ResourceKind::{Group, User};

const DIRECTORIES: u64 = 12;
const USERS: u128 = 25;
const GROUPS: u128 = 8;
const FILTERS: usize = 600;

const TEXTS: &[&str] = &[
    "ana",
    "Ana",
    "ANA RUIZ",
    "Straße",
    "STRASSE",
    "İzmir",
    "ısı",
    "é",
    "e\u{301}",
    "%",
    "_",
    "a_b%c",
    "'",
    "''",
    "\"q\"",
    "ana@x.org",
    "\\",
    "日本",
    "𝄞x",
    "\u{10FFFF}",
    "\u{10FFFF}z",
    "\u{D7FF}",
    "zz",
    "Dr",
    "5",
    "true",
    "False",
    "work",
    "home",
    "WORK",
    "User",
    "null",
    "2026-11-22T22:50:00Z",
    "$.x",
    "a\tb",
    " ",
];

const USER_PATHS: &[&str] = &[
    "userName",
    "USERNAME",
    "externalId",
    "displayName",
    "nickName",
    "title",
    "userType",
    "profileUrl",
    "locale",
    "active",
    "name",
    "name.givenName",
    "name.familyName",
    "name.middleName",
    "id",
    "schemas",
    "emails",
    "emails.value",
    "emails.type",
    "emails.primary",
    "emails.display",
    "phoneNumbers.primary",
    "roles.primary",
    "phoneNumbers",
    "phoneNumbers.value",
    "phoneNumbers.type",
    "roles",
    "roles.value",
    "addresses",
    "addresses.locality",
    "addresses.primary",
    "groups",
    "groups.value",
    "groups.display",
    "groups.type",
    "groups.$ref",
    "meta.location",
    "department",
    "manager",
    "manager.value",
    "manager.displayName",
    "nothing",
    "nothing.at.all",
    "userName.part",
    "x509Certificates",
    "meta",
    "meta.resourceType",
    "meta.version",
    "meta.created",
    "meta.lastModified",
    "urn:ietf:params:scim:schemas:core:2.0:User:title",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
    "urn:none:title",
    "urn:ietf:params:scim:schemas:extension:acme:2.0:User:nick",
    "nick",
    "code",
    "floor",
    "part",
    "remote",
    "since",
    "tags",
    "urn:ietf:params:scim:schemas:extension:acme:2.0:User:tags",
    "badge",
    "marks",
];
const USER_BRACKETS: &[&str] = &[
    "tags",
    "marks",
    "nick",
    "emails",
    "phoneNumbers",
    "addresses",
    "roles",
    "groups",
    "name",
    "manager",
    "meta",
    "schemas",
    "title",
    "emails.value",
    "nothing",
];
const GROUP_PATHS: &[&str] = &[
    "displayName",
    "externalId",
    "id",
    "schemas",
    "members",
    "members.value",
    "members.type",
    "members.display",
    "members.$ref",
    "meta.location",
    "meta",
    "meta.created",
    "meta.lastModified",
    "meta.version",
    "meta.resourceType",
    "userName",
    "nothing",
];
const GROUP_BRACKETS: &[&str] = &["members", "displayName", "meta", "members.value"];
const PARTS: &[&str] = &[
    "value",
    "VALUE",
    "type",
    "primary",
    "display",
    "locality",
    "givenName",
    "resourceType",
    "created",
    "none",
    "$ref",
    "location",
    "primary",
];

const ACME: &str = "urn:ietf:params:scim:schemas:extension:acme:2.0:User";

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        // xorshift64*, Vigna 2016
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end as u64).unwrap()
    }

    fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    fn element(&mut self, parts: &[&str]) -> Value {
        let mut element = json!({});
        for part in parts {
            if !self.one_in(3) {
                element[part] =
                    if *part == "type" { json!(self.pick(&["work", "Work", "home"])) } else { json!(self.pick(TEXTS)) };
            }
        }
        element
    }

    fn elements(&mut self, parts: &[&str]) -> Value {
        (0..self.below(4)).map(|_| self.element(parts)).collect()
    }

    fn user(&mut self, number: u128) -> Value {
        let mut user = json!({
            "schemas": [schema::USER_URN],
            "userName": if self.one_in(2) { format!("{}{number}", self.pick(TEXTS)) } else { format!("{number}{}", self.pick(TEXTS)) },
        });
        if !self.one_in(4) {
            user["active"] = json!(self.one_in(2));
        }
        for name in ["externalId", "displayName", "nickName", "title", "userType", "profileUrl", "locale"] {
            if self.one_in(2) {
                user[name] = json!(self.pick(TEXTS));
            }
        }
        user["name"] = self.element(&["givenName", "familyName", "middleName"]);
        for name in ["emails", "phoneNumbers", "roles"] {
            user[name] = self.elements(&["value", "type", "display"]);
        }
        user["addresses"] = self.elements(&["locality", "type"]);
        for name in ["emails", "addresses", "phoneNumbers"] {
            if let Some(first) = user[name].as_array_mut().and_then(|elements| elements.first_mut()) {
                first["primary"] = json!(self.one_in(2));
            }
        }
        let mut own = json!({"badge": format!("{}{number}", self.pick(TEXTS))});
        for name in ["nick", "code"] {
            if self.one_in(2) {
                own[name] = json!(self.pick(TEXTS));
            }
        }
        own["tags"] = (0..self.below(4)).map(|_| json!(self.pick(TEXTS))).collect();
        own["marks"] = (0..self.below(3)).map(|_| json!(self.below(7))).collect();
        for (name, value) in [
            ("floor", json!(self.below(9))),
            ("part", json!([0.0, 0.5, 1.0, 2.25, 5.0][self.below(5)])),
            ("remote", json!(self.one_in(2))),
            ("since", json!(super::at(i64::try_from(self.below(40)).unwrap()))),
        ] {
            if !self.one_in(3) {
                own[name] = value;
            }
        }
        if !self.one_in(4) {
            user[ACME] = own;
        }
        if self.one_in(2) {
            user[ENTERPRISE_URN] = json!({"department": self.pick(TEXTS), "manager": {"value": self.pick(TEXTS)}});
        }
        user
    }

    fn literal(&mut self) -> String {
        match self.below(26) {
            0 => "null".into(),
            1 => "true".into(),
            2 => "false".into(),
            3 => "5".into(),
            4 => self.pick(&["\"\"", "\"5\"", "\"0.5\"", "\" 2.25 \"", "\"07\"", "2.25"]).into(),
            5 => json!(id(self.below(40) as u128)).to_string(),
            6 => json!(super::at(i64::try_from(self.below(40)).unwrap())).to_string(),
            7 => json!(
                [schema::USER_URN, ENTERPRISE_URN, schema::GROUP_URN, "W/\"1\"", "direct", "2025-11"][self.below(6)]
            )
            .to_string(),
            8 => {
                let text = self.pick(TEXTS);
                json!(text.chars().take(1 + self.below(3)).collect::<String>()).to_string()
            }
            9 => json!(self.pick(TEXTS).to_uppercase()).to_string(),
            10 => {
                let endpoint = self.pick(&["Users", "Groups", "groups"]);
                json!(format!("https://x.org/v2/scim/{endpoint}/{}", id(self.below(110) as u128))).to_string()
            }
            _ => json!(self.pick(TEXTS)).to_string(),
        }
    }

    fn test(&mut self) -> String {
        if self.one_in(8) {
            return "pr".into();
        }
        let operator = self.pick(&["eq", "EQ", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "eq", "sw"]);
        format!("{operator} {}", self.literal())
    }

    fn filter(&mut self, paths: &[&str], brackets: &[&str], depth: usize) -> String {
        match self.below(if depth == 0 { 4 } else { 9 }) {
            0..=2 => format!("{} {}", self.pick(paths), self.test()),
            3 => {
                let depth = self.below(2);
                let inner = self.filter(PARTS, &["value"], depth);
                let then =
                    if self.one_in(3) { format!(".{} {}", self.pick(PARTS), self.test()) } else { String::new() };
                format!("{}[{inner}]{then}", self.pick(brackets))
            }
            4 => format!("not ({})", self.filter(paths, brackets, depth - 1)),
            word => {
                let word = if word < 7 { "and" } else { "or" };
                let (one, other) = (self.filter(paths, brackets, depth - 1), self.filter(paths, brackets, depth - 1));
                if self.one_in(2) { format!("{one} {word} {other}") } else { format!("({one}) {word} ({other})") }
            }
        }
    }
}

fn expected(filter: &Filter, kind: &ResourceType, all: &[Resource]) -> BTreeSet<String> {
    let matching = all.iter().filter(|one| eval::matches(filter, kind, &one.render(kind, "https://x.org/v2/scim")));
    matching.map(|one| one.id.clone()).collect()
}

/// A custom schema with an attribute of each kind.
async fn define(store: &Store, tenant: TenantId) {
    let schema = Schema::read(&json!({"id": ACME, "attributes": [
        {"name": "badge", "uniqueness": "server"}, {"name": "nick"}, {"name": "code", "caseExact": true},
        {"name": "floor", "type": "integer"}, {"name": "part", "type": "decimal"}, {"name": "remote", "type": "boolean"},
        {"name": "since", "type": "dateTime"}, {"name": "tags", "multiValued": true},
        {"name": "marks", "type": "integer", "multiValued": true},
    ]}));
    set(store, tenant, &schema.unwrap(), DataLoss::Refused, &entry(Action::Other, "schema")).await.unwrap();
}

async fn fill(store: &Store, tenant: TenantId, random: &mut Random) {
    define(store, tenant).await;
    let types = store.current_types(tenant).await.unwrap();
    for number in 1..=USERS {
        let document = Document::read(types.user(), &random.user(number)).unwrap().document;
        insert_user(store, tenant, number, document.into_value()).await.unwrap();
    }
    for number in 0..GROUPS {
        let members: Vec<Value> = (1..=USERS + number)
            .filter_map(|member| {
                let member = id(if member > USERS { member - USERS + 99 } else { member });
                random.one_in(5).then(|| {
                    if random.one_in(3) {
                        json!({"value": member, "display": random.pick(TEXTS)})
                    } else {
                        json!({"value": member})
                    }
                })
            })
            .collect();
        let mut sent = json!({
            "schemas": [schema::GROUP_URN], "displayName": format!("{}{number}", random.pick(TEXTS)), "members": members,
        });
        if random.one_in(2) {
            sent["externalId"] = json!(random.pick(TEXTS));
        }
        let document = Document::read(schema::group(), &sent).unwrap().document;
        let group = resource(Group, 100 + number, document.into_value());
        store.insert_group(tenant, &group, &entry(Action::Create, &group.id)).await.unwrap();
    }
}

#[tokio::test]
async fn sql_agrees_with_the_evaluator() {
    let (_folder, store) = open().await;
    let (mut compared, mut hits) = (0, 0);
    for seed in 1..=DIRECTORIES {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let tenant = store.create_tenant("Contoso", super::at(0)).await.unwrap().id;
        fill(&store, tenant, &mut random).await;
        let types = store.current_types(tenant).await.unwrap();
        let users = list(&store, tenant, User, None, 0, 1_000).await.1;
        let groups = list(&store, tenant, Group, None, 0, 1_000).await.1;
        for _ in 0..FILTERS {
            let about_users = !random.one_in(4);
            let (kind, all, paths, brackets) = if about_users {
                (types.user(), &users, USER_PATHS, USER_BRACKETS)
            } else {
                (types.group(), &groups, GROUP_PATHS, GROUP_BRACKETS)
            };
            let text = random.filter(paths, brackets, 3);
            let Ok(filter) = Filter::parse(&text) else { continue };
            if filter.check(kind).is_err() {
                continue;
            }
            let kinds = if about_users { User } else { Group };
            let (total, found) = list(&store, tenant, kinds, Some(&filter), 0, 1_000).await;
            let expected = expected(&filter, kind, all);
            let found: BTreeSet<String> = found.into_iter().map(|one| one.id).collect();
            assert_eq!(total, found.len() as u64);
            if found != expected {
                let differing: Vec<_> = all
                    .iter()
                    .filter(|one| found.contains(&one.id) != expected.contains(&one.id))
                    .map(|one| one.render(kind, "").to_string())
                    .collect();
                panic!("seed {seed}: {text}\nSQL {} memory {}\n{}", found.len(), expected.len(), differing[0]);
            }
            compared += 1;
            hits += usize::from(!found.is_empty() && found.len() < all.len());
        }
    }
    assert!(compared > 4_000, "only {compared} filters were worth comparing");
    assert!(hits > 1_000, "only {hits} filters entry some from others");
}

#[tokio::test]
async fn the_filters_of_the_checklist_match_the_right_users() {
    let (_folder, store, tenant) = open_with_tenant().await;
    let ana = json!({
        "userName": "Ana@contoso.com", "externalId": "X1", "active": true, "title": "Dr",
        "name": {"givenName": "Ana", "familyName": "Ruiz"},
        "emails": [{"type": "work", "value": "ana@contoso.com"}, {"type": "home", "value": "a@x.org"}],
        "phoneNumbers": [{"type": "work", "value": "5551234"}],
        ENTERPRISE_URN: {"department": "Sales", "manager": {"value": "M1"}},
    });
    insert_user(&store, tenant, 1, ana).await.unwrap();
    insert_user(&store, tenant, 2, json!({"userName": "eva", "active": false})).await.unwrap();
    for (filter, expected) in [
        (r#"userName eq "ANA@CONTOSO.COM""#, "Ana@contoso.com"),
        (r#"externalId eq "X1""#, "Ana@contoso.com"),
        (r#"externalId eq "x1""#, ""),
        (r#"active eq "False""#, "eva"),
        ("active ne true", "eva"),
        (r#"emails[type eq "work"].value eq "ANA@contoso.com""#, "Ana@contoso.com"),
        (r#"emails[type eq "home"].value eq "ana@contoso.com""#, ""),
        (r#"emails[type eq "work" and value co "@contoso"]"#, "Ana@contoso.com"),
        (r#"phoneNumbers[type eq "work"].value eq "5551234""#, "Ana@contoso.com"),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "M1""#, "Ana@contoso.com"),
        (r#"manager eq "m1""#, ""),
        (r#"department eq "sales""#, "Ana@contoso.com"),
        (r#"title ne "dr""#, "eva"),
        ("title eq null", "eva"),
        ("not (title pr)", "eva"),
        (r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#, "Ana@contoso.com"),
        (r#"meta.resourceType eq "User" and name.familyName sw "RU""#, "Ana@contoso.com"),
        (
            r#"meta.created gt "1970-01-01T00:00:00Z" and meta.lastModified lt "2025-11-22T22:53:20.002+00:00""#,
            "Ana@contoso.com",
        ),
        (r#"userName eq "' or 1=1 --""#, ""),
    ] {
        assert_eq!(find(&store, tenant, filter).await.join(" "), expected, "{filter}");
    }
}
