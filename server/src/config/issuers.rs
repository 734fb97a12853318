//! Whose word is taken when somebody signs in: the issuers of tokens, one table each.

use std::{collections::BTreeMap, net::IpAddr};

use jsonwebtoken::Algorithm;
use ledger_core::{ids::Code, profile::Assurance};
use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::value::{Form, Setting};

/// Names that stand in events for sign-ins of the program's own.
const RESERVED: [&str; 3] = ["dev", "command_line", "notifier"];
/// The longest claim name, audience or URL, in bytes.
const TEXT_BYTES_MAX: usize = 2_048;

/// One issuer of tokens, and how its tokens are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerSettings {
    /// What the ledger calls it. Accounts follow from it: under another name everyone gets another account.
    pub name: Code,
    /// Its `iss`, exactly.
    pub issuer: String,
    /// Where its keys are; left out, its discovery document says so (OpenID Connect Discovery 1.0 §4).
    #[serde(default)]
    pub jwks_uri: Option<String>,
    /// Whom its tokens must be for.
    pub audience: String,
    /// By which algorithms it signs; never by a shared secret.
    pub algorithms: Vec<Algorithm>,
    /// The claim that names the person: a name, or a JSON pointer (RFC 6901) such as `/person/id`.
    #[serde(default)]
    pub subject_claim: Option<String>,
    /// The claim that says how surely the person is known.
    #[serde(default)]
    pub assurance_claim: Option<String>,
    /// What its values mean. A value that is not here is refused.
    #[serde(default)]
    pub assurance: BTreeMap<String, Assurance>,
    /// For machines: how surely they are taken to be known.
    #[serde(default)]
    pub assurance_fixed: Option<Assurance>,
    /// Whether it vouches for machines: then the client signs in, not a person.
    #[serde(default)]
    pub machine: bool,
    /// The claim that names a machine's client.
    #[serde(default)]
    pub client_id_claim: Option<String>,
    /// The claim that must name this tenant, if there is one.
    #[serde(default)]
    pub tenant_claim: Option<String>,
}

impl IssuerSettings {
    /// The claim that names who signs in.
    pub fn subject(&self) -> &str {
        let (claim, usual) = if self.machine {
            (&self.client_id_claim, "client_id")
        } else {
            (&self.subject_claim, "sub")
        };
        claim.as_deref().unwrap_or(usual)
    }

    /// The claim that says how surely they are known.
    pub fn assurance_claim(&self) -> &str {
        self.assurance_claim.as_deref().unwrap_or("acr")
    }

    /// What is wrong with one issuer; completes the sentence "`issuers` [1] …".
    fn check(&self) -> Result<(), String> {
        if RESERVED.contains(&self.name.as_str()) {
            return Err(format!(
                "`name` is {}, which stands for sign-ins of this program; choose another",
                self.name
            ));
        }
        check_url("issuer", &self.issuer)?;
        if let Some(uri) = &self.jwks_uri {
            check_url("jwks_uri", uri)?;
        }
        let named = [
            ("audience", Some(&self.audience)),
            ("subject_claim", self.subject_claim.as_ref()),
            ("assurance_claim", self.assurance_claim.as_ref()),
            ("client_id_claim", self.client_id_claim.as_ref()),
            ("tenant_claim", self.tenant_claim.as_ref()),
        ];
        for (key, text) in named {
            if text.is_some_and(|text| text.is_empty() || text.len() > TEXT_BYTES_MAX) {
                return Err(format!("`{key}` is empty or too long"));
            }
        }
        if self.algorithms.is_empty() {
            return Err("`algorithms` is empty; name one, such as \"RS256\"".into());
        }
        for algorithm in &self.algorithms {
            if algorithm.family() == jsonwebtoken::AlgorithmFamily::Hmac {
                return Err(format!(
                    "`algorithms` has {algorithm:?}, for which this service would need the issuer's secret; use one \
                     with a public key: RS256, PS256, ES256, EdDSA, …"
                ));
            }
        }
        match (self.assurance_fixed, self.assurance.is_empty()) {
            (None, true) => {
                return Err(
                    "has neither `assurance` nor `assurance_fixed`; say what the values of its assurance claim mean"
                        .into(),
                );
            }
            (Some(_), false) => {
                return Err("has both `assurance` and `assurance_fixed`; keep one".into());
            }
            (Some(_), true) if !self.machine => {
                return Err(
                    "has `assurance_fixed`, but not `machine = true`; how surely a person is known is in the token, \
                     so map its values in `assurance`"
                        .into(),
                );
            }
            _ => {}
        }
        if self.assurance_fixed.is_some() && self.assurance_claim.is_some() {
            return Err("has both `assurance_claim` and `assurance_fixed`; keep one".into());
        }
        match (self.machine, &self.subject_claim, &self.client_id_claim) {
            (true, Some(_), _) => Err(
                "is for machines, whose subject is their client; use `client_id_claim`, not `subject_claim`".into(),
            ),
            (false, _, Some(_)) => {
                Err("has `client_id_claim`, but not `machine = true`; use `subject_claim`".into())
            }
            _ => Ok(()),
        }
    }
}

/// Only over TLS, or on this machine.
pub(crate) fn is_protected(url: &Url) -> bool {
    let is_here = || {
        let host = url.host_str().unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']');
        address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    };
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_here(),
        _ => false,
    }
}

