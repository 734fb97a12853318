//! The way by which a packed file goes.

use async_trait::async_trait;

use crate::mail::{Mail, MailError, Mailer};

/// Sends a message.
#[async_trait]
pub trait Post: Send + Sync {
    /// `Ok` means that the receiver's side has taken it.
    async fn send(&self, mail: Mail) -> Result<(), MailError>;
}

#[async_trait]
impl Post for Mailer {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        Mailer::send(self, mail).await
    }
}
