//! Queries of the store inside one process: how long they take among few users and among many. Indexed queries cost the
//! same in both.

use std::{
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
    store::{ListOptions, MemberSelection, Start, Store},
};

use super::{
    T0,
    sample_users::{id, user_name},
};

/// How often each query is run.
const REPETITIONS: u32 = 400;

/// The medians and 99th percentiles of one size, in microseconds, in the order in which they were measured.
pub type Figures = Vec<(&'static str, u128, u128)>;

/// Medians and 99th percentiles in microseconds, a column for each size, and those of the last divided by the first's.
pub fn table(what: &str, sizes: &[u32], all: &[Figures]) {
    print!("\n{:42}", format!("{what}: median (99th) in µs"));
    for size in sizes {
        print!("{size:>20}");
    }
    println!("{:>9}{:>9}", "ratio", "of 99th");
    for (row, (question, ..)) in all[0].iter().enumerate() {
        print!("{question:42}");
        for figures in all {
            print!("{:>20}", format!("{} ({})", figures[row].1, figures[row].2));
        }
        let ratio = |of: fn(&(&str, u128, u128)) -> u128| {
            let float = |figures: &Figures| f64::from(u32::try_from(of(&figures[row]).max(1)).unwrap_or(u32::MAX));
            float(&all[all.len() - 1]) / float(&all[0])
        };
        println!("{:>9.1}{:>9.1}", ratio(|figure| figure.1), ratio(|figure| figure.2));
    }
}

pub fn median_and_99th(question: &'static str, mut times: Vec<u128>) -> (&'static str, u128, u128) {
    times.sort_unstable();
    (question, times[times.len() / 2], times[times.len() * 99 / 100])
}

pub async fn measure(store: &Store, tenant: TenantId, size: u32) -> Figures {
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
    /// Runs one query many times with different numbers.
    async fn ask(&mut self, question: &'static str, ask: impl AsyncFn(u32)) {
        let mut times = Vec::new();
        for turn in 0..REPETITIONS {
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
            let expected = if filter.to_string().contains("nobody") { 0..=0 } else { 1..=1_200 };
            assert!(expected.contains(&listed.total), "{filter}");
        };
        for (question, text) in LOOKUPS {
            self.ask(question, async |number| find(lookup(text, number)).await).await;
        }
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

    /// A SCIM cursor in the middle of all users.
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
            let search = user_name(number)[..10].to_owned();
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
            let identity = Some(user_name(number));
            assert_eq!(page(JournalQuery { identity, ..JournalQuery::default() }).await.items.len(), 1);
        })
        .await;
        let at = DateTime::from_millis(T0 + i64::from(self.size / 2) * 1_000);
        let before = page(JournalQuery { to: Some(at), limit: 1, ..JournalQuery::default() }).await.items[0].id;
        let deep = JournalQuery { before: Some(before), ..JournalQuery::default() };
        self.ask("Logs, middle", async |_| assert_eq!(page(deep.clone()).await.items.len(), 50)).await;
    }
}

fn listing(filter: Option<&Filter>, start: Start, limit: u64) -> ListOptions<'_> {
    static TYPES: LazyLock<Arc<Types>> = LazyLock::new(Types::built_in);
    ListOptions {
        types: &TYPES,
        kinds: &[ResourceKind::User],
        base_url: "",
        filter,
        sort: None,
        start,
        limit,
        members: MemberSelection::None,
    }
}

/// Filters of checklist 118, and of the attributes that Entra matches by; see [`lookup`].
pub const LOOKUPS: [(&str, &str); 9] = [
    ("userName eq", "userName eq \"USER#@contoso.example\""),
    ("userName eq, nobody", "userName eq \"nobody#\""),
    ("externalId eq", "externalId eq \"ext-#\""),
    ("id eq", "id eq \"@\""),
    ("displayName eq and name.familyName eq", "displayName sw \"Given\" and name.familyName eq \"Family~\""),
    ("emails.value eq", "emails.value eq \"home~@home.example\""),
    ("emails[type eq \"work\"].value eq", "emails[type eq \"work\"].value eq \"user#@contoso.example\""),
    ("phoneNumbers[type eq \"work\"].value eq", "phoneNumbers[type eq \"work\"].value eq \"+44 20 7#\""),
    ("enterprise manager eq", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq \"^\""),
];

/// Inserts a user: its number for `#` (in seven digits) and `~`, its id for `@`, its manager's id for `^`.
pub fn lookup(text: &str, number: u32) -> String {
    text.replace('#', &format!("{number:07}"))
        .replace("@\"", &format!("{}\"", id(number)))
        .replace('~', &number.to_string())
        .replace('^', &id(number / 10).to_string())
}
