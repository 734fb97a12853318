//! Sending: recorded before the mail leaves, and after. What happens between the two is seen in the ledger for ever.

use ledger_core::{
    case::SendingOutcome,
    ids::{CaseId, Code, TransmissionId},
    ledger::{Caller, Dispatch, Executed, Ledger, LedgerError, Occasion},
};

use super::{Filling, Post};
use crate::mail::{Attachment, Mail, MailAddress, MailError};

/// What became of a sending.
pub struct Outcome {
    /// What was recorded last.
    pub executed: Executed,
    /// Why it failed, if it did.
    pub failure: Option<MailError>,
    /// Whether the same request was carried out before, so that nothing was sent now.
    pub repeated: bool,
}

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The ledger did not do it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Sends a transmission to the mailbox of the agreement.
///
/// # Errors
/// As [`Ledger::execute`]. That the mail could not be sent is no error but an outcome, which is recorded.
pub async fn send(
    ledger: &Ledger,
    post: &dyn Post,
    caller: &Caller,
    (case, transmission, again): (CaseId, TransmissionId, bool),
    occasion: &Occasion,
) -> Result<Outcome, SendError> {
    let message_id = message_id(transmission);
    let begun = ledger
        .begin_sending(caller, case, (transmission, again), message_id, occasion)
        .await?;
    let dispatch = match begun {
        Ok(dispatch) => dispatch,
        Err(executed) => {
            return Ok(Outcome {
                executed,
                failure: None,
                repeated: true,
            });
        }
    };
    let sending = dispatch.sending;
    let failure = match written(ledger, caller, transmission, dispatch).await? {
        Ok(mail) => post.send(mail).await.err(),
        Err(error) => Some(error),
    };
    let outcome = failure.as_ref().map_or(SendingOutcome::Sent, failed);
    let executed = ledger
        .conclude_sending(caller, case, transmission, (sending, outcome), occasion)
        .await?;
    Ok(Outcome {
        executed,
        failure,
        repeated: false,
    })
}

/// The part of the Message-ID before the `@`. It follows from the transmission, so that it is the same at every attempt.
pub(super) fn message_id(transmission: TransmissionId) -> String {
    format!("transmission.{transmission}")
}

/// The mail: the packed file, and words that say nothing of anybody.
async fn written(
    ledger: &Ledger,
    caller: &Caller,
    transmission: TransmissionId,
    dispatch: Dispatch,
) -> Result<Result<Mail, MailError>, LedgerError> {
    let profile = &dispatch.profile;
    let rule_book = ledger.rule_book(&caller.tenant, profile).await?;
    let rule_book = rule_book.ok_or_else(|| LedgerError::NoProfile(profile.clone()))?;
    let Some(rules) = &rule_book.profile().transmissions else {
        return Ok(Err(MailError::Unwritable(
            "the profile has no words for it",
        )));
    };
    let reference = transmission.to_string();
    let made_at = ledger.now();
    let filling = Filling {
        language: rule_book.profile().language,
        receiver: "",
        sender: "",
        reference: &reference,
        date: "",
        made_at,
    };
    let to = match MailAddress::parse(&dispatch.mailbox) {
        Ok(to) => to,
        Err(error) => return Ok(Err(error)),
    };
    Ok(Ok(Mail {
        to,
        subject: filling.text(&rules.mail.subject),
        text: filling.text(&rules.mail.text),
        message_id: dispatch.message_id,
        date: made_at,
        attachments: vec![Attachment {
            name: format!("{}.7z", filling.text(&rules.mail.file_name)),
            media_type: "application/x-7z-compressed".to_owned(),
            bytes: dispatch.packed.to_vec(),
        }],
    }))
}

fn failed(error: &MailError) -> SendingOutcome {
    let (code, reply) = match error {
        MailError::Address | MailError::Unwritable(_) => ("unwritable", None),
        MailError::Refused { code } => ("refused", Some(*code)),
        MailError::RefusedForNow { code } => ("refused_for_now", Some(*code)),
        MailError::Unprotected => ("unprotected", None),
        MailError::Unreachable => ("unreachable", None),
    };
    let code: Code = code.parse().expect("a word of a-z and '_' is a code");
    SendingOutcome::Failed { code, reply }
}
