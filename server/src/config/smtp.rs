//! The mail server, as its URL names it.

use std::net::IpAddr;

use reqwest::Url;
use secrecy::SecretString;

use super::value::Setting;

/// Where mail is handed over. `smtps://` begins with TLS; `smtp://` turns it on by STARTTLS before anything is said,
/// except on this machine, where none is used.
#[derive(Debug, Clone)]
pub struct SmtpUrl {
    /// Name or address of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether TLS begins at once.
    pub wrapped: bool,
    /// Whether it is a loopback address.
    pub is_here: bool,
    /// With whose name and password to sign in there.
    pub credentials: Option<(String, SecretString)>,
}

impl Setting for SmtpUrl {
    const SECRET: bool = true;

    fn parse(text: &str) -> Result<Self, String> {
        // The URL may hold a password, so neither it nor the parser's message is repeated.
        let wrong = || {
            "is not a mail server's URL; expected smtps://USER:PASSWORD@HOST, smtp://USER:PASSWORD@HOST (STARTTLS on \
             port 587), or smtp://127.0.0.1:25 on this machine"
                .to_owned()
        };
        let url = Url::parse(text).map_err(|_| wrong())?;
        let (wrapped, usual_port) = match url.scheme() {
            "smtps" => (true, 465),
            "smtp" => (false, 587),
            _ => return Err(wrong()),
        };
        let host = url.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let plain = matches!(url.path(), "" | "/") && url.query().is_none();
        if host.is_empty() || !plain || url.fragment().is_some() {
            return Err(wrong());
        }
        let decoded = |text: &str| {
            percent_decoded(text).ok_or_else(|| {
                "has a name or password that is not UTF-8 once it is decoded".to_owned()
            })
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) if !user.is_empty() => {
                Some((decoded(user)?, SecretString::from(decoded(password)?)))
            }
            _ => {
                return Err(
                    "has a name without a password, or a password without a name".to_owned(),
                );
            }
        };
        Ok(Self {
            host: host.to_owned(),
            port: url.port().unwrap_or(usual_port),
            wrapped,
            is_here: !wrapped && host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
            credentials,
        })
    }
}

/// Text in which `%41` stands for `A`.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_server_is_read_with_its_name_and_password() {
        let url = SmtpUrl::parse("smtps://ledger%40town:s%3Acret@mail.town.example").unwrap();
        assert_eq!((url.port, url.wrapped, url.is_here), (465, true, false));
        let (user, password) = url.credentials.unwrap();
        assert_eq!(user, "ledger@town");
        assert_eq!(password.expose_secret(), "s:cret");
        let url = SmtpUrl::parse("smtp://mail.town.example").unwrap();
        assert_eq!((url.port, url.wrapped, url.is_here), (587, false, false));
    }

    #[test]
    fn only_this_machine_is_spoken_to_without_tls() {
        for (text, is_here) in [
            ("smtp://127.0.0.1:1025", true),
            ("smtp://[::1]:1025", true),
            ("smtp://10.0.0.1:25", false),
            ("smtp://localhost:25", false),
            ("smtp://127.0.0.1.example", false),
        ] {
            assert_eq!(SmtpUrl::parse(text).unwrap().is_here, is_here, "{text}");
        }
    }

    #[test]
    fn a_wrong_url_is_refused_without_being_repeated() {
        for text in [
            "mail.town.example",
            "https://mail.town.example",
            "smtp://geheim@mail.town.example",
            "smtp://mail.town.example/geheim",
            "smtp://mail.town.example?tls=none&x=geheim",
        ] {
            let refused = SmtpUrl::parse(text).unwrap_err();
            assert!(!refused.contains("geheim"), "{refused}");
        }
    }
}
