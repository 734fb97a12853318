//! Logs in memory: honest ones, and ones whose keeper lies.

use std::collections::BTreeMap;

use async_trait::async_trait;
use ledger_core::{
    ids::Digest,
    log::{
        Frontier, SignedHead, SigningKey, SubtreeHash, TilePath, TreeHead, VerifierKey,
        encode_entry_bundle, encode_hash_tile, leaf_hash,
    },
};

use super::{Finding, Look, MonitorError, look, source::Source};

const ORIGIN: &str = "ledger.example/solvik";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(ORIGIN.parse().unwrap(), &[seed; 32])
}

/// A log that is served as it stands, with whatever a test puts in its place.
#[derive(Default)]
struct Served {
    entries: Vec<Digest>,
    subtrees: Vec<SubtreeHash>,
    frontier: Option<Frontier>,
    texts: BTreeMap<String, String>,
    /// Tiles that are served instead of the log's own; nothing = they are not there.
    tiles: BTreeMap<String, Option<Vec<u8>>>,
}

fn entry(number: u64, history: u8) -> Digest {
    let mut bytes = [history; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Digest(bytes)
}

impl Served {
    /// A log of so many entries, of which those from `parts_at` on are another history's.
    fn of(size: u64, parts_at: u64, history: u8) -> Self {
        let entries: Vec<Digest> = (0..size)
            .map(|number| entry(number, if number < parts_at { 0 } else { history }))
            .collect();
        let (mut frontier, mut subtrees) = (Frontier::EMPTY, Vec::new());
        frontier.extend(entries.iter().copied().map(leaf_hash), &mut subtrees);
        let mut served = Self {
            entries,
            subtrees,
            frontier: Some(frontier),
            ..Self::default()
        };
        let signed = served.head(&[&key(1)]);
        served.show("checkpoint", &signed);
        served
    }

    fn honest(size: u64) -> Self {
        Self::of(size, size, 0)
    }

    fn head(&self, keys: &[&SigningKey]) -> SignedHead {
        let frontier = self.frontier.as_ref().unwrap();
        let head = TreeHead {
            origin: keys[0].verifier().origin().clone(),
            size: frontier.size(),
            root: frontier.root(),
        };
        SignedHead::sign(head, keys).unwrap()
    }

    fn show(&mut self, path: &str, text: &impl ToString) {
        self.texts.insert(path.into(), text.to_string());
    }

    async fn looked_at(
        &self,
        known: Option<&SignedHead>,
        entries: bool,
    ) -> Result<Look, MonitorError> {
        let mut keys = vec![key(1).verifier().clone()];
        look(self, &mut keys, known, entries, &|_, _| ()).await
    }
}

#[async_trait]
impl Source for Served {
    fn address(&self) -> String {
        "memory".into()
    }

    async fn text(&self, path: &str) -> Result<Option<String>, MonitorError> {
        Ok(self.texts.get(path).cloned())
    }

    async fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, MonitorError> {
        if let Some(instead) = self.tiles.get(&path.to_string()) {
            return Ok(instead.clone());
        }
        let range = path.tile().node_range();
        let indexes = range.start..range.end;
        let hashes: Vec<Digest> = if range.level == 0 {
            let (start, end) = (
                usize::try_from(range.start).unwrap(),
                usize::try_from(range.end).unwrap(),
            );
            let Some(entries) = self.entries.get(start..end) else {
                return Ok(None);
            };
            if matches!(path, TilePath::Entries(_)) {
                return Ok(Some(encode_entry_bundle(entries)));
            }
            entries.iter().copied().map(leaf_hash).collect()
        } else {
            let here = |subtree: &&SubtreeHash| {
                subtree.level == range.level && indexes.contains(&subtree.index)
            };
            let found = self.subtrees.iter().filter(here);
            found.map(|subtree| subtree.hash).collect()
        };
        Ok(Some(encode_hash_tile(&hashes)))
    }
}

/// Sizes on either side of every edge that tiles have.
const SIZES: [u64; 12] = [
    1, 2, 3, 255, 256, 257, 300, 512, 513, 65_536, 65_537, 66_000,
];

#[tokio::test]
async fn a_log_that_grew_is_consistent_at_every_size() {
    for before in SIZES {
        let known = Served::honest(before).head(&[&key(1)]);
        for after in SIZES.into_iter().filter(|after| *after >= before) {
            let seen = Served::honest(after)
                .looked_at(Some(&known), true)
                .await
                .unwrap();
            let expected = if after == before {
                Finding::Unchanged
            } else {
                Finding::Grown {
                    known: known.claimed().clone(),
                }
            };
            assert_eq!(seen.finding, expected, "{before} to {after}");
            assert_eq!(seen.entries, Some(after - before));
            // Two edges, at most a tile for each level of each.
            assert!(seen.tiles.len() <= 6, "{} tiles", seen.tiles.len());
        }
    }
}

#[tokio::test]
async fn a_past_that_was_changed_is_a_fork_at_every_size() {
    for before in SIZES {
        let known = Served::honest(before).head(&[&key(1)]);
        for after in SIZES.into_iter().filter(|after| *after >= before) {
            let other = Served::of(after, before / 2, 9);
            let seen = other.looked_at(Some(&known), false).await.unwrap();
            let root_there = Served::of(before, before / 2, 9).frontier.unwrap().root();
            let expected = Finding::Forked {
                known: known.clone(),
                root_there,
            };
            assert_eq!(seen.finding, expected, "{before} to {after}");
        }
    }
}

#[tokio::test]
async fn a_log_that_shows_less_went_back() {
    let known = Served::honest(300).head(&[&key(1)]);
    let seen = Served::honest(299)
        .looked_at(Some(&known), true)
        .await
        .unwrap();
    assert_eq!(seen.finding, Finding::WentBack { known });
}

#[tokio::test]
async fn tiles_that_do_not_lead_to_the_head_prove_nothing_but_damage() {
    let known = Served::honest(300).head(&[&key(1)]);
    let mut log = Served::honest(520);
    let other = Served::of(520, 270, 9);
    // The right head, and a tile of another history.
    let path: TilePath = "tile/0/001".parse().unwrap();
    let lie = other.tile(&path).await.unwrap();
    log.tiles.insert(path.to_string(), lie);
    let seen = log.looked_at(Some(&known), false).await;
    assert!(
        matches!(seen, Err(MonitorError::NotWhole { .. })),
        "{seen:?}"
    );
    // The known head's own tiles, under a head of another history: they lead to what is known and not to what is shown.
    let mut other = other;
    let path: TilePath = "tile/0/001".parse().unwrap();
    let lie = Served::honest(520).tile(&path).await.unwrap();
    other.tiles.insert(path.to_string(), lie);
    let seen = other.looked_at(Some(&known), false).await;
    assert!(
        matches!(seen, Err(MonitorError::NotWhole { .. })),
        "{seen:?}"
    );
}

#[tokio::test]
async fn an_entry_that_is_not_the_one_in_the_tree_is_found_with_entries_alone() {
    let mut log = Served::honest(520);
    let path: TilePath = "tile/entries/001".parse().unwrap();
    let lie = Served::of(520, 300, 9).tile(&path).await.unwrap();
    log.tiles.insert(path.to_string(), lie);
    assert!(log.looked_at(None, false).await.is_ok());
    let seen = log.looked_at(None, true).await;
    assert!(
        matches!(seen, Err(MonitorError::NotWhole { .. })),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_partial_tile_that_was_taken_away_is_read_from_the_full_one() {
    let known = Served::honest(300).head(&[&key(1)]);
    let mut log = Served::honest(520);
    let full = log.tile(&"tile/0/002.p/8".parse().unwrap()).await.unwrap();
    let mut full = full.unwrap();
    full.resize(8_192, 7);
    log.tiles.insert("tile/0/002.p/8".into(), None);
    log.tiles.insert("tile/0/002".into(), Some(full));
    assert!(log.looked_at(Some(&known), false).await.is_ok());
    log.tiles.insert("tile/0/002".into(), None);
    let seen = log.looked_at(Some(&known), false).await.unwrap_err();
    assert!(
        seen.to_string()
            .contains("tile/0/002.p/8 is not there, which the head needs"),
        "{seen}"
    );
}

#[tokio::test]
async fn a_changed_key_is_trusted_if_the_one_before_vouches_for_it() {
    let (first, second, third) = (key(1), key(2), key(3));
    let keys = [&first, &second, &third].map(|key| key.verifier().to_string());
    let mut log = Served::honest(400);
    let newest = log.head(&[&third]);
    log.show("checkpoint", &newest);
    log.show("vkey", &keys.join("\n"));
    log.show("rotations", &"rotation/9\nrotation/20\n../../secret\n");
    log.show("rotation/9", &Served::honest(10).head(&[&first, &second]));
    log.show("rotation/20", &Served::honest(21).head(&[&second, &third]));

    let known = Served::honest(5).head(&[&first]);
    let mut trusted = vec![first.verifier().clone()];
    let seen = look(&log, &mut trusted, Some(&known), false, &|_, _| ()).await;
    let seen = seen.unwrap();
    let learned: Vec<&VerifierKey> = seen.rotations.iter().map(|known| &known.key).collect();
    assert_eq!(learned, [second.verifier(), third.verifier()]);
    assert_eq!(trusted.len(), 3);
    assert!(matches!(seen.finding, Finding::Grown { .. }));

    // Nobody vouches for the third.
    log.show("rotation/20", &Served::honest(21).head(&[&third]));
    let seen = log.looked_at(Some(&known), false).await;
    assert!(
        matches!(seen, Err(MonitorError::UnknownKey { .. })),
        "{seen:?}"
    );
    // Vouched for at a head that is not of this history.
    log.show(
        "rotation/20",
        &Served::of(21, 3, 9).head(&[&second, &third]),
    );
    let seen = log.looked_at(Some(&known), false).await.unwrap();
    assert!(matches!(seen.finding, Finding::Forked { .. }), "{seen:?}");
}

#[tokio::test]
async fn whose_head_it_is_is_said() {
    let mut log = Served::honest(300);
    let good = log.texts["checkpoint"].clone();
    log.show("checkpoint", &good.replace("\n300\n", "\n301\n"));
    let seen = log.looked_at(None, false).await;
    assert!(
        matches!(seen, Err(MonitorError::BadSignature { .. })),
        "{seen:?}"
    );
    let stranger = SigningKey::from_seed("ledger.example/solvik-2".parse().unwrap(), &[1; 32]);
    let recovered = log.head(&[&stranger]);
    log.show("checkpoint", &recovered);
    let seen = log.looked_at(None, false).await.unwrap_err();
    assert!(matches!(seen, MonitorError::OtherLog { .. }), "{seen}");
    assert!(seen.to_string().contains("ledger_recovered"), "{seen}");
    log.show("checkpoint", &"<html>");
    let seen = log.looked_at(None, false).await;
    assert!(matches!(seen, Err(MonitorError::NoHead { .. })), "{seen:?}");
    log.texts.clear();
    let seen = log.looked_at(None, false).await;
    assert!(matches!(seen, Err(MonitorError::NoLog { .. })), "{seen:?}");
}
