//! SCIM filters as SQL. The result is that of `scim::filter::eval`, which documents the rules; here is where a value is
//! stored (`storage`), how it is tested (`test`), and how terms are joined. A condition is never null, so that `not` is
//! always the opposite. Does not access the database.

mod page;
mod storage;
mod test;

pub use page::{Position, Start};
pub(super) use page::{ResourceQuery, SortedQuery};
use storage::{Elements, List, Storage};
use test::Test;

use super::dialect::PRIMARY_FIRST;
use super::sql::Sql;
use crate::model::id::TenantId;
use crate::model::journal::ResourceKind;
use crate::scim::filter::{self, Filter, Literal, Operator};
use crate::scim::path::AttributePath;
use crate::scim::schema::{Attribute, Resolved, ResourceType};

/// Where the paths of a filter start.
#[derive(Clone, Copy)]
enum Scope<'a> {
    /// At the resource.
    Resource,
    /// Inside `[ ]`, at a singular attribute.
    Inside(Resolved<'a>),
    /// Inside `[ ]`, at one element `e` of a multi-valued attribute.
    Element(&'a Attribute, Elements),
    /// Inside `[ ]`, at a value without parts.
    Nothing,
}

/// Users are in `users u`, groups in `groups g`.
struct Compiler<'t> {
    kind: ResourceKind,
    tenant: TenantId,
    resource_type: &'t ResourceType,
    /// The Tenant URL, which `$ref` and `meta.location` begin with.
    base_url: &'t str,
}

impl Compiler<'_> {
    const fn pick(&self, users: &'static str, groups: &'static str) -> &'static str {
        match self.kind {
            ResourceKind::User => users,
            ResourceKind::Group => groups,
        }
    }

    fn compile(&self, filter: &Filter, scope: Scope<'_>) -> Sql {
        match filter {
            Filter::And(terms) => self.join(terms, " and ", scope),
            Filter::Or(terms) => self.join(terms, " or ", scope),
            Filter::Not(filter) => {
                let mut sql = Sql::new("not (");
                sql.append(&self.compile(filter, scope)).push(")");
                sql
            }
            Filter::Present(path) => self
                .resolve(scope, path)
                .map_or_else(Sql::never, |resolved| self.test(scope, &resolved, &Test::present())),
            Filter::Compare { path, operator, value } => self.compare(scope, path, *operator, value),
            Filter::ValuePath { path, filter, then } => self.value_path(scope, path, filter, then.as_ref()),
        }
    }

    fn is_dated(&self, filter: &Filter) -> bool {
        match filter {
            Filter::And(terms) => terms.iter().any(|term| self.is_dated(term)),
            Filter::Compare { path, operator, .. } if operator.is_ordering() => {
                let resolved = self.resolve(Scope::Resource, path);
                resolved.is_some_and(|resolved| matches!(self.storage(&resolved), Storage::Instant(_)))
            }
            _ => false,
        }
    }

    fn join(&self, terms: &[Filter], word: &'static str, scope: Scope<'_>) -> Sql {
        let mut sql = Sql::new("(");
        for (index, term) in terms.iter().enumerate() {
            if index > 0 {
                sql.push(word);
            }
            sql.append(&self.compile(term, scope));
        }
        sql.push(")");
        sql
    }

    fn compare(&self, scope: Scope<'_>, path: &AttributePath, operator: Operator, literal: &Literal) -> Sql {
        match self.resolve(scope, path).map(|resolved| resolved.compared()) {
            Some(resolved) => self.test(scope, &resolved, &Test::compare(resolved.leaf(), operator, literal)),
            None if test::passes_absent(operator, literal) => Sql::always(),
            None => Sql::never(),
        }
    }

    fn test(&self, scope: Scope<'_>, resolved: &Resolved<'_>, test: &Test) -> Sql {
        match scope {
            Scope::Element(attribute, elements) if resolved.is_value => test.on_nullable(&elements.whole(attribute)),
            Scope::Element(attribute, elements) => {
                let part = elements.part(resolved.attribute);
                let is_assumed = !test.is_presence() && attribute.assumes_false(resolved.attribute);
                test.on_nullable(&if is_assumed { storage::or_false(&part) } else { part })
            }
            Scope::Nothing => Sql::never(),
            Scope::Resource | Scope::Inside(_) => match self.storage(resolved) {
                Storage::Key(column) => test.on_key(column),
                Storage::Active => test.on_active("u.active"),
                Storage::Instant(column) => test.on_instant(column),
                Storage::Value(expression) => test.on_value(&expression),
                Storage::Nullable(expression) => test.on_nullable(&expression),
                Storage::Unique { value, tenant, attribute } => test
                    .equal_key()
                    .map_or_else(|| test.on_nullable(&value), |key| storage::by_unique(tenant, &attribute, &key)),
                Storage::List(list) => {
                    let list = if test.is_presence() { list } else { list.with_assumed(resolved) };
                    list.by_index(test).unwrap_or_else(|| list.any(test))
                }
            },
        }
    }

    fn value_path(
        &self,
        scope: Scope<'_>,
        path: &AttributePath,
        filter: &Filter,
        then: Option<&(String, filter::Test)>,
    ) -> Sql {
        let Some(resolved) = self.resolve(scope, path) else { return Sql::never() };
        let storage = match scope {
            Scope::Resource | Scope::Inside(_) => self.storage(&resolved),
            Scope::Element(_, elements) => Storage::Nullable(elements.part(resolved.attribute)),
            Scope::Nothing => return Sql::never(),
        };
        let Storage::List(list) = storage else {
            let whole = resolved.sub_attribute.is_none() && matches!(scope, Scope::Resource);
            let inner = if whole { Scope::Inside(resolved) } else { Scope::Nothing };
            let mut sql = Sql::new("(");
            sql.append(&self.test(scope, &resolved, &Test::present())).push(" and ");
            sql.append(&self.inner(filter, then, inner)).push(")");
            return sql;
        };
        let inner = match resolved.sub_attribute {
            None => Scope::Element(resolved.attribute, list.elements),
            Some(_) => Scope::Nothing,
        };
        let mut sql = Sql::new("(");
        let value = resolved.compared();
        let indexed = equal_value(filter, then).and_then(|literal| match self.storage(&value) {
            Storage::List(list) => list.by_index(&Test::compare(value.leaf(), Operator::Eq, literal)),
            _ => None,
        });
        if let Some(indexed) = indexed {
            sql.append(&indexed).push(" and ");
        }
        let mut passes = list.value.clone();
        passes.push(" is not null and ").append(&self.inner(filter, then, inner));
        sql.append(&list.exists(&passes)).push(")");
        sql
    }

    /// The condition inside `[ ]`, with the test that may follow it.
    fn inner(&self, filter: &Filter, then: Option<&(String, filter::Test)>, scope: Scope<'_>) -> Sql {
        let mut sql = self.compile(filter, scope);
        if let Some((sub_attribute, test)) = then {
            let path = AttributePath { urn: None, attribute: sub_attribute.clone(), sub_attribute: None };
            sql.push(" and ").append(&match test {
                filter::Test::Present => self.compile(&Filter::Present(path), scope),
                filter::Test::Compare(operator, literal) => self.compare(scope, &path, *operator, literal),
            });
        }
        sql
    }

    fn resolve<'a>(&'a self, scope: Scope<'a>, path: &AttributePath) -> Option<Resolved<'a>> {
        let part = |attribute: &'a Attribute| {
            let bare = path.urn.is_none() && path.sub_attribute.is_none();
            bare.then(|| attribute.sub_attribute(&path.attribute)).flatten()
        };
        match scope {
            Scope::Resource => self.resource_type.resolve(path),
            Scope::Inside(outer) => Some(Resolved { sub_attribute: Some(part(outer.attribute)?), ..outer }),
            Scope::Element(attribute, _) => {
                let bare = path.urn.is_none() && path.sub_attribute.is_none();
                bare.then(|| attribute.within(&path.attribute)).flatten()
            }
            Scope::Nothing => None,
        }
    }

    fn storage(&self, resolved: &Resolved<'_>) -> Storage {
        match self.kind {
            ResourceKind::User => storage::of_user(self.tenant, self.base_url, self.resource_type, resolved),
            ResourceKind::Group => storage::of_group(self.tenant, self.base_url, resolved),
        }
    }
}

