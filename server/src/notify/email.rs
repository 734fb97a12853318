//! A message to a person: that something is waiting, in which system, and where to sign in. Nothing else, ever; to somebody
//! who was invited, the secret of the invitation.

use chrono::NaiveDate;
use ledger_core::{
    clock::Timestamp,
    event::CorrelationId,
    ids::InvalidId,
    ledger::{Caller, Errand, Ledger, LedgerError, Occasion, Opened, OpenedInvitation, Withheld},
    profile::{Language, NotificationKind},
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
        let letter = match self.opened(ledger, &errand).await {
            Ok(Ok(letter)) => letter,
            Ok(Err(why)) => return Ok(Tried::Ended(Outcome::Withheld(why.code()))),
            Err(LedgerError::NotFound) => {
                return Ok(Tried::Ended(Outcome::Withheld("not_there")));
            }
            Err(LedgerError::Refused(_)) => return Ok(Tried::Failed("sender_not_allowed")),
            Err(error) => {
                tracing::warn!(%error, "an address could not be opened");
                return Ok(Tried::Failed("ledger"));
            }
        };
        let Ok(to) = MailAddress::parse(&letter.to) else {
            return Ok(Tried::Ended(Outcome::Dead("address")));
        };
        let mail = Mail {
            to,
            subject: letter.subject,
            text: letter.text,
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

    /// Opens the address that an errand leads to, and writes what goes there; or why nothing does.
    async fn opened(
        &self,
        ledger: &Ledger,
        errand: &Errand,
    ) -> Result<Result<Letter, Withheld>, LedgerError> {
        let occasion = Occasion::new(CorrelationId::generate(ledger.entropy()));
        let url = self.sign_in_url.as_deref();
        if errand.kind == NotificationKind::GuestInvited {
            let opened = ledger.open_invitation(&self.sender, errand, &occasion);
            return Ok(match opened.await? {
                OpenedInvitation::Withheld(why) => Err(why),
                OpenedInvitation::Address {
                    email,
                    token,
                    expires_on,
                    language,
                    system,
                } => Ok(invitation(
                    email,
                    language,
                    &system,
                    url,
                    &token.expose(),
                    expires_on,
                )),
            });
        }
        let opened = ledger.open_contact(&self.sender, errand, &occasion);
        Ok(match opened.await? {
            Opened::Withheld(why) => Err(why),
            Opened::Address {
                email,
                language,
                system,
            } => {
                let (subject, text) = written(language, &system, url);
                Ok(Letter {
                    to: email,
                    subject,
                    text,
                })
            }
        })
    }
}

/// What goes to somebody.
struct Letter {
    to: String,
    subject: String,
    text: String,
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

/// An invitation to read along: in which system, until when, and the secret. Not by whom, nor about whom.
fn invitation(
    to: String,
    language: Language,
    system: &str,
    sign_in_url: Option<&str>,
    token: &str,
    expires_on: NaiveDate,
) -> Letter {
    let words = Words::of(language);
    let say = |id: &str| words.say(&Sentence::new(id));
    let invited = words.say(&Sentence::new("mail-invited").with("system", system));
    let sign_in = match sign_in_url {
        Some(url) => words.say(&Sentence::new("mail-invited-sign-in").with("url", url)),
        None => say("mail-invited-sign-in-as-usual"),
    };
    let until = Sentence::new("mail-invited-until").with("day", expires_on.to_string());
    let lines = [
        invited,
        String::new(),
        sign_in,
        String::new(),
        token.to_owned(),
        String::new(),
        words.say(&until),
        say("mail-invited-for-you-alone"),
        say("mail-invited-unexpected"),
        String::new(),
    ];
    Letter {
        to,
        subject: say("mail-invited-subject"),
        text: lines.join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_has_the_secret_on_a_line_of_its_own_in_each_language() {
        let day = "2026-03-14".parse().unwrap();
        for language in Language::ALL {
            for url in [Some("https://logg.example"), None] {
                let to = "guest@mail.example".to_owned();
                let letter = invitation(to, language, "Loggen", url, "SECRET", day);
                assert!(!letter.subject.contains("mail-"), "{}", letter.subject);
                assert!(!letter.text.contains("mail-"), "{}", letter.text);
                assert!(letter.text.lines().any(|line| line == "SECRET"));
                assert!(letter.text.contains("Loggen") && letter.text.contains("2026-03-14"));
                assert_eq!(letter.text.contains("https://logg.example"), url.is_some());
                // The secret is part of no address: those are kept and passed on.
                assert!(!letter.text.contains("example/SECRET"));
            }
        }
    }

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
