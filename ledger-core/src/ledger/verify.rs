//! Checking a ledger from its first event: every leaf is recomputed, the tree rebuilt from them, and compared with
//! what is stored and with what was published.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use futures::{SinkExt as _, StreamExt as _, channel::mpsc};
use serde::Deserialize;

use super::{Ledger, LedgerError};
use crate::{
    ids::{Digest, Position, TenantId},
    log::{self, Frontier, SubtreeHash},
    store::StoredEvent,
};

/// How many events are read at a time.
const PAGE: usize = 5_000;

/// What was found to be wrong. Anything here means that the ledger was changed outside of this program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// A position is missing or stands twice.
    #[error("position {expected} is missing; the next event stands at {found}")]
    Gap {
        /// What should have come.
        expected: u64,
        /// What came.
        found: Position,
    },
    /// The envelope or its salt was changed.
    #[error(
        "the event at position {0} is not the one that was recorded: its bytes do not give its leaf entry"
    )]
    Leaf(Position),
    /// The envelope cannot be read.
    #[error("the envelope at position {0} cannot be read")]
    Envelope(Position),
    /// The envelope belongs to another ledger.
    #[error("the event at position {0} belongs to another ledger")]
    Tenant(Position),
    /// Versions of a stream have a gap.
    #[error(
        "the event at position {position} has version {found} of {stream}; {expected} was expected"
    )]
    Version {
        /// Where.
        position: Position,
        /// Which stream.
        stream: Box<str>,
        /// The version that should have come.
        expected: u64,
        /// The version that came.
        found: u64,
    },
    /// Time ran backwards.
    #[error("the event at position {0} was recorded before the one that precedes it")]
    Time(Position),
    /// A stored hash does not follow from the events.
    #[error("the stored hash of level {level}, index {index} does not follow from the events")]
    Subtree {
        /// Its level.
        level: u8,
        /// Its index.
        index: u64,
    },
    /// The stored end does not follow from the events.
    #[error("the stored head of size {stored} does not follow from the {found} events")]
    Head {
        /// The stored size.
        stored: u64,
        /// How many events there are.
        found: u64,
    },
    /// The published head does not follow from the events.
    #[error("the events do not give the root that was published for size {size}")]
    Published {
        /// The published size.
        size: u64,
    },
    /// A content is not what its event committed to.
    #[error("the content of position {0} is not what its event committed to")]
    Content(Position),
}

/// What was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// How many events.
    pub events: u64,
    /// The root of their tree.
    pub root: Digest,
    /// How many contents were opened and found as committed.
    pub contents: u64,
    /// The size of the published head that was compared, if one was published.
    pub published: Option<u64>,
    /// Everything that is wrong; empty = the ledger is whole. At most a thousand findings.
    pub errors: Vec<VerifyError>,
}

/// Is told how far the check has come.
pub type VerifyProgress<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// The most findings that are kept.
const ERRORS_MAX: usize = 1_000;

/// How many pages may wait to be hashed.
const PAGES_WAITING: usize = 2;

struct Check {
    tenant: TenantId,
    frontier: Frontier,
    completed: Vec<SubtreeHash>,
    versions: HashMap<Box<str>, u64>,
    last: Box<str>,
    published: Option<(u64, Digest)>,
    errors: Vec<VerifyError>,
}

/// What is checked of an envelope, borrowed from its bytes: this runs once for each event there is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Checked<'a> {
    #[serde(borrow)]
    tenant: Cow<'a, str>,
    #[serde(borrow)]
    stream: Cow<'a, str>,
    version: u64,
    #[serde(borrow)]
    recorded_at: Cow<'a, str>,
}

