//! Sends a prepared message by SMTP. What it says, to whom, and what is recorded about it belongs to whoever prepares it.
//!
//! Outside of this machine nothing is sent but over TLS, to a server whose certificate is checked. No error names a
//! recipient, repeats what the server said (it may quote one), or shows a part of the server's URL.

use std::{fmt, time::Duration};

use ledger_core::clock::Timestamp;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Attachment as MimePart, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
    },
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::config::{Config, SmtpUrl};

/// How long one conversation with the server may take.
const SENT_WITHIN: Duration = Duration::from_secs(30);

/// An address to which mail can be sent. It is personal data: it is not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct MailAddress(Address);

impl MailAddress {
    /// Reads an address; the error does not repeat it.
    pub fn parse(text: &str) -> Result<Self, MailError> {
        text.parse().map(Self).map_err(|_| MailError::Address)
    }
}

impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailAddress(…)")
    }
}

/// A file that goes with a message.
pub struct Attachment {
    /// Its name, as the recipient sees it.
    pub name: String,
    /// Its media type, such as `application/pdf`.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A message as it is to be sent.
pub struct Mail {
    /// To whom: one recipient, so that none learns of another.
    pub to: MailAddress,
    /// The line that stands in a list of messages.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The part of the Message-ID before the `@`: sent once more, a message keeps it, so that the recipient's server can
    /// tell. ASCII without spaces, `@`, `<` and `>`.
    pub message_id: String,
    /// When it was written.
    pub date: Timestamp,
    /// Files.
    pub attachments: Vec<Attachment>,
}

/// Why a message was not sent, or may not have been.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// It is not an address.
    #[error("the address is not one that mail can be sent to; expected name@domain")]
    Address,
    /// Parts of the message do not make one.
    #[error("the message cannot be written: {0}")]
    Unwritable(&'static str),
    /// The server said no, for good.
    #[error("the mail server refused the message for good, with code {code}")]
    Refused {
        /// The reply code of RFC 5321 §4.2: 5xx.
        code: u16,
    },
    /// The server said no, for now.
    #[error("the mail server refused the message for now, with code {code}")]
    RefusedForNow {
        /// The reply code of RFC 5321 §4.2: 4xx.
        code: u16,
    },
    /// No TLS could be agreed upon.
    #[error(
        "the mail server offers no TLS, or its certificate is not trusted; nothing is sent without it"
    )]
    Unprotected,
    /// Nobody answered, or the connection broke. The message may have been taken all the same.
    #[error("the mail server did not answer, or the connection broke")]
    Unreachable,
}

impl MailError {
    /// Whether sending the same message once more may succeed.
    pub fn is_worth_repeating(&self) -> bool {
        match self {
            Self::Address | Self::Unwritable(_) | Self::Refused { .. } => false,
            Self::RefusedForNow { .. } | Self::Unprotected | Self::Unreachable => true,
        }
    }
}

