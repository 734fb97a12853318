//! What the claims of a verified token say: who it is, how surely, in which tenant, and when it holds.

use chrono::{DateTime, TimeDelta};
use ledger_core::{clock::Timestamp, ids::TenantId, profile::Assurance};
use serde_json::{Map, Value};

use crate::{
    auth::{Subject, Unverified},
    config::IssuerSettings,
};

/// How far the issuer's clock and ours may differ.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);

/// The claims of a token (RFC 7519 §4).
pub(super) struct Claims(pub(super) Map<String, Value>);

/// Whom a token names, and how surely.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) subject: Subject,
    pub(super) assurance: Assurance,
}

impl Claims {
    /// Whom they name, if they hold here and now.
    pub(super) fn read(
        &self,
        settings: &IssuerSettings,
        tenant: &TenantId,
        now: Timestamp,
    ) -> Result<Named, Unverified> {
        self.check_times(now)?;
        // The proof that belongs to such a token (RFC 8705, RFC 9449) cannot be checked here. Without it a stolen token
        // would be as good as its owner's.
        if self.0.contains_key("cnf") {
            return Err(Unverified::Bound);
        }
        if let Some(claim) = &settings.tenant_claim
            && self.at(claim).and_then(Value::as_str) != Some(tenant.as_str())
        {
            return Err(Unverified::Tenant);
        }
        let assurance = match settings.assurance_fixed {
            Some(fixed) => fixed,
            None => self
                .at(settings.assurance_claim())
                .and_then(Value::as_str)
                .and_then(|value| settings.assurance.get(value).copied())
                .ok_or(Unverified::Assurance)?,
        };
        let subject = self
            .at(settings.subject())
            .and_then(Value::as_str)
            .and_then(|text| Subject::try_new(text).ok())
            .ok_or(Unverified::Subject)?;
        Ok(Named { subject, assurance })
    }

    /// `exp`, `nbf` and `iat` (RFC 7519 §4.1) by our clock.
    fn check_times(&self, now: Timestamp) -> Result<(), Unverified> {
        let ends = self.moment("exp")?.ok_or(Unverified::Malformed)?;
        if ends <= now - LEEWAY {
            return Err(Unverified::Expired);
        }
        for name in ["nbf", "iat"] {
            if self
                .moment(name)?
                .is_some_and(|begins| begins > now + LEEWAY)
            {
                return Err(Unverified::NotYet);
            }
        }
        Ok(())
    }

