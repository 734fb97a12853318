//! The one door to the ledger: [`Ledger::execute`] changes, [`Ledger::look`] shows, [`Ledger::watch`] follows, [`Ledger::saw`], [`Ledger::could`]
//! and [`Ledger::why`] answer an auditor. Whatever comes in or goes out passes here, is decided by the rules in force, and
//! leaves an event behind.
//!
//! **Invariant: no content is released on a view that is ordered after the withdrawal, expiry or removal that forbids it.**
//! **Invariant: there is no way to obtain personal content that leaves no event behind.**

mod administer;
mod around;
mod as_of;
mod audit;
mod commands;
mod contacts;
mod contents;
mod documents;
mod earlier;
mod erasure;
mod error;
mod excerpt;
mod execute;
mod identity;
mod import;
mod invitations;
mod log_export;
mod look;
mod mailed_invitations;
mod material;
mod names;
mod notify;
mod noting;
mod operate;
mod publish;
mod refusals;
mod seal;
mod situation;
mod states;
#[cfg(test)]
mod tests;
mod transmissions;
mod verify;
mod watch;
mod webhooks;

use std::sync::Arc;

use chrono::TimeDelta;

pub use self::{
    as_of::{AsOf, Moment},
    audit::{
        Access, Answered, Changed, ComputedAt, Could, CouldHave, Difference, Edge, Emergencies,
        Emergency, Explanation, Exposed, Exposure, Gained, Hindsight, Intervals, Knew, LaterFact,
        Mistaken, NamesOfPeople, OfCase, OfSystem, OwnSaw, Reason, Saw, SawFilter, SawOf, Seen,
        SeenOfOwn, Unusual, UnusualFilter, UnusualFound, UnusualRule, Watcher, Window,
    },
    commands::{CaseCommand, DirectoryCommand},
    contacts::{Errand, Opened, OwnContact, Withheld},
    contents::{OpenedContent, OpenedContents},
    documents::{DocumentDescription, Download, Upload},
    erasure::Erased,
    error::{LedgerError, Refusal},
    excerpt::Excerpt,
    execute::Executed,
    import::{Import, ImportOutcome, SourceOfImport},
    invitations::{InvitationToken, NewInvitation},
    log_export::{CaseLog, LogAsked},
    look::{Look, Shown, section_in, section_of},
    mailed_invitations::OpenedInvitation,
    material::{ExportMaterial, ExportedBody},
    operate::RecoveryReport,
    transmissions::{Dispatch, Preparing},
    verify::{Verification, VerifyError, VerifyProgress},
    watch::Watch,
    webhooks::{WebhookDescription, WebhookTarget},
};
use crate::{
    access::Action,
    clock::{Clock, Entropy},
    event::CorrelationId,
    ids::{AccountId, Code, TenantId},
    profile::Assurance,
    sealing::Keyring,
    store::EventStore,
};

/// Who calls, as the sign-in has established it.
#[derive(Debug, Clone)]
pub struct Caller {
    /// In whose ledger.
    pub tenant: TenantId,
    /// The account.
    pub account: AccountId,
    /// Who vouched for it.
    pub issuer: Code,
    /// How surely.
    pub assurance: Assurance,
}

/// A request that may be repeated without being done twice.
#[derive(Clone)]
pub struct Repeatable {
    /// The client's own key.
    pub key: String,
    /// What was asked, byte for byte, to notice a key that is used for something else.
    pub request: Vec<u8>,
}

/// The circumstances of a request.
#[derive(Clone)]
pub struct Occasion {
    /// Ties its events together.
    pub correlation_id: CorrelationId,
    /// What it is for.
    pub purpose: Option<Code>,
    /// For a command that may be repeated.
    pub repeatable: Option<Repeatable>,
    /// The version of the case that the caller has seen (If-Match).
    pub case_version: Option<u64>,
}

impl Occasion {
    /// A request without anything special.
    pub fn new(correlation_id: CorrelationId) -> Self {
        Self {
            correlation_id,
            purpose: None,
            repeatable: None,
            case_version: None,
        }
    }
}

/// Is told what happens, for metrics. Called on hot paths: must be quick.
pub trait LedgerObserver: Send + Sync {
    /// Something was shown.
    fn viewed(&self, action: Action);
    /// Someone was refused.
    fn refused(&self, action: Action);
    /// A decision had to be made again, because somebody else was faster.
    fn decided_again(&self);
}

/// Tells nobody.
impl LedgerObserver for () {
    fn viewed(&self, _: Action) {}
    fn refused(&self, _: Action) {}
    fn decided_again(&self) {}
}

/// Periods and limits of the ledger's own.
#[derive(Debug, Clone, Copy)]
pub struct LedgerSettings {
    /// Content leaves within this time of its view, or the view is appended anew.
    pub release_within: TimeDelta,
    /// How often a long download is decided again.
    pub recheck_every: TimeDelta,
    /// How long refusals of one kind are gathered into one event.
    pub gather_refusals: TimeDelta,
}

impl Default for LedgerSettings {
    fn default() -> Self {
        Self {
            release_within: TimeDelta::seconds(5),
            recheck_every: TimeDelta::seconds(2),
            gather_refusals: TimeDelta::seconds(60),
        }
    }
}

/// What a ledger is made of.
#[derive(Clone)]
pub struct Parts {
    /// Where events are kept.
    pub store: Arc<dyn EventStore>,
    /// Where keys are kept.
    pub keyring: Arc<dyn Keyring>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Metrics.
    pub observer: Arc<dyn LedgerObserver>,
    /// Periods and limits.
    pub settings: LedgerSettings,
}

/// The ledgers of all tenants of one service.
pub struct Ledger {
    parts: Parts,
    states: states::States,
    sealed: contents::SealedCache,
    refusals: refusals::Refusals,
}

impl Ledger {
    /// A ledger over its parts.
    pub fn new(parts: Parts) -> Self {
        Self {
            parts,
            states: states::States::default(),
            sealed: contents::SealedCache::default(),
            refusals: refusals::Refusals::default(),
        }
    }

    /// The present moment as this ledger sees it.
    pub fn now(&self) -> crate::clock::Timestamp {
        self.parts.clock.now()
    }

    /// Its source of randomness.
    pub fn entropy(&self) -> &dyn Entropy {
        &*self.parts.entropy
    }

    /// Its store, for reading proofs and heads; content needs [`Ledger::look`].
    pub fn store(&self) -> &dyn EventStore {
        &*self.parts.store
    }
}
