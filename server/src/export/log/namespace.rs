//! Under which names the things of a ledger are known outside of it. An id alone says nothing to another system; with the
//! ledger's name before it, it is an identifier of the kind that standards ask for.

use std::fmt::Display;

use ledger_core::log::Origin;

/// The names of one ledger: URIs that begin with its origin. They name things and lead nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace(String);

impl Namespace {
    /// That of a ledger by its origin.
    pub fn of(origin: &Origin) -> Self {
        Self(format!("https://{origin}"))
    }

    /// The ledger itself.
    pub(super) fn ledger(&self) -> &str {
        &self.0
    }

    /// All things of a kind, such as `cases`.
    pub(super) fn all(&self, kind: &str) -> String {
        format!("{}/{kind}", self.0)
    }

    /// One thing of a kind.
    pub(super) fn one(&self, kind: &str, id: impl Display) -> String {
        format!("{}/{kind}/{id}", self.0)
    }
}
