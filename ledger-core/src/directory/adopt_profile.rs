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
