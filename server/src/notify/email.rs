//! A message to a person: that something is waiting, in which system, and where to sign in. Nothing else, ever.

use ledger_core::{
    clock::Timestamp,
    event::CorrelationId,
    ids::InvalidId,
    ledger::{Caller, Errand, Ledger, LedgerError, Occasion, Opened},
    profile::Language,
};

use super::outbox::{Delivery, Outcome};
use crate::{
    mail::{Mail, MailAddress, MailError, Mailer},
    words::{Sentence, Words},
};

/// The way by e-mail.
pub(super) struct Email {
    pub(super) mailer: Mailer,
    /// The account that the service sends as.
    pub(super) sender: Caller,
    /// Where people sign in.
    pub(super) sign_in_url: Option<String>,
}

/// How a try has ended; `Err` says why it is to be repeated.
pub(super) enum Tried {
    Ended(Outcome),
    Failed(&'static str),
}

impl Email {
    /// Opens the address of the recipient, which is an event, and sends the message there.
    pub(super) async fn send(
        &self,
        ledger: &Ledger,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<Tried, InvalidId> {
        let errand = Errand {
            kind: delivery.kind.parse()?,
            case: delivery.case_id.parse()?,
            party: delivery.party_id.as_deref().unwrap_or_default().parse()?,
            section: delivery.section.parse()?,
            delivery: delivery.delivery_id.clone(),
        };
        let occasion = Occasion::new(CorrelationId::generate(ledger.entropy()));
        let opened = ledger.open_contact(&self.sender, &errand, &occasion).await;
        let (email, language, system) = match opened {
            Ok(Opened::Address {
                email,
                language,
                system,
            }) => (email, language, system),
            Ok(Opened::Withheld(why)) => return Ok(Tried::Ended(Outcome::Withheld(why.code()))),
            Err(LedgerError::NotFound) => {
                return Ok(Tried::Ended(Outcome::Withheld("not_there")));
            }
            Err(LedgerError::Refused(_)) => return Ok(Tried::Failed("sender_not_allowed")),
            Err(error) => {
                tracing::warn!(%error, "an address could not be opened");
                return Ok(Tried::Failed("ledger"));
            }
        };
        let Ok(to) = MailAddress::parse(&email) else {
            return Ok(Tried::Ended(Outcome::Dead("address")));
        };
        let (subject, text) = written(language, &system, self.sign_in_url.as_deref());
        let mail = Mail {
            to,
            subject,
            text,
            message_id: delivery.delivery_id.clone(),
            date: now,
            attachments: Vec::new(),
        };
        Ok(match self.mailer.send(mail).await {
            Ok(()) => Tried::Ended(Outcome::Sent),
            Err(error) if error.is_worth_repeating() => Tried::Failed(code(&error)),
            Err(error) => Tried::Ended(Outcome::Dead(code(&error))),
        })
    }
}

const fn code(error: &MailError) -> &'static str {
    match error {
        MailError::Address => "address",
        MailError::Unwritable(_) => "unwritable",
        MailError::Refused { .. } => "refused",
        MailError::RefusedForNow { .. } => "refused_for_now",
        MailError::Unprotected => "unprotected",
        MailError::Unreachable => "unreachable",
    }
}

/// Subject and text.
fn written(language: Language, system: &str, sign_in_url: Option<&str>) -> (String, String) {
    let words = Words::of(language);
    let say = |id: &str| words.say(&Sentence::new(id));
    let waiting = words.say(&Sentence::new("mail-waiting").with("system", system));
    let sign_in = match sign_in_url {
        Some(url) => words.say(&Sentence::new("mail-sign-in").with("url", url)),
        None => say("mail-sign-in-as-usual"),
    };
    let lines = [
        waiting,
        String::new(),
        sign_in,
        String::new(),
        say("mail-why-so-little"),
        say("mail-chosen"),
        String::new(),
    ];
    (say("mail-subject"), lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_system_and_where_to_sign_in_in_each_language() {
        for language in Language::ALL {
            let (subject, text) = written(language, "Loggen", Some("https://logg.example"));
            assert!(!subject.contains("mail-"), "{subject}");
            assert!(!text.contains("mail-"), "{text}");
            assert!(text.contains("Loggen") && text.contains("https://logg.example"));
            let (_, text) = written(language, "Loggen", None);
            assert!(!text.contains("http"), "{text}");
        }
    }
}
