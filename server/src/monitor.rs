//! Following a log that somebody else keeps: that its newest head is signed by the keys it should be, and that the log
//! of the last look is the beginning of the log of now.
//!
//! Everything is proved from what the log serves as C2SP tlog-tiles, and from the head that was kept. No word of its
//! keeper is believed but what its key has signed. What is served beside the head (tiles, entries, keys) is not signed:
//! it is checked against the signed roots, and proves nothing alone.
//!
//! - [`source`]: getting what the log serves.
//! - [`trust`]: which keys sign, also after they were changed.
//! - [`history`]: that one log is the beginning of the other.
//! - [`entries`]: every entry, hashed again.
//! - [`memory`]: what is remembered from one look to the next.
//! - [`evidence`]: what is kept of a conflict.

pub(crate) mod entries;
pub(crate) mod evidence;
pub(crate) mod history;
pub(crate) mod memory;
pub(crate) mod source;
#[cfg(test)]
mod tests;
pub(crate) mod trust;

use std::path::PathBuf;

use ledger_core::{
    ids::Digest,
    log::{HeadError, Origin, SignedHead, TilePath, TreeHead, VerifierKey},
};

use self::{
    history::{Comparison, Tiles},
    source::Source,
    trust::Rotation,
};

/// What a look has found.
#[derive(Debug)]
pub(crate) struct Look {
    /// The head that the log shows.
    pub(crate) shown: SignedHead,
    /// What it is to the head that was known.
    pub(crate) finding: Finding,
    /// Keys that came to be trusted, because those trusted before vouch for them.
    pub(crate) rotations: Vec<Rotation>,
    /// The tiles that were fetched, for whoever wants to check again.
    pub(crate) tiles: Vec<(TilePath, Vec<u8>)>,
    /// How many entries were hashed again, if that was asked for.
    pub(crate) entries: Option<u64>,
}

/// How the head that a log shows stands to one that was known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Nothing was known.
    First,
    /// The same head.
    Unchanged,
    /// The known log is the beginning of the one shown.
    Grown {
        /// What was known.
        known: TreeHead,
    },
    /// The log shows less than it did.
    WentBack {
        /// What was known.
        known: SignedHead,
    },
    /// The log has two histories.
    Forked {
        /// What was known.
        known: SignedHead,
        /// The root that the log shown has at the known size.
        root_there: Digest,
    },
}

/// Why a look has found nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MonitorError {
    /// It cannot be asked.
    #[error("{url} cannot be reached: {why}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// Why not.
        why: String,
    },
    /// There is nothing at the address.
    #[error(
        "there is no log at {url}: the address is that of a log, such as https://ledger.solvik.example/tlog/solvik, and \
         its keeper may have closed it to the public"
    )]
    NoLog {
        /// What was asked for.
        url: String,
    },
    /// What is shown as the head is none.
    #[error("{url} shows no tree head: {source}")]
    NoHead {
        /// What was asked for.
        url: String,
        /// What is wrong with it.
        source: HeadError,
    },
    /// The head names a trusted key that did not sign it.
    #[error("THE SIGNATURE IS WRONG: {source}")]
    BadSignature {
        /// Whose, and of what.
        source: HeadError,
    },
    /// The head is of this log, but nobody who is trusted signed it.
    #[error(
        "THE HEAD IS NOT SIGNED BY A KEY THAT YOU TRUST. It is of {origin} and signed by {signers}. A changed key is \
         vouched for by the one before, and nothing vouches for this one. Ask the log's keeper for its key by another \
         way than this address, and give it with --vkey"
    )]
    UnknownKey {
        /// The log.
        origin: Origin,
        /// Names of the keys that signed.
        signers: String,
    },
    /// The address shows another log.
    #[error(
        "ANOTHER LOG IS SHOWN: {shown} instead of {expected}. A ledger goes on under another name when its database \
         was restored from a backup and published events are missing; its event ledger_recovered then says how many. \
         The head that you have kept still proves what was published. Ask the log's keeper what happened and for the \
         new key, by another way than this address, and watch the new log with a new --state file"
    )]
    OtherLog {
        /// The name that the head shows.
        shown: Origin,
        /// The name that the trusted keys have.
        expected: Origin,
    },
    /// Tiles or entries that do not belong to the head.
    #[error(
        "THE LOG DOES NOT LEAD TO ITS HEAD: {what} An event was rewritten or dropped behind the head, or what was \
         fetched was damaged on its way. Look again; if it stays so, ask the log's keeper"
    )]
    NotWhole {
        /// Which part, in a sentence.
        what: String,
    },
    /// What was remembered cannot be used.
    #[error("{}: {problem}", path.display())]
    Memory {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        problem: String,
    },
}

/// Looks at a log once: `known` is the head of the last look, `keys` those that are trusted, to which a change of the
/// signing key may add.
///
/// With `entries` every entry that came since is fetched and hashed again. `progress` is told how many of how many.
pub(crate) async fn look(
    source: &dyn Source,
    keys: &mut Vec<VerifierKey>,
    known: Option<&SignedHead>,
    entries: bool,
    progress: &(dyn Fn(u64, u64) + Send + Sync),
) -> Result<Look, MonitorError> {
    let (shown, rotations) = trust::newest_head(source, keys).await?;
    let head = shown.claimed();
    let mut tiles = Tiles::of(source, head.size);
    let mut finding = match known {
        None => {
            history::leads_to(&mut tiles, head).await?;
            Finding::First
        }
        Some(known) => against(&mut tiles, known, head).await?,
    };
    // A key is changed at a head, which is as much a promise as the one that was kept.
    for rotation in &rotations {
        if matches!(finding, Finding::WentBack { .. } | Finding::Forked { .. }) {
            break;
        }
        let there = against(&mut tiles, &rotation.head, head).await?;
        if matches!(there, Finding::WentBack { .. } | Finding::Forked { .. }) {
            finding = there;
        }
    }
    let mut hashed = None;
    if entries
        && matches!(
            finding,
            Finding::First | Finding::Grown { .. } | Finding::Unchanged
        )
    {
        let from = known.map_or(0, |known| known.claimed().size);
        hashed = Some(entries::hashed_again(source, &mut tiles, from, head, progress).await?);
    }
    Ok(Look {
        finding,
        rotations,
        tiles: tiles.fetched(),
        entries: hashed,
        shown,
    })
}

async fn against(
    tiles: &mut Tiles<'_>,
    known: &SignedHead,
    shown: &TreeHead,
) -> Result<Finding, MonitorError> {
    let before = known.claimed();
    if shown.size < before.size {
        return Ok(Finding::WentBack {
            known: known.clone(),
        });
    }
    if shown.size == before.size {
        return Ok(if shown.root == before.root {
            Finding::Unchanged
        } else {
            Finding::Forked {
                known: known.clone(),
                root_there: shown.root,
            }
        });
    }
    Ok(match history::compare(tiles, before, shown).await? {
        Comparison::Beginning => Finding::Grown {
            known: before.clone(),
        },
        Comparison::OtherBeginning(root_there) => Finding::Forked {
            known: known.clone(),
            root_there,
        },
    })
}
