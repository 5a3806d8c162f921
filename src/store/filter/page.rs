//! Pages of the resources that match a filter.

use serde::{Deserialize, Serialize};

use super::storage::Storage;
use super::{Compiler, Scope};
use crate::model::id::TenantId;
use crate::model::journal::ResourceKind;
use crate::scim::filter::Filter;
use crate::scim::list::Sort;
use crate::scim::schema::Types;
use crate::store::database::from_row;
use crate::store::dialect::{UNINDEXED, is_one_of};
use crate::store::sql::Sql;
use crate::store::value::Value;
use crate::store::{groups, users};

/// Where a page begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// After so many resources.
    Offset(u64),
    /// At the first resource; the page says where the next one begins.
    First,
    /// After the position at which an earlier page ended, whatever has changed since; the page says where the next one
    /// begins.
    After(Position),
}

/// A position in an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The value that is sorted by; none where it is absent.
    #[serde(rename = "k")]
    pub(in crate::store) key: Option<Value<'static>>,
    /// Which of the types.
    #[serde(rename = "t")]
    pub(in crate::store) kind: i64,
    /// The row.
    #[serde(rename = "s")]
    pub(in crate::store) seq: i64,
}

/// The resources of one type that a list contains.
pub(in crate::store) struct ResourceQuery<'t> {
    compiler: Compiler<'t>,
    condition: Sql,
    /// Filters by time. Usually that is the last few hours, found by index and then sorted; by itself the engine would walk
    /// all in the order of creation.
    dated: bool,
}

/// The positions of a page, in any order, of one type or of several together.
pub(in crate::store) struct SortedQuery<'a> {
    pub(in crate::store) found: &'a [ResourceQuery<'a>],
    pub(in crate::store) sort: Option<&'a Sort>,
    pub(in crate::store) start: &'a Start,
    pub(in crate::store) limit: u64,
}

impl<'t> ResourceQuery<'t> {
    /// The tenant's resources of one type that match, or all of them.
    pub(in crate::store) fn new(
        types: &'t Types,
        kind: ResourceKind,
        tenant: TenantId,
        base_url: &'t str,
        filter: Option<&Filter>,
    ) -> Self {
        let compiler = Compiler { kind, tenant, resource_type: types.of(kind), base_url };
        let mut condition = Sql::new(compiler.pick("u.tenant_id = ", "g.tenant_id = "));
        condition.bind(tenant);
        if let Some(filter) = filter {
            condition.push(" and ").append(&compiler.compile(filter, Scope::Resource));
        }
        let dated = filter.is_some_and(|filter| compiler.is_dated(filter));
        Self { compiler, condition, dated }
    }

    pub(in crate::store) const fn kind(&self) -> ResourceKind {
        self.compiler.kind
    }

    /// How many there are.
    pub(in crate::store) fn count(&self) -> Sql {
        let mut sql = Sql::new("select count(*) from ");
        sql.push(self.compiler.pick("users u where ", "groups g where ")).append(&self.condition);
        sql
    }

    /// A page, in the order of creation. Rows are picked by number first; only those on the page are read whole.
    pub(in crate::store) fn page(&self, start: &Start, limit: u64) -> Sql {
        let pick = |users, groups| self.compiler.pick(users, groups);
        let mut sql = self.rows();
        sql.push(pick(
            " and u.seq in (select u.seq from users u where ",
            " and g.seq in (select g.seq from groups g where ",
        ));
        sql.append(&self.condition);
        if let Start::After(position) = start {
            sql.push(pick(" and u.seq > ", " and g.seq > ")).bind(position.seq);
        }
        sql.push(" order by ").push(if self.dated { UNINDEXED } else { "" }).push(pick("u.seq", "g.seq"));
        push_limits(&mut sql, start, limit);
        sql.push(pick(") order by u.seq", ") order by g.seq"));
        sql
    }