/// The way to the mail server that the configuration names.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// The way to the server, if the configuration names one. Nothing is connected yet.
    pub fn try_new(config: &Config) -> Result<Option<Self>, MailError> {
        let (Some(url), Some(from)) = (&config.smtp_url, &config.smtp_from) else {
            return Ok(None);
        };
        let from: Mailbox = from.parse().map_err(|_| MailError::Address)?;
        let tls = |host: &str| {
            TlsParameters::new_rustls(host.to_owned()).map_err(|_| MailError::Unprotected)
        };
        let tls = match url {
            SmtpUrl { is_here: true, .. } => Tls::None,
            SmtpUrl { wrapped: true, .. } => Tls::Wrapper(tls(&url.host)?),
            SmtpUrl { .. } => Tls::Required(tls(&url.host)?),
        };
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(url.host.as_str())
                .port(url.port)
                .tls(tls)
                .timeout(Some(SENT_WITHIN))
                .hello_name(ClientId::Domain(from.email.domain().to_owned()));
        if let Some((user, password)) = &url.credentials {
            let password = SecretString::expose_secret(password).to_owned();
            builder = builder.credentials(Credentials::new(user.clone(), password));
        }
        Ok(Some(Self {
            transport: builder.build(),
            from,
        }))
    }

    /// Sends one message. `Ok` means that the server has taken it.
    pub async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let message = self.written(mail)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.status().map(u16::from) {
                Some(code) if error.is_permanent() => MailError::Refused { code },
                Some(code) => MailError::RefusedForNow { code },
                None if error.is_tls() => MailError::Unprotected,
                None => MailError::Unreachable,
            }),
        }
    }

    /// The message as it goes to the server. Nobody is to answer a machine, and no machine is to: RFC 3834 §5.
    fn written(&self, mail: Mail) -> Result<Message, MailError> {
        let shaped = !mail.message_id.is_empty()
            && mail
                .message_id
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"@<>".contains(&byte));
        if !shaped {
            return Err(MailError::Unwritable("its Message-ID has other characters"));
        }
        if mail.subject.chars().any(char::is_control) {
            return Err(MailError::Unwritable("its subject has control characters"));
        }
        let id = format!("<{}@{}>", mail.message_id, self.from.email.domain());
        let builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, mail.to.0))
            .subject(mail.subject)
            .date(mail.date.into())
            .message_id(Some(id))
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        let text = SinglePart::plain(mail.text);
        let written = if mail.attachments.is_empty() {
            builder.singlepart(text)
        } else {
            let mut parts = MultiPart::mixed().singlepart(text);
            for attachment in mail.attachments {
                let media_type = ContentType::parse(&attachment.media_type)
                    .map_err(|_| MailError::Unwritable("an attachment has no media type"))?;
                parts = parts
                    .singlepart(MimePart::new(attachment.name).body(attachment.bytes, media_type));
            }
            builder.multipart(parts)
        };
        written.map_err(|_| MailError::Unwritable("its parts do not fit together"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailer() -> Mailer {
        Mailer {
            transport: AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").build(),
            from: "Testkommune <ledger@town.example>".parse().unwrap(),
        }
    }

    fn mail() -> Mail {
        Mail {
            to: MailAddress::parse("testperson@mail.example").unwrap(),
            subject: "Noko nytt ventar på deg".to_owned(),
            text: "Logg inn.\n".to_owned(),
            message_id: "n-0a1b".to_owned(),
            date: Timestamp::UNIX_EPOCH,
            attachments: Vec::new(),
        }
    }

    fn text(mail: Mail) -> String {
        String::from_utf8(mailer().written(mail).unwrap().formatted()).unwrap()
    }

    #[test]
    fn a_message_keeps_its_id_and_says_that_a_machine_wrote_it() {
        let (first, again) = (text(mail()), text(mail()));
        assert_eq!(first, again);
        for line in [
            "Message-ID: <n-0a1b@town.example>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n",
            "To: testperson@mail.example\r\n",
        ] {
            assert!(first.contains(line), "{line} is missing in {first}");
        }
    }

    #[test]
    fn files_go_along_with_their_names() {
        let attachment = Attachment {
            name: "melding.7z".to_owned(),
            media_type: "application/x-7z-compressed".to_owned(),
            bytes: vec![0x37, 0x7a],
        };
        let written = text(Mail {
            attachments: vec![attachment],
            ..mail()
        });
        assert!(written.contains("multipart/mixed"), "{written}");
        assert!(written.contains("melding.7z"), "{written}");
        assert!(written.contains("application/x-7z-compressed"), "{written}");
    }

    #[test]
    fn no_header_can_be_smuggled_in() {
        let subject = "Hei\r\nBcc: other@mail.example".to_owned();
        let smuggled = mailer().written(Mail { subject, ..mail() });
        assert!(matches!(smuggled, Err(MailError::Unwritable(_))));
        let message_id = "a@b".to_owned();
        let other = mailer().written(Mail {
            message_id,
            ..mail()
        });
        assert!(matches!(other, Err(MailError::Unwritable(_))));
    }

    #[test]
    fn an_address_is_not_shown_when_something_is_printed() {
        let address = MailAddress::parse("testperson@mail.example").unwrap();
        assert!(!format!("{address:?}").contains("testperson"));
        let refused = MailAddress::parse("ikkje ei adresse").unwrap_err();
        assert!(!refused.to_string().contains("ikkje"));
    }
}