    /// A claim that is a moment: seconds since 1970, possibly with a fraction (RFC 7519 §2).
    fn moment(&self, name: &str) -> Result<Option<Timestamp>, Unverified> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "`as` saturates, and `DateTime` refuses what is too far"
        )]
        let seconds = value
            .as_i64()
            .or_else(|| value.as_f64().map(|seconds| seconds.floor() as i64));
        seconds
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
            .map(Some)
            .ok_or(Unverified::Malformed)
    }

    /// A claim by its name, or by a JSON pointer.
    fn at(&self, claim: &str) -> Option<&Value> {
        match claim.strip_prefix('/') {
            None => self.0.get(claim),
            Some(path) => {
                let (first, rest) = path
                    .split_once('/')
                    .map_or((path, None), |(first, rest)| (first, Some(rest)));
                let value = self.0.get(&first.replace("~1", "/").replace("~0", "~"))?;
                rest.map_or(Some(value), |rest| value.pointer(&format!("/{rest}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn now() -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn person() -> IssuerSettings {
        serde_json::from_value(json!({
            "name": "id_porten", "issuer": "https://idporten.no", "audience": "kvam", "algorithms": ["RS256"],
            "subject_claim": "pid",
            "assurance": { "idporten-loa-high": "high", "Level3": "substantial" },
        }))
        .unwrap()
    }

    fn good() -> Value {
        let now = now().timestamp();
        json!({ "exp": now + 600, "iat": now, "acr": "idporten-loa-high", "pid": "01010112345" })
    }

    fn read(settings: &IssuerSettings, claims: &Value) -> Result<Named, Unverified> {
        let claims = Claims(claims.as_object().unwrap().clone());
        claims.read(settings, &"kvam".parse().unwrap(), now())
    }

    #[test]
    fn claims_name_a_person_and_how_surely() {
        let named = read(&person(), &good()).unwrap();
        assert_eq!(named.subject.as_str(), "01010112345");
        assert_eq!(named.assurance, Assurance::High);
        let mut weaker = good();
        weaker["acr"] = json!("Level3");
        assert_eq!(
            read(&person(), &weaker).unwrap().assurance,
            Assurance::Substantial
        );
    }

    #[test]
    fn whoever_cannot_be_named_is_refused() {
        for subject in [
            json!(null),
            json!(""),
            json!("  "),
            json!(7),
            json!(["a"]),
            json!({ "id": "a" }),
            json!("a\nb"),
            json!(" a"),
            json!("a".repeat(256)),
        ] {
            let mut claims = good();
            claims["pid"] = subject.clone();
            assert_eq!(
                read(&person(), &claims),
                Err(Unverified::Subject),
                "{subject}"
            );
        }
        let mut claims = good();
        claims.as_object_mut().unwrap().remove("pid");
        claims["sub"] = json!("pairwise");
        assert_eq!(read(&person(), &claims), Err(Unverified::Subject));
    }

    #[test]
    fn an_assurance_that_means_nothing_here_is_refused() {
        for value in [
            json!(null),
            json!("Level4"),
            json!(4),
            json!(["idporten-loa-high"]),
            json!("IDPORTEN-LOA-HIGH"),
        ] {
            let mut claims = good();
            claims["acr"] = value.clone();
            assert_eq!(
                read(&person(), &claims),
                Err(Unverified::Assurance),
                "{value}"
            );
        }
    }

    #[test]
    fn a_token_holds_for_its_time_give_or_take_what_clocks_differ() {
        let seconds = now().timestamp();
        for (claim, value, expected) in [
            ("exp", json!(seconds - 29), None),
            ("exp", json!(seconds - 30), Some(Unverified::Expired)),
            ("exp", json!(0), Some(Unverified::Expired)),
            ("exp", json!(-1.0e300), Some(Unverified::Malformed)),
            ("exp", json!(f64::from(u32::MAX) + 0.5), None),
            ("exp", json!("tomorrow"), Some(Unverified::Malformed)),
            ("exp", json!(null), Some(Unverified::Malformed)),
            ("nbf", json!(seconds + 30), None),
            ("nbf", json!(seconds + 31), Some(Unverified::NotYet)),
            ("iat", json!(seconds + 31), Some(Unverified::NotYet)),
        ] {
            let mut claims = good();
            claims[claim] = value.clone();
            assert_eq!(read(&person(), &claims).err(), expected, "{claim} {value}");
        }
        let mut endless = good();
        endless.as_object_mut().unwrap().remove("exp");
        assert_eq!(read(&person(), &endless), Err(Unverified::Malformed));
    }

    #[test]
    fn a_machine_is_its_client() {
        let settings: IssuerSettings = serde_json::from_value(json!({
            "name": "maskinporten", "issuer": "https://maskinporten.no", "audience": "kvam", "algorithms": ["RS256"],
            "machine": true, "client_id_claim": "/consumer/ID", "assurance_fixed": "high", "tenant_claim": "/a~1b/t",
        }))
        .unwrap();
        let mut claims = good();
        claims["consumer"] = json!({ "authority": "iso6523-actorid-upis", "ID": "0192:991825827" });
        assert_eq!(read(&settings, &claims), Err(Unverified::Tenant));
        claims["a/b"] = json!({ "t": "bergen" });
        assert_eq!(read(&settings, &claims), Err(Unverified::Tenant));
        claims["a/b"] = json!({ "t": "kvam" });
        assert_eq!(
            read(&settings, &claims).unwrap().subject.as_str(),
            "0192:991825827"
        );
        claims["consumer"] = json!("0192:991825827");
        assert_eq!(read(&settings, &claims), Err(Unverified::Subject));
    }

    #[test]
    fn a_token_that_is_bound_to_a_key_is_no_bearer_token() {
        let mut claims = good();
        claims["cnf"] = json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" });
        assert_eq!(read(&person(), &claims), Err(Unverified::Bound));
    }
}
