//! Where the value of an attribute is stored: in a column of its own, in rows of its own, or in the document.

use super::test::Test;
use crate::model::id::TenantId;
use crate::scim::compare::fold;
use crate::scim::schema::{
    Attribute, ENTERPRISE_URN, GROUP_URN, Resolved, ResourceKind, ResourceType, Schema, USER_URN,
};
use crate::store::dialect::{self, comparable, has_value_at, value_at};
use crate::store::keys::is_unique;
use crate::store::sql::{Sql, prefix};

/// Where the value at a path is stored.
pub(super) enum Storage {
    /// A column with an index; '' means absent.
    Key(&'static str),
    /// The column `active`, in which 2 means absent.
    Active,
    /// A column of milliseconds.
    Instant(&'static str),
    /// An expression that always has a value.
    Value(Sql),
    /// An expression that is null where there is no value.
    Nullable(Sql),
    /// The same, and found by index: the values are unique.
    Unique { value: Sql, tenant: TenantId, attribute: String },
    /// Several values.
    List(List),
}

/// Several values.
pub(super) struct List {
    /// The elements, as `e`.
    pub(super) source: Sql,
    /// The value at the path in one element.
    pub(super) value: Sql,
    /// How to read an element's parts.
    pub(super) elements: Elements,
    /// How to find resources by an element's `value`.
    index: Option<Index>,
}

/// How to read the parts of an element `e`.
#[derive(Clone, Copy)]
pub(super) enum Elements {
    /// `e.value` is JSON.
    Json,
    /// `e` has columns of its own.
    Columns,
}

enum Index {
    /// Of e-mail addresses or telephone numbers.
    Values(TenantId, &'static str),
    /// Of groups by their members.
    Members(TenantId),
    /// Of users by their groups, direct and indirect.
    Groups(TenantId),
}

/// Where an attribute of users is stored.
pub(super) fn of_user(
    tenant: TenantId,
    base_url: &str,
    resource_type: &ResourceType,
    resolved: &Resolved<'_>,
) -> Storage {
    match resolved.pointer()[..] {
        ["userName"] => Storage::Key("u.user_name_key"),
        ["externalId"] => Storage::Key("u.external_id"),
        ["displayName"] => Storage::Key("u.display_name_key"),
        ["title"] => Storage::Key("u.title_key"),
        ["name", "givenName"] => Storage::Key("u.given_name_key"),
        ["name", "familyName"] => Storage::Key("u.family_name_key"),
        [ENTERPRISE_URN, "manager", "value"] => Storage::Key("u.manager_id"),
        ["active"] => Storage::Active,
        ["id"] => Storage::Value(Sql::new("u.id")),
        ["meta", "created"] => Storage::Instant("u.created"),
        ["meta", "lastModified"] => Storage::Instant("u.last_modified"),
        ["meta", "version"] => Storage::Value(Sql::new("'W/\"' || u.version || '\"'")),
        ["meta", "resourceType"] => Storage::Value(Sql::new("'User'")),
        ["meta"] | ["meta", "location"] => Storage::Value(location(base_url, ResourceKind::User, "u.id")),
        ["schemas"] => schemas(USER_URN, &resource_type.extensions),
        ["groups", ..] => memberships(tenant, base_url, resolved),
        _ => in_document("u.document", tenant, resolved),
    }
}

/// Where an attribute of groups is stored.
pub(super) fn of_group(tenant: TenantId, base_url: &str, resolved: &Resolved<'_>) -> Storage {
    match resolved.pointer()[..] {
        ["displayName"] => Storage::Key("g.display_name_key"),
        ["externalId"] => Storage::Key("g.external_id"),
        ["id"] => Storage::Value(Sql::new("g.id")),
        ["meta", "created"] => Storage::Instant("g.created"),
        ["meta", "lastModified"] => Storage::Instant("g.last_modified"),
        ["meta", "version"] => Storage::Value(Sql::new("'W/\"' || g.version || '\"'")),
        ["meta", "resourceType"] => Storage::Value(Sql::new("'Group'")),
        ["meta"] | ["meta", "location"] => Storage::Value(location(base_url, ResourceKind::Group, "g.id")),
        ["schemas"] => schemas(GROUP_URN, &[]),
        ["members", ..] => members(tenant, base_url, resolved),
        _ => in_document("g.document", tenant, resolved),
    }
}

impl Elements {
    /// The element itself, a value of this attribute without parts.
    pub(super) fn whole(self, attribute: &Attribute) -> Sql {
        let element = Sql::new("e.value");
        match self {
            Self::Json => comparable(attribute, element),
            Self::Columns => element,
        }
    }

    /// A part of the element, null where it has none.
    pub(super) fn part(self, attribute: &Attribute) -> Sql {
        match self {
            Self::Json => comparable(attribute, value_at("e.value", &[&attribute.name])),
            Self::Columns => Sql::new(match &*attribute.name {
                "value" => "e.value",
                "display" => "e.display",
                "type" => "e.type",
                "$ref" => "e.ref",
                _ => "null",
            }),
        }
    }
}

impl List {
    /// With the default that a missing part has (RFC 7643 §2.4).
    pub(super) fn with_assumed(mut self, resolved: &Resolved<'_>) -> Self {
        if resolved.sub_attribute.is_some_and(|part| resolved.attribute.assumes_false(part)) {
            self.value = or_false(&self.value);
        }
        self
    }

    /// The resources that pass, by index, if there is one for this test.
    pub(super) fn by_index(&self, test: &Test) -> Option<Sql> {
        let mut sql = Sql::default();
        match self.index.as_ref()? {
            Index::Values(tenant, attribute) => {
                sql.push("u.seq in (select user_seq from user_values where tenant_id = ").bind(tenant);
                sql.push(" and attribute = ").bind(*attribute).push(" and ");
                match (test.equals(), test.begins()) {
                    (Some(value), _) => sql.push("value_key = ").bind(value),
                    (_, Some(part)) => sql.append(&prefix("value_key", part)),
                    _ => return None,
                }
            }
            Index::Members(tenant) => {
                let member = test.equals()?;
                sql.push("g.id in (select group_id from user_members where tenant_id = ").bind(tenant);
                sql.push(" and user_id = ").bind(member);
                sql.push(" union all select group_id from group_members where tenant_id = ").bind(tenant);
                sql.push(" and member_id = ").bind(member)
            }
            Index::Groups(tenant) => {
                let group = test.equals()?;
                sql.push("u.id in (with recursive way (id) as (select ").bind(group);
                sql.push(
                    " union select m.member_id from way join group_members m on m.group_id = way.id and m.tenant_id = ",
                );
                sql.bind(tenant)
                    .push(") select m.user_id from way join user_members m on m.group_id = way.id and m.tenant_id = ");
                sql.bind(tenant)
            }
        }
        .push(")");
        Some(sql)
    }
}

fn in_document(document: &'static str, tenant: TenantId, resolved: &Resolved<'_>) -> Storage {
    let attribute = resolved.attribute;
    if !attribute.multi_valued {
        let value = comparable(resolved.leaf(), value_at(document, &resolved.pointer()));
        return match resolved.extension {
            Some(urn) if is_unique(attribute) => {
                Storage::Unique { value, tenant, attribute: format!("{urn}:{}", attribute.name) }
            }
            _ => Storage::Nullable(value),
        };
    }
    let steps: Vec<&str> = resolved.extension.into_iter().chain([&*attribute.name]).collect();
    let elements = Elements::Json;
    let is_value = resolved.sub_attribute.is_some_and(|part| part.name == "value");
    let index = match &*attribute.name {
        "emails" if is_value && resolved.extension.is_none() => Some("emails"),
        "phoneNumbers" if is_value && resolved.extension.is_none() => Some("phoneNumbers"),
        _ => None,
    };
    Storage::List(List {
        source: dialect::elements(document, &steps),
        value: resolved.sub_attribute.map_or_else(|| elements.whole(attribute), |part| elements.part(part)),
        elements,
        index: index.map(|name| Index::Values(tenant, name)),
    })
}

/// The users who have this value of a unique attribute.
pub(super) fn by_unique(tenant: TenantId, attribute: &str, value: &str) -> Sql {
    let mut sql = Sql::new("u.seq in (select user_seq from unique_values where tenant_id = ");
    sql.bind(tenant).push(" and attribute = ").bind(attribute).push(" and value_key = ").bind(value).push(")");
    sql
}

fn schemas(core: &'static str, extensions: &[Schema]) -> Storage {
    let mut source = Sql::new("(select cast(");
    source.bind(core.to_ascii_lowercase()).push(" as text) as value");
    for extension in extensions {
        source.push(" union all select cast(").bind(extension.id.to_ascii_lowercase()).push(" as text)");
        source.push(" where ").append(&has_value_at("u.document", &[&extension.id]));
    }
    source.push(") e");
    Storage::List(List { source, value: Sql::new("e.value"), elements: Elements::Columns, index: None })
}

fn members(tenant: TenantId, base_url: &str, resolved: &Resolved<'_>) -> Storage {
    let mut source = Sql::new("(select user_id as value, 'user' as type, nullif(display_key, '') as display, ");
    source.append(&reference(base_url, ResourceKind::User, "user_id"));
    source.push(" as ref from user_members where group_id = g.id and tenant_id = ").bind(tenant);
    source.push(" union all select member_id, 'group', nullif(display_key, ''), ");
    source.append(&reference(base_url, ResourceKind::Group, "member_id"));
    source.push(" from group_members where group_id = g.id and tenant_id = ").bind(tenant).push(") e");
    Storage::List(columns(source, resolved, Index::Members(tenant)))
}

fn memberships(tenant: TenantId, base_url: &str, resolved: &Resolved<'_>) -> Storage {
    let mut source = Sql::new(
        "(with recursive way (id, direct) as ( \
         select m.group_id, 1 from user_members m where m.tenant_id = u.tenant_id and m.user_id = u.id \
         union select m.group_id, 0 from way join group_members m on m.tenant_id = u.tenant_id and m.member_id = way.id) \
         select g.id as value, g.display_name_key as display, case when w.direct = 1 then 'direct' else 'indirect' end as type, ",
    );
    source.append(&reference(base_url, ResourceKind::Group, "g.id"));
    source.push(
        " as ref from (select id, max(direct) as direct from way group by id) w \
         join groups g on g.tenant_id = u.tenant_id and g.id = w.id) e",
    );
    Storage::List(columns(source, resolved, Index::Groups(tenant)))
}

fn columns(source: Sql, resolved: &Resolved<'_>, index: Index) -> List {
    let elements = Elements::Columns;
    let is_value = resolved.sub_attribute.is_some_and(|part| part.name == "value");
    List {
        source,
        value: resolved.sub_attribute.map_or_else(|| elements.whole(resolved.attribute), |part| elements.part(part)),
        elements,
        index: is_value.then_some(index),
    }
}

/// A value, false where there is none.
pub(super) fn or_false(value: &Sql) -> Sql {
    let mut sql = Sql::new("coalesce(");
    sql.append(value).push(", false)");
    sql
}

/// Where a resource is found, as `meta.location` shows it.
fn location(base_url: &str, kind: ResourceKind, id: &'static str) -> Sql {
    let mut sql = Sql::new("(");
    sql.bind(format!("{base_url}{}/", kind.endpoint())).push(" || ").push(id).push(")");
    sql
}

/// The same as `$ref` is compared: letter case does not count there. Ids are lower case.
fn reference(base_url: &str, kind: ResourceKind, id: &'static str) -> Sql {
    let mut sql = Sql::new("(");
    sql.bind(fold(&format!("{base_url}{}/", kind.endpoint()))).push(" || ").push(id).push(")");
    sql
}
