//! Filters of the journal as conditions: which index answers them, how far matches are counted, a page of them.

use super::sql::{Sql, prefix};
use crate::model::id::{EntryId, TenantId};
use crate::model::journal::{JournalQuery, ResourceRef, Status};
use crate::scim::compare::fold;
use crate::scim::time::DateTime;

/// Rows counted for a page's total at most: enough to tell a few failures from many, at the cost of a page.
pub(super) const COUNTED: i64 = 1_000;

/// A filter of the journal.
pub(super) struct JournalFilter {
    condition: Sql,
    /// The column of the order. `+` keeps the engine from walking its index where another index finds what matches, to be
    /// sorted afterwards.
    at: &'static str,
}

impl JournalFilter {
    /// The entries on one resource.
    pub(super) fn of_resource(tenant: TenantId, resource: &ResourceRef) -> Self {
        let mut condition = Sql::new("tenant_id = ");
        condition.bind(tenant).push(" and resource_id = ").bind(resource.id.as_str());
        condition.push(" and resource_kind = ").bind(resource.kind);
        Self { condition, at: "at" }
    }

    /// The entries a query asks for.
    pub(super) fn of_query(tenant: TenantId, query: &JournalQuery) -> Self {
        let mut condition = Sql::new("tenant_id = ");
        condition.bind(tenant);
        let identity = query.identity.as_deref().map(fold).filter(|identity| !identity.is_empty());
        let at = if identity.is_some() { "+at" } else { "at" };
        if let Some(identity) = identity {
            condition.push(" and ").append(&prefix("identity_key", &identity));
        }
        for (limit, comparison) in [(query.from, " >= "), (query.to, " < ")] {
            if let Some(limit) = limit {
                condition.push(" and ").push(at).push(comparison).bind(limit);
            }
        }
        if let Some(status) = query.status {
            condition.push(" and status = ").bind(status);
            if status != Status::Success {
                // Repeated as a constant, so that the partial index applies.
                condition.push(" and status <> 'Success'");
            }
        }
        if let Some(action) = query.action {
            condition.push(" and action = ").bind(action);
        }
        if query.hide_probes {
            condition.push(" and probe = 0");
        }
        Self { condition, at }
    }

    /// How many there are, as far as counting goes.
    pub(super) fn count(&self) -> Sql {
        let mut sql = Sql::new("select count(*) from (select 1 from journal where ");
        sql.append(&self.condition).push(" limit ").bind(COUNTED + 1).push(") as matching");
        sql
    }

    /// One row more than `limit`, newest first, from an entry on. Rows are picked by index first; only those on the page
    /// are read whole.
    pub(super) fn page(
        &self,
        tenant: TenantId,
        columns: &'static str,
        before: Option<(DateTime, EntryId)>,
        limit: u32,
    ) -> Sql {
        let mut sql = Sql::new(columns);
        sql.push("where +tenant_id = ").bind(tenant).push(" and id in (select id from journal where ");
        sql.append(&self.condition);
        if let Some((at, id)) = before {
            sql.push(" and (").push(self.at).push(", id) < (").bind(at).push(", ").bind(id).push(")");
        }
        sql.push(" order by ").push(self.at).push(" desc, id desc limit ").bind(i64::from(limit) + 1);
        sql.push(") order by at desc, id desc");
        sql
    }
}
