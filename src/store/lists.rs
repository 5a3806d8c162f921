//! Lists of users and groups, as SCIM asks for them: filtered, sorted, mixed, from an index or from a cursor.
//!
//! The usual list, of one type in the order of making, is one statement. Any other is two: places are picked in order,
//! then what lies there is read.

use std::collections::HashMap;

use rusqlite::Row;
use rusqlite::types::ValueRef;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::filter::{ResourceQuery, SortedQuery};
use super::groups::{self, MemberSelection};
use super::queries::Read;
use super::sql::{Bind, Sql};
use super::{Store, StoreError, users};
use crate::model::id::TenantId;
use crate::model::journal::ResourceKind;
use crate::scim::document::{Resource, Text};
use crate::scim::filter::Filter;
use crate::scim::list::Sort;
use crate::scim::schema::Types;

const COUNT_USERS: &str = "select coalesce(sum(users), 0) from user_counts where tenant_id = ";
const COUNT_GROUPS: &str = "select coalesce(sum(groups), 0) from group_counts where tenant_id = ";

/// What is wanted of a list.
#[derive(Clone, Debug)]
pub struct ListOptions<'a> {
    /// The tenant's types.
    pub types: &'a Types,
    /// Of which types; more than one are listed together.
    pub kinds: &'a [ResourceKind],
    /// The Tenant URL, which the addresses in resources begin with.
    pub base_url: &'a str,
    /// Which resources; all if none is said.
    pub filter: Option<&'a Filter>,
    /// In which order; in that of making if none is said.
    pub sort: Option<&'a Sort>,
    /// From where on.
    pub start: Start,
    /// How many.
    pub limit: u64,
    /// What of a group is read.
    pub members: MemberSelection<'a>,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// Behind so many resources.
    Offset(u64),
    /// At the first resource, and the page says where the next one begins.
    First,
    /// Behind a place that an earlier page ended with, whatever changed since; again with the next one.
    After(Position),
}

/// A place in an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The value that is sorted by; none where it is absent.
    #[serde(rename = "k")]
    pub(super) key: Option<Bind>,
    /// Which of the types.
    #[serde(rename = "t")]
    pub(super) kind: i64,
    /// The row.
    #[serde(rename = "s")]
    pub(super) seq: i64,
}

/// A place and what lies there; nothing, if that was deleted since the place was picked.
type Place = (Position, Option<Resource<Text>>);

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListPage {
    /// How many there are on all pages.
    pub total: u64,
    /// Those on this page.
    pub resources: Vec<Resource<Text>>,
    /// Where the next page begins, if there is one and pages are told by position.
    pub next: Option<Position>,
}

impl Store {
    /// A page of the tenant's users, groups or both.
    pub async fn list(&self, tenant: TenantId, listing: &ListOptions<'_>) -> Result<ListPage, StoreError> {
        let found =
            |kind: &ResourceKind| ResourceQuery::new(listing.types, *kind, tenant, listing.base_url, listing.filter);
        let found: Vec<ResourceQuery<'_>> = listing.kinds.iter().map(found).collect();
        let mut places = match (&found[..], listing.sort) {
            _ if listing.limit == 0 => Vec::new(),
            ([only], None) => self.numbered(tenant, only, listing).await?,
            _ => self.picked(tenant, &found, listing).await?,
        };
        let more = places.len() as u64 > listing.limit;
        places.truncate(usize::try_from(listing.limit).unwrap_or(usize::MAX));
        let next = places.last().filter(|_| more).map(|(position, _)| position.clone());
        let read = places.len() as u64;
        let total = match listing.start {
            // The page is the last one: nothing is left to count.
            Start::Offset(offset) if read < listing.limit && (read > 0 || offset == 0) => offset + read,
            _ => self.total(tenant, &found, listing.filter).await?,
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
            let count = match (filter, found.kind()) {
                (Some(_), _) => found.count(),
                (None, ResourceKind::User) => all(COUNT_USERS, tenant),
                (None, ResourceKind::Group) => all(COUNT_GROUPS, tenant),
            };
            let count: i64 = self.queries.ask_one(&count).await?.unwrap_or_default();
            total += count.cast_unsigned();
        }
        Ok(total)
    }

    /// A page in the order of making.
    async fn numbered(
        &self,
        tenant: TenantId,
        found: &ResourceQuery<'_>,
        listing: &ListOptions<'_>,
    ) -> Result<Vec<Place>, StoreError> {
        let page = found.page(&listing.start, listing.reads());
        let numbered = self.read(tenant, found.kind(), &page, listing.members).await?;
        let place = |(seq, resource)| (Position { key: None, kind: 0, seq }, Some(resource));
        Ok(numbered.into_iter().map(place).collect())
    }

    /// A page in any order, of any types.
    async fn picked(
        &self,
        tenant: TenantId,
        found: &[ResourceQuery<'_>],
        listing: &ListOptions<'_>,
    ) -> Result<Vec<Place>, StoreError> {
        let picking = SortedQuery { found, sort: listing.sort, start: &listing.start, limit: listing.reads() };
        let positions: Vec<Position> = self.queries.ask(&picking.sql()).await?;
        self.read_at(tenant, found, positions, listing.members).await
    }

    /// What lies at these places.
    pub(super) async fn read_at(
        &self,
        tenant: TenantId,
        found: &[ResourceQuery<'_>],
        positions: Vec<Position>,
        members: MemberSelection<'_>,
    ) -> Result<Vec<Place>, StoreError> {
        let mut resources = HashMap::new();
        for (index, found) in (0..).zip(found) {
            let numbers: Vec<i64> =
                positions.iter().filter(|place| place.kind == index).map(|place| place.seq).collect();
            if !numbers.is_empty() {
                let rows = self.read(tenant, found.kind(), &found.at(&json!(numbers)), members).await?;
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
            ResourceKind::User => {
                let rows: Vec<users::Row> = self.queries.ask(page).await?;
                Ok(rows.into_iter().map(|row| (row.seq, row.user)).collect())
            }
            ResourceKind::Group => {
                let rows: Vec<groups::Row> = self.queries.ask(page).await?;
                let numbers: Vec<i64> = rows.iter().map(|row| row.seq).collect();
                Ok(numbers.into_iter().zip(self.read_groups(tenant, rows, members).await?).collect())
            }
        }
    }
}

/// For those who change it.
pub fn parse_document(resource: Resource<Text>) -> Result<Resource, StoreError> {
    let id = resource.id.clone();
    let table = match resource.kind {
        ResourceKind::User => "users",
        ResourceKind::Group => "groups",
    };
    resource.read().map_err(|why| StoreError::corrupt(table, id, why))
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

fn all(counter: &'static str, tenant: TenantId) -> Sql {
    let mut sql = Sql::new(counter);
    sql.bind(tenant.0);
    sql
}

impl Read for Position {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let key = match row.get_ref(2)? {
            ValueRef::Integer(number) => Some(Bind::Integer(number)),
            ValueRef::Real(number) => Some(Bind::Real(number)),
            ValueRef::Null => None,
            ValueRef::Text(_) | ValueRef::Blob(_) => Some(Bind::Text(row.get(2)?)),
        };
        Ok(Self { key, kind: row.get(0)?, seq: row.get(1)? })
    }
}
