//! The service as a process: it answers until it is asked to stop, and commands work beside it.

use std::{
    io::{BufRead as _, BufReader},
    process::Child,
};

use rustix::process::{Pid, Signal, kill_process};

use super::Program;

/// A service that is asked to stop when the test ends, however that ends.
struct Service(Child);

impl Service {
    fn ask_to_stop(&self) {
        let pid = Pid::from_raw(i32::try_from(self.0.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            self.ask_to_stop();
            let _ = self.0.wait();
        }
    }
}

#[test]
fn a_command_works_beside_a_running_service_which_then_stops_when_asked() {
    let program = Program::new();
    let child = program
        .command()
        .args(["--set", "listen=127.0.0.1:0", "serve"])
        .spawn()
        .unwrap();
    let mut service = Service(child);
    let mut log = BufReader::new(service.0.stderr.take().unwrap()).lines();
    let answering = log.find(|line| {
        line.as_ref()
            .unwrap()
            .contains("answering at http://127.0.0.1:")
    });
    assert!(answering.is_some(), "the service ended without answering");
    // Whatever else it says is read, so that it never waits for us.
    let rest = std::thread::spawn(move || log.map_while(Result::ok).collect::<Vec<_>>());

    let verified = program.run(&["verify", "--json"]).ends_with(0).json();
    assert_eq!(verified["whole"], true);

    service.ask_to_stop();
    let status = service.0.wait().unwrap();
    assert_eq!(status.code(), Some(0), "{:?}", rest.join().unwrap());
}

#[test]
fn an_address_that_is_taken_is_said_before_anything_is_started() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("listen={}", taken.local_addr().unwrap());
    let program = Program::new();
    for command in ["serve", "demo"] {
        let run = program.run(&["--set", &listen, command]).ends_with(2);
        assert!(run.err.contains("cannot be listened on"), "{}", run.err);
    }
    assert!(!program.data_dir.exists());
}

#[test]
fn development_tokens_are_not_offered_to_others() {
    let run = Program::new()
        .run(&["--set", "listen=0.0.0.0:0", "demo"])
        .ends_with(2);
    assert!(run.err.contains("loopback"), "{}", run.err);
}