    /// The resources with these numbers.
    pub(in crate::store) fn at(&self, numbers: &[i64]) -> Sql {
        let mut sql = self.rows();
        sql.push(" and ").append(&is_one_of(self.compiler.pick("u.seq", "g.seq"), numbers));
        sql
    }

    fn rows(&self) -> Sql {
        let mut sql = Sql::new(self.compiler.pick(users::SELECT, groups::SELECT));
        sql.push(self.compiler.pick("where +u.tenant_id = ", "where +g.tenant_id = ")).bind(self.compiler.tenant);
        sql
    }

    /// The value to sort by, and whether it may be absent.
    fn key(&self, sort: &Sort) -> (Sql, bool) {
        let resolved = self.compiler.resolve(Scope::Resource, &sort.by);
        let Some(resolved) = resolved.map(|resolved| resolved.compared()) else {
            return (Sql::new("null"), true);
        };
        match self.compiler.storage(&resolved) {
            Storage::Key(column @ ("u.user_name_key" | "g.display_name_key")) | Storage::Instant(column) => {
                (Sql::new(column), false)
            }
            Storage::Key(column) => {
                let mut sql = Sql::new("nullif(");
                sql.push(column).push(", '')");
                (sql, true)
            }
            Storage::Active => (Sql::new("nullif(u.active, 2)"), true),
            Storage::Value(expression) => (expression, false),
            Storage::Nullable(expression) | Storage::Unique { value: expression, .. } => (expression, true),
            Storage::List(list) => (list.with_assumed(&resolved).first(), true),
        }
    }
}

impl SortedQuery<'_> {
    /// Kind, number and key of each resource. RFC 7644 §3.4.2.3: those without a value come last ascending, first descending.
    pub(in crate::store) fn sql(&self) -> Sql {
        let mut picked = Sql::default();
        let mut absent = self.sort.is_none();
        for (index, found) in self.found.iter().enumerate() {
            let (key, may_be_absent) = self.sort.map_or_else(|| (Sql::new("null"), true), |sort| found.key(sort));
            absent |= may_be_absent;
            picked.push(if index == 0 { "select " } else { " union all select " });
            picked.push("cast(").bind(i64::try_from(index).unwrap_or_default()).push(" as bigint) as kind, ");
            picked.push(found.compiler.pick("u.seq as seq, ", "g.seq as seq, ")).append(&key).push(" as k from ");
            picked.push(found.compiler.pick("users u where ", "groups g where ")).append(&found.condition);
        }
        let descending = self.sort.is_some_and(|sort| sort.descending);
        let mut sql = Sql::new("select kind, seq, k from (");
        sql.append(&picked).push(") as picked");
        if let Start::After(position) = self.start {
            sql.push(" where ").append(&after(position, descending));
        }
        sql.push(match (absent || self.found.len() > 1, descending) {
            (false, false) => " order by k, seq",
            (false, true) => " order by k desc, seq",
            (true, false) => " order by k is null, k, kind, seq",
            (true, true) => " order by k is not null, k desc, kind, seq",
        });
        push_limits(&mut sql, self.start, self.limit);
        sql
    }
}

fn push_limits(sql: &mut Sql, start: &Start, limit: u64) {
    sql.push(" limit ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    if let Start::Offset(offset) = start {
        sql.push(" offset ").bind(i64::try_from(*offset).unwrap_or(i64::MAX));
    }
}

/// That a position is after another.
fn after(position: &Position, descending: bool) -> Sql {
    let Position { key, kind, seq } = position;
    let mut sql = Sql::new("(");
    match (key, descending) {
        (None, false) => sql.push("k is null"),
        (None, true) => sql.push("k is not null or k is null"),
        (Some(key), false) => sql.push("k is null or k > ").bind(key).push(" or k = ").bind(key),
        (Some(key), true) => sql.push("k < ").bind(key).push(" or k = ").bind(key),
    };
    sql.push(" and (kind, seq) > (").bind(*kind).push(", ").bind(*seq).push("))");
    sql
}

from_row!(Position { kind, seq, key });
