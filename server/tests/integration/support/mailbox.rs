//! A mail server of the tests' own, as small as can be: for stories that must not depend on another program. That a real
//! one takes our mail is shown elsewhere (`support/smtp.rs`).

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

use super::eventually;

/// Takes every message until it is dropped.
pub(crate) struct Mailbox {
    pub(crate) port: u16,
    messages: Arc<Mutex<Vec<String>>>,
}

impl Mailbox {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let messages: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&messages);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&kept)));
            }
        });
        Self { port, messages }
    }

    /// Waits for a message to an address; gives it as it came.
    pub(crate) async fn message_to(&self, address: &str) -> String {
        let to = format!("To: {address}");
        eventually("mail arrives", async || {
            let messages = self.messages.lock().unwrap();
            messages
                .iter()
                .find(|message| message.contains(&to))
                .cloned()
        })
        .await
    }
}

/// RFC 5321, as far as one client needs it.
async fn converse(stream: TcpStream, kept: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    writing.write_all(b"220 mailbox\r\n").await?;
    let mut message: Option<String> = None;
    while let Some(line) = lines.next_line().await? {
        let answer = match &mut message {
            Some(taken) if line == "." => {
                kept.lock().unwrap().push(std::mem::take(taken));
                message = None;
                "250 taken"
            }
            Some(taken) => {
                taken.push_str(&line);
                taken.push('\n');
                continue;
            }
            None if line.starts_with("DATA") => {
                message = Some(String::new());
                "354 go on"
            }
            None if line.starts_with("QUIT") => "221 bye",
            None => "250 yes",
        };
        writing
            .write_all(format!("{answer}\r\n").as_bytes())
            .await?;
    }
    Ok(())
}
