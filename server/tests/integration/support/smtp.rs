//! A real mail server: `aiosmtpd`, which is not ours.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use serde_json::Value;

use super::{
    eventually,
    python::{python_with, skipped},
};

/// A mail server that runs until it is dropped.
pub(crate) struct SmtpServer {
    child: Child,
    pub(crate) port: u16,
    messages: Arc<Mutex<Vec<Value>>>,
}

impl SmtpServer {
    /// Starts one; says aloud that something is skipped where there is none.
    pub(crate) fn start(options: &[&str]) -> Option<Self> {
        let Some(python) = python_with("aiosmtpd") else {
            skipped(
                "aiosmtpd is not there, so no mail server has taken a message; install it with: pip install \
                 aiosmtpd==1.4.6",
            );
            return None;
        };
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/support/smtp.py");
        let mut child = Command::new(python)
            .arg(script)
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().unwrap().unwrap().parse().unwrap();
        let messages = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&messages);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let message = serde_json::from_str(&line).unwrap();
                kept.lock().unwrap().push(message);
            }
        });
        Some(Self {
            child,
            port,
            messages,
        })
    }

    /// Everything that it was given so far.
    pub(crate) fn messages(&self) -> Vec<Value> {
        self.messages.lock().unwrap().clone()
    }

    /// Waits until it was given this many messages.
    pub(crate) async fn given(&self, count: usize) -> Vec<Value> {
        eventually("mail arrives", async || {
            Some(self.messages()).filter(|messages| messages.len() >= count)
        })
        .await
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
