//! How long it takes to find users and entries in a small tenant and in a big one, and to change small groups and big
//! ones; and how much longer in the big ones. `make bench`, or `cargo bench --features ssr --bench directory -- 1000 100000`
//! with sizes of your own.
#![expect(clippy::disallowed_methods, reason = "a stopwatch needs the time")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on has failed, and prints its table"
)]

mod membership;
mod people;

use std::{
    env,
    sync::{Arc, LazyLock},
    time::Instant,
};

use rollcall::{
    model::{
        id::{TenantId, UserId},
        journal::{JournalQuery, ResourceKind, Status},
        page::{UserColumn, UserOrder, UserQuery},
    },
    scim::{filter::Filter, schema::Types, time::DateTime},
    store::{Listing, Members, Start, Store},
};

use people::{fill, id};

/// Times each question is asked.
const ASKED: u32 = 200;
const T0: i64 = 1_763_852_000_000;

/// The medians and 99th percentiles of one size, in microseconds, in the order they were asked.
type Figures = Vec<(&'static str, u128, u128)>;

#[tokio::main]
async fn main() {
    let sizes: Vec<u32> = env::args().skip(1).filter_map(|size| size.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![1_000, 100_000] } else { sizes };
    let (mut all, mut groups) = (Vec::new(), Vec::new());
    for size in &sizes {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
        let tenant = store.create_tenant("Bench", DateTime::from_millis(T0)).await.unwrap().id;
        let began = Instant::now();
        fill(&store, tenant, *size).await;
        println!("{size} users written in {} s, each with its journal entry", began.elapsed().as_secs());
        all.push(measure(&store, tenant, *size).await);
        groups.push(membership::measure(&store, tenant, *size / 10).await);
        groups.push(membership::measure(&store, tenant, *size - 100).await);
        store.close().await;
    }
    table("users", &sizes, &all);
    let members: Vec<u32> = sizes.iter().flat_map(|size| [size / 10, size - 100]).collect();
    table("members of a group", &members, &groups);
}

/// Medians and 99th percentiles in microseconds, a column for each size, and the last median divided by the first.
fn table(what: &str, sizes: &[u32], all: &[Figures]) {
    print!("\n{:34}", format!("{what}: median (99th) in µs"));
    for size in sizes {
        print!("{size:>20}");
    }
    println!("{:>9}", "ratio");
    for (row, (question, ..)) in all[0].iter().enumerate() {
        print!("{question:34}");
        for figures in all {
            print!("{:>20}", format!("{} ({})", figures[row].1, figures[row].2));
        }
        let median = |figures: &Figures| f64::from(u32::try_from(figures[row].1.max(1)).unwrap_or(u32::MAX));
        println!("{:>9.1}", median(&all[all.len() - 1]) / median(&all[0]));
    }
}

fn median_and_99th(question: &'static str, mut times: Vec<u128>) -> (&'static str, u128, u128) {
    times.sort_unstable();
    (question, times[times.len() / 2], times[times.len() * 99 / 100])
}

async fn measure(store: &Store, tenant: TenantId, size: u32) -> Figures {
    let mut bench = Bench { store: store.clone(), tenant, size, figures: Vec::new() };
    bench.lookups().await;
    bench.manage_users().await;
    bench.journal().await;
    bench.figures
}

struct Bench {
    store: Store,
    tenant: TenantId,
    size: u32,
    figures: Figures,
}

impl Bench {
    /// Asks one question many times, each time with another number.
    async fn ask(&mut self, question: &'static str, ask: impl AsyncFn(u32)) {
        let mut times = Vec::new();
        for turn in 0..ASKED {
            let number = turn.wrapping_mul(2_654_435_761) % self.size;
            let began = Instant::now();
            ask(number).await;
            times.push(began.elapsed().as_micros());
        }
        self.figures.push(median_and_99th(question, times));
    }

    async fn lookups(&mut self) {
        let (store, tenant) = (self.store.clone(), self.tenant);
        self.ask("id", async |number| {
            assert!(store.user(tenant, UserId(id(number))).await.unwrap().is_some());
        })
        .await;
        let find = async |filter: String| {
            let filter = Filter::parse(&filter).unwrap();
            let listed = store.list(tenant, &listing(Some(&filter), Start::Offset(0), 100)).await.unwrap();
            assert_eq!(listed.total, 1, "{filter}");
        };
        self.ask("userName eq", async |number| find(format!("userName eq \"USER{number:06}@contoso.example\"")).await)
            .await;
        self.ask("externalId eq", async |number| find(format!("externalId eq \"ext-{number:06}\"")).await).await;
        self.ask("emails.value eq", async |number| {
            find(format!("emails.value eq \"home{number}@home.example\"")).await;
        })
        .await;
        let work = |number| format!("emails[type eq \"work\"].value eq \"user{number:06}@contoso.example\"");
        self.ask("emails[type eq \"work\"].value eq", async |number| find(work(number)).await).await;
        let middle = self.middle_of_the_list().await;
        self.ask("SCIM page of 100, first", async |_| {
            store.list(tenant, &listing(None, Start::First, 100)).await.unwrap();
        })
        .await;
        self.ask("SCIM page of 100, cursor, middle", async |_| {
            store.list(tenant, &listing(None, middle.clone(), 100)).await.unwrap();
        })
        .await;
    }

    /// A SCIM cursor half way through all users.
    async fn middle_of_the_list(&self) -> Start {
        let mut start = Start::First;
        for _ in 0..self.size / 2 / 200 {
            let listed = self.store.list(self.tenant, &listing(None, start.clone(), 200)).await.unwrap();
            start = Start::After(listed.next.unwrap());
        }
        start
    }

    async fn manage_users(&mut self) {
        let (store, tenant) = (self.store.clone(), self.tenant);
        let page = async |query: UserQuery| store.user_rows(tenant, &query).await.unwrap();
        for (question, column) in [
            ("Manage Users by userName", UserColumn::UserName),
            ("Manage Users by displayName", UserColumn::DisplayName),
            ("Manage Users by email", UserColumn::Email),
            ("Manage Users by created", UserColumn::Created),
            ("Manage Users by last modified", UserColumn::LastModified),
        ] {
            let order = UserOrder { column, descending: true };
            self.ask(question, async |_| {
                assert_eq!(page(UserQuery { order, ..UserQuery::default() }).await.items.len(), 50);
            })
            .await;
        }
        self.ask("Manage Users, search finds 10", async |number| {
            let search = format!("user{:05}", number / 10);
            assert_eq!(page(UserQuery { search, ..UserQuery::default() }).await.total, 10);
        })
        .await;
        let mut cursor = None;
        for _ in 0..self.size / 2 / 200 {
            cursor = page(UserQuery { cursor, limit: 200, ..UserQuery::default() }).await.next;
        }
        let deep = UserQuery { cursor, ..UserQuery::default() };
        self.ask("Manage Users, cursor, middle", async |_| assert_eq!(page(deep.clone()).await.items.len(), 50)).await;
    }

    async fn journal(&mut self) {
        let (store, tenant) = (self.store.clone(), self.tenant);
        let page = async |query: JournalQuery| store.entries(tenant, &query).await.unwrap();
        self.ask("Logs, first page", async |_| assert_eq!(page(JournalQuery::default()).await.items.len(), 50)).await;
        let failures = JournalQuery { status: Some(Status::Failure), limit: 20, ..JournalQuery::default() };
        self.ask("Logs, failures", async |_| assert_eq!(page(failures.clone()).await.items.len(), 20)).await;
        self.ask("Logs of one identity", async |number| {
            let identity = Some(format!("user{number:06}@"));
            assert_eq!(page(JournalQuery { identity, ..JournalQuery::default() }).await.items.len(), 1);
        })
        .await;
        let at = DateTime::from_millis(T0 + i64::from(self.size / 2) * 1_000);
        let before = page(JournalQuery { to: Some(at), limit: 1, ..JournalQuery::default() }).await.items[0].id;
        let deep = JournalQuery { before: Some(before), ..JournalQuery::default() };
        self.ask("Logs, middle", async |_| assert_eq!(page(deep.clone()).await.items.len(), 50)).await;
    }
}

fn listing(filter: Option<&Filter>, start: Start, limit: u64) -> Listing<'_> {
    static TYPES: LazyLock<Arc<Types>> = LazyLock::new(Types::built_in);
    Listing { types: &TYPES, kinds: &[ResourceKind::User], filter, sort: None, start, limit, members: Members::Without }
}