fn check_url(key: &str, text: &str) -> Result<(), String> {
    let parsed = Url::parse(text)
        .ok()
        .filter(|_| text.len() <= TEXT_BYTES_MAX);
    let fits = parsed.is_some_and(|url| {
        is_protected(&url)
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    });
    if fits {
        Ok(())
    } else {
        Err(format!(
            "`{key}` is {text:?}; expected an https URL, or http on a loopback address such as http://127.0.0.1:9000"
        ))
    }
}

impl Setting for Vec<IssuerSettings> {
    const FORM: Form = Form::Tables;

    fn parse(text: &str) -> Result<Self, String> {
        let tables: Vec<serde_json::Value> = serde_json::from_str(text)
            .map_err(|error| format!("is not a list of tables, in JSON: {error}"))?;
        let mut issuers: Self = Vec::new();
        for (place, table) in (1..).zip(tables) {
            let issuer: IssuerSettings =
                serde_json::from_value(table).map_err(|error| format!("[{place}]: {error}"))?;
            issuer
                .check()
                .map_err(|problem| format!("[{place}] {problem}"))?;
            for (earlier_place, earlier) in (1..).zip(&issuers) {
                if earlier.name == issuer.name {
                    return Err(format!(
                        "[{place}] has the `name` {} of [{earlier_place}]; names must differ",
                        issuer.name
                    ));
                }
                if (&earlier.issuer, &earlier.audience) == (&issuer.issuer, &issuer.audience) {
                    return Err(format!(
                        "[{place}] has `issuer` and `audience` of [{earlier_place}]; who signs in would not be clear"
                    ));
                }
            }
            issuers.push(issuer);
        }
        Ok(issuers)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn good() -> Value {
        json!({
            "name": "id_porten", "issuer": "https://idporten.no", "audience": "https://kvam.example",
            "algorithms": ["RS256"], "subject_claim": "pid", "assurance": { "idporten-loa-high": "high" },
        })
    }

    fn read(issuers: &[Value]) -> Result<Vec<IssuerSettings>, String> {
        Vec::parse(&json!(issuers).to_string())
    }

    #[test]
    fn an_issuer_is_read() {
        let issuers = read(&[good()]).unwrap();
        assert_eq!(issuers[0].subject(), "pid");
        assert_eq!(issuers[0].assurance_claim(), "acr");
        let mut machines = good();
        machines["audience"] = json!("https://kvam.example/machines");
        machines["name"] = json!("maskinporten");
        machines["machine"] = json!(true);
        machines["assurance_fixed"] = json!("high");
        for key in ["subject_claim", "assurance"] {
            machines.as_object_mut().unwrap().remove(key);
        }
        assert_eq!(read(&[good(), machines]).unwrap()[1].subject(), "client_id");
    }

    #[test]
    fn what_would_let_somebody_in_by_mistake_is_refused() {
        for (key, value, expected) in [
            ("name", json!("dev"), "choose another"),
            ("name", json!("ID-porten"), "code"),
            ("issuer", json!("http://idporten.no"), "https"),
            ("issuer", json!("idporten.no"), "https"),
            ("jwks_uri", json!("file:///etc/keys.json"), "https"),
            ("jwks_uri", json!("http://10.0.0.1/keys"), "https"),
            ("audience", json!(""), "empty"),
            ("algorithms", json!([]), "name one"),
            ("algorithms", json!(["HS256"]), "public key"),
            ("algorithms", json!(["none"]), "variant"),
            ("assurance", json!({}), "neither"),
            ("assurance", json!({ "Level4": "4" }), "variant"),
            ("assurance_fixed", json!("high"), "both"),
            ("client_id_claim", json!("client_id"), "machine = true"),
            ("machine", json!(true), "client_id_claim"),
            ("audiences", json!("x"), "unknown field"),
        ] {
            let mut issuer = good();
            issuer[key] = value;
            let refused = read(&[issuer]).unwrap_err();
            assert!(refused.starts_with("[1]"), "{refused}");
            assert!(refused.contains(expected), "{key}: {refused}");
        }
        let mut person = good();
        person.as_object_mut().unwrap().remove("assurance");
        person["assurance_fixed"] = json!("high");
        let refused = read(&[person]).unwrap_err();
        assert!(refused.contains("machine = true"), "{refused}");
    }

    #[test]
    fn no_two_issuers_can_be_mistaken_for_each_other() {
        let mut other = good();
        other["name"] = json!("other");
        let refused = read(&[good(), other.clone()]).unwrap_err();
        assert!(
            refused.starts_with("[2] has `issuer` and `audience`"),
            "{refused}"
        );
        other["audience"] = json!("another");
        assert!(read(&[good(), other.clone()]).is_ok());
        other["name"] = json!("id_porten");
        assert!(
            read(&[good(), other])
                .unwrap_err()
                .contains("names must differ")
        );
    }

    #[test]
    fn http_is_taken_on_this_machine_alone() {
        for url in ["http://127.0.0.1:9000", "http://[::1]:9000/a"] {
            assert!(check_url("issuer", url).is_ok(), "{url}");
        }
        for url in [
            "http://localhost.example",
            "http://127.0.0.1.example",
            "ftp://127.0.0.1",
        ] {
            assert!(check_url("issuer", url).is_err(), "{url}");
        }
    }
}