impl Ledger {
    /// Checks a tenant's ledger. With `contents`, also opens every content that is still there.
    ///
    /// # Errors
    /// Only where reading fails; what is wrong with the ledger is in [`Verification::errors`].
    pub async fn verify(
        &self,
        tenant: &TenantId,
        contents: bool,
        progress: VerifyProgress<'_>,
    ) -> Result<Verification, LedgerError> {
        let store = &self.parts.store;
        // The published head first: what was published before now must be in what is read after now.
        let published = self.parts.keyring.published(tenant).await?;
        let tip = store.tip(tenant).await?;
        let size = tip.frontier.size();
        let mut check = Check {
            tenant: tenant.clone(),
            frontier: Frontier::EMPTY,
            completed: Vec::new(),
            versions: HashMap::new(),
            last: "".into(),
            published: published.map(|head| (head.size, head.root)),
            errors: Vec::new(),
        };
        // Hashing has a thread of its own, so that it goes on while the database reads the next page.
        let (mut pages, mut waiting) = mpsc::channel::<Arc<Vec<StoredEvent>>>(PAGES_WAITING);
        let hashing = std::thread::spawn(move || {
            while let Some(page) = futures::executor::block_on(waiting.next()) {
                page.iter().for_each(|event| check.take(event));
            }
            check
        });
        let mut content_errors = Vec::new();
        let (mut opened, mut read) = (0, 0);
        let outcome = async {
            while read < size {
                let mut page = store.read_from(tenant, Position(read), PAGE).await?;
                page.retain(|event| event.position.0 < size);
                let Some(last) = page.last().map(|event| event.position) else {
                    break;
                };
                read = last.0 + 1;
                let page = Arc::new(page);
                // Refused only if the thread is gone, which joining it will tell.
                let _ = pages.send(Arc::clone(&page)).await;
                if contents {
                    opened += self
                        .check_contents(tenant, &page, &mut content_errors)
                        .await?;
                }
                progress(read, size);
            }
            Ok::<(), LedgerError>(())
        }
        .await;
        drop(pages);
        let mut check = hashing.join().expect("checking an event does not panic");
        outcome?;
        check.errors.append(&mut content_errors);
        self.compare_subtrees(&mut check).await?;
        if check.frontier != tip.frontier {
            let found = check.frontier.size();
            check.fail(VerifyError::Head {
                stored: size,
                found,
            });
        }
        if let Some((published, _)) = check.published.filter(|(published, _)| *published > size) {
            check.fail(VerifyError::Published { size: published });
        }
        Ok(Verification {
            events: check.frontier.size(),
            root: check.frontier.root(),
            contents: opened,
            published: published.map(|head| head.size),
            errors: check.errors,
        })
    }

    async fn check_contents(
        &self,
        tenant: &TenantId,
        page: &[StoredEvent],
        errors: &mut Vec<VerifyError>,
    ) -> Result<u64, LedgerError> {
        let mut opened = 0;
        for event in page.iter().filter_map(|event| event.decode().ok()) {
            if event.envelope.content_commitment.is_none() {
                continue;
            }
            match self.open_contents(tenant, &[&event]).await {
                Ok(contents) => opened += u64::from(contents.get(event.position).is_some()),
                Err(LedgerError::ContentUnreadable(position)) => {
                    errors.push(VerifyError::Content(position));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(opened)
    }

    async fn compare_subtrees(&self, check: &mut Check) -> Result<(), LedgerError> {
        let mut by_level: HashMap<u8, Vec<SubtreeHash>> = HashMap::new();
        for subtree in std::mem::take(&mut check.completed) {
            by_level.entry(subtree.level).or_default().push(subtree);
        }
        for (level, wanted) in by_level {
            for wanted in wanted.chunks(PAGE) {
                let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else {
                    continue;
                };
                let stored = self
                    .parts
                    .store
                    .subtree_hashes(&check.tenant, level, first.index, last.index + 1)
                    .await?;
                let stored: HashMap<u64, Digest> = stored
                    .iter()
                    .map(|found| (found.index, found.hash))
                    .collect();
                for subtree in wanted {
                    if stored.get(&subtree.index) != Some(&subtree.hash) {
                        check.fail(VerifyError::Subtree {
                            level,
                            index: subtree.index,
                        });
                    }
                }
            }
        }
        Ok(())
    }
}

impl Check {
    fn fail(&mut self, error: VerifyError) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(error);
        }
    }

    fn take(&mut self, event: &StoredEvent) {
        let position = event.position;
        if position.0 != self.frontier.size() {
            self.fail(VerifyError::Gap {
                expected: self.frontier.size(),
                found: position,
            });
        }
        if log::leaf_entry(&event.salt.0, &event.envelope) != event.leaf_entry {
            self.fail(VerifyError::Leaf(position));
        }
        self.frontier
            .push(log::leaf_hash(event.leaf_entry), &mut self.completed);
        if let Some((size, root)) = self.published
            && self.frontier.size() == size
            && self.frontier.root() != root
        {
            self.fail(VerifyError::Published { size });
        }
        match serde_json::from_slice::<Checked<'_>>(&event.envelope) {
            Err(_) => self.fail(VerifyError::Envelope(position)),
            Ok(envelope) => self.take_envelope(position, &envelope),
        }
    }

    fn take_envelope(&mut self, position: Position, envelope: &Checked<'_>) {
        if envelope.tenant != self.tenant.as_str() {
            self.fail(VerifyError::Tenant(position));
        }
        // All are written in one form of one length, so that their order as text is their order in time.
        if *envelope.recorded_at < *self.last {
            self.fail(VerifyError::Time(position));
        }
        if *envelope.recorded_at != *self.last {
            self.last = (*envelope.recorded_at).into();
        }
        let expected = if let Some(version) = self.versions.get_mut(&*envelope.stream) {
            *version += 1;
            *version
        } else {
            self.versions.insert((*envelope.stream).into(), 1);
            1
        };
        if envelope.version != expected {
            self.versions
                .insert((*envelope.stream).into(), envelope.version);
            self.fail(VerifyError::Version {
                position,
                stream: (*envelope.stream).into(),
                expected,
                found: envelope.version,
            });
        }
    }
}
