//! Which keys sign a log's heads. Whoever trusts one key comes to trust the next, because both signed the head at which
//! the key was changed.

use ledger_core::log::{HeadError, NoteError, SignedHead, VerifierKey};

use super::{MonitorError, source::Source};

/// How many changes of the key are followed.
const ROTATIONS_MAX: usize = 256;

/// A change of the signing key that a trusted key vouches for.
#[derive(Debug, Clone)]
pub(crate) struct Rotation {
    /// The head that both keys signed.
    pub(crate) head: SignedHead,
    /// The key that is trusted from here on.
    pub(crate) key: VerifierKey,
}

/// The head that a log shows, signed by a key that is trusted, or that those trusted vouch for: these are added.
///
/// `keys` holds at least one key, and all are of one log.
pub(crate) async fn newest_head(
    source: &dyn Source,
    keys: &mut Vec<VerifierKey>,
) -> Result<(SignedHead, Vec<Rotation>), MonitorError> {
    let url = format!("{}/checkpoint", source.address());
    let text = source.text("checkpoint").await?;
    let text = text.ok_or_else(|| MonitorError::NoLog { url: url.clone() })?;
    let shown: SignedHead = text
        .parse()
        .map_err(|source| MonitorError::NoHead { url, source })?;
    let mut rotations = Vec::new();
    let mut verified = shown.verify(keys);
    let by_others = matches!(verified, Err(HeadError::Note(NoteError::UnknownSigners)));
    if by_others
        && keys
            .iter()
            .any(|key| *key.origin() == shown.claimed().origin)
    {
        rotations = learned(source, keys).await?;
        verified = shown.verify(keys);
    }
    match verified {
        Ok(_) => Ok((shown, rotations)),
        Err(HeadError::Note(NoteError::UnknownSigners)) => Err(not_trusted(&shown, &text, keys)),
        // By a trusted key, of another text; or by one of another log than the head says.
        Err(source) => Err(MonitorError::BadSignature { source }),
    }
}

fn not_trusted(shown: &SignedHead, text: &str, keys: &[VerifierKey]) -> MonitorError {
    let origin = shown.claimed().origin.clone();
    match keys.first().map(VerifierKey::origin) {
        Some(expected) if *expected != origin => MonitorError::OtherLog {
            shown: origin,
            expected: expected.clone(),
        },
        _ => {
            let signers = text.lines().filter_map(|line| line.strip_prefix("— "));
            let signers: Vec<&str> = signers
                .map(|line| line.split(' ').next().unwrap_or(line))
                .collect();
            MonitorError::UnknownKey {
                origin,
                signers: signers.join(", "),
            }
        }
    }
}

/// Follows the changes of the key from those that are trusted. What the log lists is only tried: a key is added when a
/// head says so that a trusted key has signed.
async fn learned(
    source: &dyn Source,
    keys: &mut Vec<VerifierKey>,
) -> Result<Vec<Rotation>, MonitorError> {
    let listed = source.text("vkey").await?.unwrap_or_default();
    let listed: Vec<VerifierKey> = listed
        .lines()
        .filter_map(|line| line.parse().ok())
        .take(ROTATIONS_MAX)
        .collect();
    let paths = source.text("rotations").await?.unwrap_or_default();
    let mut rotations = Vec::new();
    for path in paths.lines().take(ROTATIONS_MAX) {
        if !is_rotation(path) {
            continue;
        }
        let head = source.text(path).await?.and_then(|text| text.parse().ok());
        let Some(head) = head.filter(|head: &SignedHead| head.verify(keys).is_ok()) else {
            continue;
        };
        for key in &listed {
            if !keys.contains(key) && head.verify(std::slice::from_ref(key)).is_ok() {
                keys.push(key.clone());
                rotations.push(Rotation {
                    head: head.clone(),
                    key: key.clone(),
                });
            }
        }
    }
    Ok(rotations)
}

/// A list that is not trusted names paths of this one form, and no others are asked for.
fn is_rotation(path: &str) -> bool {
    path.strip_prefix("rotation/")
        .is_some_and(|position| position.parse::<u64>().is_ok())
}
