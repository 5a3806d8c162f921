//! Pages of the portal, opened one after another.

use std::time::{Duration, Instant};

use crate::{
    installation::{EMAIL, Installation, PASSWORD},
    load::ask_once,
    processes::Server,
    sample_users::user_name,
};

const REPETITIONS: usize = 40;

/// Medians and 99th percentiles in ms for each size, and the last divided by the first.
pub async fn measure(sizes: &[u32]) {
    let mut all = Vec::new();
    for size in sizes {
        all.push(pages(*size).await);
    }
    print!("\n{:42}", "pages of the portal: median (99th) in ms");
    for size in sizes {
        print!("{size:>20}");
    }
    println!("{:>9}", "ratio");
    for (row, (page, ..)) in all[0].iter().enumerate() {
        print!("{page:42}");
        let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
        for pages in &all {
            print!("{:>20}", format!("{:.1} ({:.1})", millis(pages[row].1), millis(pages[row].2)));
        }
        println!("{:>9.1}", millis(all[all.len() - 1][row].1) / millis(all[0][row].1));
    }
}

async fn pages(size: u32) -> Vec<(&'static str, Duration, Duration)> {
    let installation = Installation::copy(size);
    let (server, _) = Server::serve(installation.path()).await;
    let host = server.address;
    let form = format!("email={}&password={}", EMAIL.replace('@', "%40"), PASSWORD.replace(' ', "%20"));
    let sign_in = format!(
        "POST /api/sign-in HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Accept: text/html\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let (_, answer) = ask_once(host, &sign_in).await;
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap().split(';').next().unwrap();
    let mut figures = Vec::new();
    for (name, path) in [
        ("Manage Users", "/users".to_owned()),
        ("Manage Users, searched", format!("/users?search={}", &user_name(size / 2)[..10])),
        ("Manage Groups", "/groups".to_owned()),
        ("Provisioning Logs", "/logs".to_owned()),
        ("Security", "/settings/security".to_owned()),
    ] {
        let get = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAccept: text/html\r\nCookie: {cookie}\r\n\r\n"
        );
        let mut times = Vec::new();
        for _ in 0..REPETITIONS {
            let began = Instant::now();
            let (status, answer) = ask_once(host, &get).await;
            times.push(began.elapsed());
            assert_eq!(status, 200, "{answer}");
        }
        times.sort_unstable();
        figures.push((name, times[REPETITIONS / 2], times[REPETITIONS - 1]));
    }
    figures
}