/// The `value` that every match of a value path must have, if there is one: an index can find that first.
fn equal_value<'a>(filter: &'a Filter, then: Option<&'a (String, filter::Test)>) -> Option<&'a Literal> {
    let is_value = |name: &str| name.eq_ignore_ascii_case("value");
    let of_term = |term: &'a Filter| match term {
        Filter::Compare { path, operator: Operator::Eq, value }
            if path.urn.is_none() && path.sub_attribute.is_none() && is_value(&path.attribute) =>
        {
            Some(value)
        }
        _ => None,
    };
    let terms = match filter {
        Filter::And(terms) => terms.as_slice(),
        other => std::slice::from_ref(other),
    };
    match then {
        Some((name, filter::Test::Compare(Operator::Eq, value))) if is_value(name) => Some(value),
        _ => terms.iter().find_map(of_term),
    }
}

impl List {
    /// That some element passes, or, where absence passes, that there is none.
    fn any(&self, test: &Test) -> Sql {
        let some = self.exists(&test.on_nullable(&self.value));
        if !test.when_absent {
            return some;
        }
        let mut sql = Sql::new("(");
        sql.append(&some).push(" or not ").append(&self.exists(&Sql::always())).push(")");
        sql
    }

    /// The value to sort by. RFC 7644 §3.4.2.3: "the value of the primary attribute […] or else the first value in the
    /// list".
    fn first(&self) -> Sql {
        let mut sql = Sql::new("(select ");
        sql.append(&self.value).push(" from ").append(&self.source).push(" where ").append(&self.value);
        sql.push(" is not null order by ");
        sql.push(match self.elements {
            Elements::Json => PRIMARY_FIRST,
            Elements::Columns => "1",
        });
        sql.push(" limit 1)");
        sql
    }

    fn exists(&self, condition: &Sql) -> Sql {
        let mut sql = Sql::new("exists (select 1 from ");
        sql.append(&self.source).push(" where ").append(condition).push(")");
        sql
    }
}
