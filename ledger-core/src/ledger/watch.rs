//! Following a case: what happens in it, event by event, for as long as it may be seen.
//!
//! **Invariant: nothing leaves on a view that does not cover it.** What has happened is decided upon and viewed before
//! it is handed out, a batch at a time; the rest of a batch that lingers is decided and viewed anew, like the rest of a
//! download. While nothing happens it is decided again every few seconds, and no view is appended, because nothing is
//! shown.
//!
//! There are no pauses here: whoever follows asks [`Watch::next`] as often as they like. Several servers append to one
//! ledger, so each look for news is a look into the store.

use std::{collections::VecDeque, sync::Arc};

use super::{AsOf, Caller, Ledger, LedgerError, Look, Occasion, OpenedContents, Shown};
use crate::{
    access::RuleBook,
    clock::Timestamp,
    ids::{CaseId, Position, StreamId},
    profile::Profile,
    store::{Appended, Recorded},
};

/// A case that is being followed.
pub struct Watch {
    ledger: Arc<Ledger>,
    caller: Caller,
    occasion: Occasion,
    case: CaseId,
    /// The position and the version of the last event that was handed out, or from which on it is followed.
    after: Position,
    version: u64,
    /// What was viewed and is not handed out yet.
    ready: VecDeque<Arc<Recorded>>,
    contents: OpenedContents,
    /// The rules that decided last.
    rule_book: Arc<RuleBook>,
    /// The view under which events are handed out now.
    view: Appended,
    /// When it was appended, or decided again, by this server's clock.
    decided_at: Timestamp,
}

impl Ledger {
    /// Begins to follow a case: from now on, or from after an event on. Beginning is a view of its own.
    ///
    /// # Errors
    /// As [`Ledger::look`]; [`LedgerError::Rejected`] for a position that the ledger has not reached.
    pub async fn watch(
        self: &Arc<Self>,
        caller: &Caller,
        case: CaseId,
        after: Option<Position>,
        occasion: &Occasion,
    ) -> Result<Watch, LedgerError> {
        if let Some(after) = after {
            self.check_reached(&caller.tenant, AsOf::Position(after))
                .await?;
        }
        let shown = self
            .look(caller, case, &Look::Changes(after), occasion)
            .await?;
        let before_first = shown.events.first().map(|event| event.envelope.version - 1);
        let last = shown.case.position.ok_or(LedgerError::NotFound)?;
        let mut watch = Watch {
            ledger: Arc::clone(self),
            caller: caller.clone(),
            occasion: occasion.clone(),
            case,
            after: after.unwrap_or(last),
            version: before_first.unwrap_or(shown.case.version),
            ready: VecDeque::new(),
            contents: OpenedContents::default(),
            rule_book: Arc::clone(&shown.rule_book),
            view: shown.view.clone(),
            decided_at: self.now(),
        };
        watch.take(shown);
        Ok(watch)
    }
}

impl Watch {
    /// The vocabulary of the case.
    pub fn profile(&self) -> &Profile {
        self.rule_book.profile()
    }

    /// The view under which events are handed out.
    pub fn view(&self) -> &Appended {
        &self.view
    }

    /// The position after which the next event comes: where to go on after an interruption.
    pub fn after(&self) -> Position {
        self.after
    }

    /// The contents that may be shown of the events handed out last.
    pub fn contents(&self) -> &OpenedContents {
        &self.contents
    }

    /// The next event; `None` while nothing has happened.
    ///
    /// # Errors
    /// As [`Ledger::look`]: whoever may not look any more learns nothing more, from the first call after the recheck
    /// period on at the latest.
    pub async fn next(&mut self) -> Result<Option<Arc<Recorded>>, LedgerError> {
        let recheck_every = self.ledger.parts.settings.recheck_every;
        let is_due = self.ledger.now() - self.decided_at >= recheck_every;
        if is_due {
            // What was viewed so long ago is viewed anew, or not shown.
            self.ready.clear();
        }
        if self.ready.is_empty() {
            if self.has_news().await? {
                let look = Look::Changes(Some(self.after));
                let ledger = Arc::clone(&self.ledger);
                let shown = ledger
                    .look(&self.caller, self.case, &look, &self.occasion)
                    .await?;
                if shown.events.is_empty() {
                    // What happened is not for these eyes.
                    self.version = self.version.max(shown.case.version);
                }
                self.take(shown);
            } else if is_due {
                let look = Look::Changes(None);
                self.ledger
                    .check_look(&self.caller, self.case, &look, &self.occasion)
                    .await?;
                self.decided_at = self.ledger.now();
            }
        }
        let next = self.ready.pop_front();
        if let Some(recorded) = &next {
            self.after = recorded.position;
            self.version = recorded.envelope.version;
        }
        Ok(next)
    }

    fn take(&mut self, shown: Shown) {
        self.ready = shown.events.into();
        self.contents = shown.contents;
        self.view = shown.view;
        self.decided_at = self.ledger.now();
    }

    /// Whether the case has an event that was not handed out.
    async fn has_news(&self) -> Result<bool, LedgerError> {
        let stream = StreamId::Case(self.case);
        let store = &self.ledger.parts.store;
        let next = store
            .read_stream(&self.caller.tenant, &stream, self.version, 1)
            .await?;
        Ok(!next.is_empty())
    }
}
