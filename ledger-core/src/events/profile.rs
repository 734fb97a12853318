//! A system's rule book is taken into use.

use serde::{Deserialize, Serialize};

use crate::ids::{Digest, ProfileId};

/// From here on this text decides. Questions about earlier moments are answered by the text of their time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProfileAdopted {
    /// Which system.
    pub profile: ProfileId,
    /// The digest of its text: the version that decisions name.
    pub digest: Digest,
}

/// The rule book as it was adopted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProfileAdoptedContent {
    /// `profile.toml`.
    pub profile_toml: String,
    /// `access.cedar`.
    pub access_cedar: String,
}
