//! Lists of users and groups, as SCIM asks for them: filtered, sorted, mixed, from an index or from a cursor.
//!
//! The usual list, of one type in the order of creation, is one statement. Any other is two: one picks positions in order,
//! the other reads the resources at these positions.

use std::collections::HashMap;

use super::filter::{Position, ResourceQuery, SortedQuery, Start};
use super::groups::{self, MemberSelection};
use super::sql::Sql;
use super::{Store, StoreError};
use crate::model::id::TenantId;
use crate::model::journal::ResourceKind;
use crate::scim::document::{Resource, Text};
use crate::scim::filter::Filter;
use crate::scim::list::Sort;
use crate::scim::schema::Types;

const COUNT_USERS: &str = "select coalesce(sum(users), 0) from user_counts where tenant_id = ?1";
const COUNT_GROUPS: &str = "select coalesce(sum(groups), 0) from group_counts where tenant_id = ?1";

/// The options of a list.
#[derive(Clone, Debug)]
pub struct ListOptions<'a> {
    /// The tenant's types.
    pub types: &'a Types,
    /// Of which types; more than one are listed together.
    pub kinds: &'a [ResourceKind],
    /// The Tenant URL, which the addresses in resources begin with.
    pub base_url: &'a str,
    /// Which resources; by default all.
    pub filter: Option<&'a Filter>,
    /// In which order; by default in that of creation.
    pub sort: Option<&'a Sort>,
    /// Where the page begins.
    pub start: Start,
    /// How many.
    pub limit: u64,
    /// Which members of a group are read.
    pub members: MemberSelection<'a>,
}

/// A position and the resource there; none, if it was deleted since the position was picked.
type Placed = (Position, Option<Resource<Text>>);

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListPage {
    /// How many there are on all pages.
    pub total: u64,
    /// Those on this page.
    pub resources: Vec<Resource<Text>>,
    /// Where the next page begins, if there is one and the list goes by position.
    pub next: Option<Position>,
}

impl Store {
    /// A page of the tenant's users, groups or both.
    pub async fn list(&self, tenant: TenantId, options: &ListOptions<'_>) -> Result<ListPage, StoreError> {
        let query =
            |kind: &ResourceKind| ResourceQuery::new(options.types, *kind, tenant, options.base_url, options.filter);
        let queries: Vec<ResourceQuery<'_>> = options.kinds.iter().map(query).collect();
        let mut places = match (&queries[..], options.sort) {
            _ if options.limit == 0 => Vec::new(),
            ([only], None) => self.in_order_of_creation(tenant, only, options).await?,
            _ => self.sorted(tenant, &queries, options).await?,
        };
        let more = places.len() as u64 > options.limit;
        places.truncate(usize::try_from(options.limit).unwrap_or(usize::MAX));
        let next = places.last().filter(|_| more).map(|(position, _)| position.clone());
        let read = places.len() as u64;
        let total = match options.start {
            // The page is the last one: nothing is left to count.
            Start::Offset(offset) if read < options.limit && (read > 0 || offset == 0) => offset + read,
            _ => self.total(tenant, &queries, options.filter).await?,
        };
        Ok(ListPage { total, resources: places.into_iter().filter_map(|(_, resource)| resource).collect(), next })
    }

    async fn total(
        &self,
        tenant: TenantId,
        found: &[ResourceQuery<'_>],
        filter: Option<&Filter>,
    ) -> Result<u64, StoreError> {
        let mut total = 0;
        for found in found {
            let count: Option<u64> = match (filter, found.kind()) {
                (Some(_), _) => found.count().ask_one(&self.database).await?,
                (None, ResourceKind::User) => self.database.ask_one(COUNT_USERS, (tenant,)).await?,
                (None, ResourceKind::Group) => self.database.ask_one(COUNT_GROUPS, (tenant,)).await?,
            };
            total += count.unwrap_or_default();
        }
        Ok(total)
    }

    /// A page in the order of creation.
    async fn in_order_of_creation(
        &self,
        tenant: TenantId,
        found: &ResourceQuery<'_>,
        options: &ListOptions<'_>,
    ) -> Result<Vec<Placed>, StoreError> {
        let page = found.page(&options.start, options.reads());
        let numbered = self.read(tenant, found.kind(), &page, options.members).await?;
        let place = |(seq, resource)| (Position { key: None, kind: 0, seq }, Some(resource));
        Ok(numbered.into_iter().map(place).collect())
    }

    /// A page in any order, of any types.
    async fn sorted(
        &self,
        tenant: TenantId,
        found: &[ResourceQuery<'_>],
        options: &ListOptions<'_>,
    ) -> Result<Vec<Placed>, StoreError> {
        let query = SortedQuery { found, sort: options.sort, start: &options.start, limit: options.reads() };
        let positions = query.sql().ask(&self.database).await?;
        self.resources_at(tenant, found, positions, options.members).await
    }

    /// The resources at these positions.
    pub(super) async fn resources_at(
        &self,
        tenant: TenantId,
        found: &[ResourceQuery<'_>],
        positions: Vec<Position>,
        members: MemberSelection<'_>,
    ) -> Result<Vec<Placed>, StoreError> {
        let mut resources = HashMap::new();
        for (index, found) in (0..).zip(found) {
            let numbers: Vec<i64> =
                positions.iter().filter(|place| place.kind == index).map(|place| place.seq).collect();
            if !numbers.is_empty() {
                let rows = self.read(tenant, found.kind(), &found.at(&numbers), members).await?;
                resources.extend(rows.into_iter().map(|(seq, resource)| ((index, seq), resource)));
            }
        }
        let at = |place: Position| (resources.remove(&(place.kind, place.seq)), place);
        Ok(positions.into_iter().map(at).map(|(resource, place)| (place, resource)).collect())
    }

    async fn read(
        &self,
        tenant: TenantId,
        kind: ResourceKind,
        page: &Sql,
        members: MemberSelection<'_>,
    ) -> Result<Vec<(i64, Resource<Text>)>, StoreError> {
        match kind {
            ResourceKind::User => page.ask(&self.database).await,
            ResourceKind::Group => {
                let rows: Vec<groups::StoredGroup> = page.ask(&self.database).await?;
                let numbers: Vec<i64> = rows.iter().map(|row| row.seq).collect();
                Ok(numbers.into_iter().zip(self.with_members(tenant, rows, members).await?).collect())
            }
        }
    }
}

impl ListOptions<'_> {
    /// How many rows to read: where the page has to say whether there is a next one, one more than it shows.
    const fn reads(&self) -> u64 {
        match self.start {
            Start::Offset(_) => self.limit,
            Start::First | Start::After(_) => self.limit + 1,
        }
    }
}
