//! One of the two servers: a process of its own, on a clock that is moved by the test.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    sync::Arc,
};

use caseledger::{
    api,
    config::{Config, ConfigArgs, Environment},
    instance::Instance,
};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::support::{moved_clock::MovedClock, service::SECRET};

const WORK: &str = "CASELEDGER_TEST_SERVER";
const ANSWERING: &str = "answering at ";

/// What a server process is told.
#[derive(Serialize, Deserialize)]
pub(super) struct Work {
    pub(super) database_url: String,
    pub(super) data_dir: String,
    pub(super) shift_micros: i64,
}

/// A server process; killed when the test ends, however that ends.
pub(super) struct Server {
    child: Child,
    moves: ChildStdin,
    pub(super) url: String,
}

impl Server {
    pub(super) fn start(work: &Work) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "withdrawal::server::process_that_serves"])
            .args(["--ignored", "--nocapture"])
            .env(WORK, serde_json::to_string(work).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.find_map(|line| Some(line.unwrap().split_once(ANSWERING)?.1.to_owned()));
        // Whatever else it says is read, so that it never waits for us.
        std::thread::spawn(move || lines.count());
        Self {
            moves: child.stdin.take().unwrap(),
            child,
            url: url.expect("the server ended without answering"),
        }
    }

    /// Moves its clock.
    pub(super) fn move_clock(&mut self, shift: TimeDelta) {
        writeln!(self.moves, "{}", shift.num_microseconds().unwrap()).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn config(work: &Work) -> Config {
    let set = [
        "dev_tokens=true",
        "tenant=kvam",
        "recheck_interval_ms=100",
        "release_within_ms=2000",
        "requests_per_second_max=100000",
        "address_requests_per_second_max=100000",
    ];
    let args = ConfigArgs {
        config: None,
        data_dir: Some(work.data_dir.clone().into()),
        set: set.map(str::to_owned).to_vec(),
    };
    let variables = [
        ("DATABASE_URL", work.database_url.as_str()),
        ("CASELEDGER_DEV_TOKEN_SECRET", SECRET),
    ];
    Config::load(&args, &Environment::new(variables, false)).unwrap()
}

/// Not a test: one of the two server processes. The binary itself has no clock that could be moved.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the test of withdrawals as a process of its own"]
async fn process_that_serves() {
    let Ok(work) = std::env::var(WORK) else {
        return;
    };
    let work: Work = serde_json::from_str(&work).unwrap();
    let clock = MovedClock::default();
    clock.move_to(TimeDelta::microseconds(work.shift_micros));
    let moved = clock.clone();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            moved.move_to(TimeDelta::microseconds(line.parse().unwrap()));
        }
    });
    let instance = Instance::open_with(config(&work), Arc::new(clock)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{ANSWERING}http://{}", listener.local_addr().unwrap());
    let instance = Arc::new(instance.unwrap());
    // Until it is killed.
    api::serve(instance, listener, std::future::pending())
        .await
        .unwrap();
}
