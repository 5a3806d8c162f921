//! Lookups over HTTP among few users and among many, in alternation, because the speed of the machine varies and must not
//! affect the ratio. Indexed lookups cost the same in both.

use std::time::Duration;

use rollcall::{
    model::id::{GroupId, TenantId},
    store::Store,
};
use uuid::Uuid;

use crate::{
    installation::Installation,
    load::{self, Load},
    membership,
    processes::Server,
    sample_users::id,
    store::{LOOKUPS, lookup},
    wire::{Requests, filtered, spread},
};

/// How long each load lasts in each turn.
const TIME: Duration = Duration::from_secs(1);
const TURNS: usize = 5;

/// Compares the first and the last of these sizes.
pub async fn measure(sizes: &[u32]) {
    let (few, many) = (sizes[0], sizes[sizes.len() - 1]);
    let companies = [Company::of(few).await, Company::of(many).await];
    println!("\n{:42}{few:>20}{many:>20}{:>9}{:>9}", "over HTTP, in turns: median (99th) in ms", "ratio", "of 99th");
    compare(&companies, "read by id", |user| format!("/Users/{}", id(user))).await;
    for (question, text) in LOOKUPS {
        compare(&companies, question, |user| filtered("/Users", &lookup(text, user))).await;
    }
    for company in &companies {
        company.make_group().await;
    }
    compare(&companies, "read by id, who is in a group of all", |user| format!("/Users/{}", id(user))).await;
    compare(&companies, "groups by members eq", |user| {
        filtered("/Groups", &format!("members eq \"{}\"", id(user))) + "&excludedAttributes=members"
    })
    .await;
}

/// Requests the path of a user in alternation.
async fn compare(
    companies: &[Company; 2],
    question: &str,
    path: impl Fn(u32) -> String + Copy + Send + Sync + 'static,
) {
    let mut loads = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        for (company, loads) in companies.iter().zip(&mut loads) {
            loads.push(company.ask(path).await);
        }
    }
    let [few, many] = loads.each_ref().map(|loads| (middle(loads, |load| load.median), middle(loads, |load| load.p99)));
    let shown = |(median, p99): (f64, f64)| format!("{median:.2} ({p99:.2})");
    println!("{question:42}{:>20}{:>20}{:>9.2}{:>9.2}", shown(few), shown(many), many.0 / few.0, many.1 / few.1);
}

struct Company {
    size: u32,
    installation: Installation,
    server: Server,
}

impl Company {
    async fn of(size: u32) -> Self {
        let installation = Installation::copy(size);
        let (server, _) = Server::serve(installation.path()).await;
        Self { size, installation, server }
    }

    /// Creates a group of all users.
    async fn make_group(&self) {
        let store = Store::open(&self.installation.database()).await.unwrap();
        membership::make(&store, TenantId(1), GroupId(Uuid::from_u128(1)), self.size).await;
        store.close().await;
    }

    async fn ask(&self, path: impl Fn(u32) -> String + Send + Sync + 'static) -> Load {
        let requests = Requests::new(self.installation.token.clone(), self.server.address);
        let size = self.size;
        let load = load::put(self.server.address, TIME, move |turn| requests.get(&path(spread(turn, size)))).await;
        assert_eq!(load.errors, 0, "{:?}", load.error);
        load
    }
}

/// The median of the turns, in milliseconds.
fn middle(loads: &[Load], of: impl Fn(&Load) -> Duration) -> f64 {
    let mut times: Vec<Duration> = loads.iter().map(of).collect();
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1_000.0
}
