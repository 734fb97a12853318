//! Take a rule book into use. Its text is stored, so that the past can be asked by the rules of its time.

use std::sync::Arc;

use super::AdoptedProfile;
use crate::{
    access::RuleBook,
    command::{Decided, Rejection, RejectionCode},
    events::{ProfileAdopted, ProfileAdoptedContent},
    ids::{KeyId, StreamId},
};

/// Adopts a rule book that has been checked.
#[derive(Debug, Clone)]
pub struct AdoptProfile {
    /// The compiled text.
    pub rule_book: Arc<RuleBook>,
}

impl AdoptProfile {
    /// `profile_adopted`.
    pub fn decide(self, adopted: &AdoptedProfile) -> Result<Vec<Decided>, Rejection> {
        let profile = self.rule_book.profile();
        let digest = profile.digest();
        if adopted
            .current
            .as_ref()
            .is_some_and(|(_, current)| current.profile().digest() == digest)
        {
            return Err(Rejection::new(
                RejectionCode::AlreadyThere,
                "this version of the profile is in force already",
            ));
        }
        let facts = ProfileAdopted {
            profile: profile.id.clone(),
            digest,
        };
        let text = profile.texts();
        let content = ProfileAdoptedContent {
            profile_toml: text.profile_toml.clone(),
            access_cedar: text.access_cedar.clone(),
        };
        Ok(vec![Decided::sealed(
            StreamId::Profile(profile.id.clone()),
            facts,
            KeyId::Tenant,
            &content,
        )])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{KVAM, Outcome, content, kvam_with};

    fn adopt() -> AdoptProfile {
        AdoptProfile {
            rule_book: Arc::new(kvam_with("", "")),
        }
    }

    #[test]
    fn an_adoption_names_the_text_and_keeps_it() {
        let profile = KVAM.profile();
        let facts = ProfileAdopted {
            profile: profile.id.clone(),
            digest: profile.digest(),
        };
        let decided = adopt().decide(&AdoptedProfile::default());
        let [event] = Outcome(decided).then([facts.into()]);
        let text: ProfileAdoptedContent = content(&event);
        assert_eq!(text.profile_toml, profile.texts().profile_toml);
        assert_eq!(text.access_cedar, profile.texts().access_cedar);
    }

    #[test]
    fn the_text_in_force_is_not_adopted_again_but_another_is() {
        let adopted = |rule_book| AdoptedProfile {
            current: Some((crate::ids::Position(1), Arc::new(rule_book))),
        };
        let same = adopted(kvam_with("", ""));
        Outcome(adopt().decide(&same)).rejected(RejectionCode::AlreadyThere);
        let other = adopted(kvam_with("parties_max = 60", "parties_max = 61"));
        assert_eq!(adopt().decide(&other).map(|decided| decided.len()), Ok(1));
    }
}
