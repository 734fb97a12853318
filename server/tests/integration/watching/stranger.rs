//! A watcher that is not ours: the crates `signed_note` and `tlog_tiles`, over HTTP. Nothing of this program's code
//! checks anything here.

use signed_note::{Note, StandardVerifier, Verifier, VerifierList};
use tlog_tiles::{
    Checkpoint, Hash, HashReader as _, Tile, TileHashReader, TileReader, check_tree, prove_tree,
    record_hash, stored_hash_index, tlog::Error,
};
use tokio::runtime::Handle;

/// Remembers the last head that it believed.
#[derive(Clone)]
pub(super) struct Stranger {
    key: String,
    pub(super) known: Option<(u64, Hash)>,
}

/// What it finds fault with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing is served.
    Absent,
    /// The head is not signed by the key.
    NotSigned,
    /// It is smaller than the one before.
    WentBack,
    /// Other events have the place of those before.
    Forked,
    /// The tiles are not those of the head.
    Tiles,
    /// The entries are not those of the tiles.
    Entries,
}

/// The tiles of a log, as `tlog_tiles` asks for them.
struct Http<'a>(&'a str);

fn get(url: &str) -> Option<Vec<u8>> {
    Handle::current().block_on(async {
        let response = reqwest::get(url).await.unwrap();
        if !response.status().is_success() {
            return None;
        }
        Some(response.bytes().await.unwrap().to_vec())
    })
}

impl TileReader for Http<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        let read = |tile: &Tile| {
            // Their paths name the height, which C2SP has fixed at 8 and left out.
            let path = tile.path().replacen("tile/8/", "tile/", 1);
            get(&format!("{}/{path}", self.0)).ok_or(Error::InvalidTile)
        };
        tiles.iter().map(read).collect()
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

impl Stranger {
    /// Who was given the log's key.
    pub(super) fn new(key: &impl ToString) -> Self {
        Self {
            key: key.to_string(),
            known: None,
        }
    }

    /// Looks, and remembers what it finds good; gives the size.
    pub(super) async fn look(&mut self, log: &str) -> Result<u64, Fault> {
        let (this, log) = (self.clone(), log.to_owned());
        let looked = tokio::task::spawn_blocking(move || this.looked(&log)).await;
        let (size, root) = looked.unwrap()?;
        self.known = Some((size, root));
        Ok(size)
    }

    fn looked(&self, log: &str) -> Result<(u64, Hash), Fault> {
        let note = get(&format!("{log}/checkpoint")).ok_or(Fault::Absent)?;
        let note = Note::from_bytes(&note).unwrap();
        let verifier: Box<dyn Verifier> = Box::new(StandardVerifier::new(&self.key).unwrap());
        let verified = note.verify(&VerifierList::new(vec![verifier]));
        verified.map_err(|_| Fault::NotSigned)?;
        let head = Checkpoint::from_bytes(note.text()).unwrap();
        let (size, root) = (head.size(), *head.hash());
        let http = Http(log);
        let tiles = TileHashReader::new(size, root, &http);
        if let Some((known, known_root)) = self.known {
            if size < known {
                return Err(Fault::WentBack);
            }
            if size == known {
                return if root == known_root {
                    Ok((size, root))
                } else {
                    Err(Fault::Forked)
                };
            }
            let proof = prove_tree(size, known, &tiles).map_err(|_| Fault::Tiles)?;
            check_tree(&proof, size, root, known, known_root).map_err(|_| Fault::Forked)?;
        }
        entries(log, size, &tiles)?;
        Ok((size, root))
    }
}

/// Each entry gives the leaf that the tree has in its place.
fn entries(log: &str, size: u64, tiles: &TileHashReader<'_>) -> Result<(), Fault> {
    let indexes: Vec<u64> = (0..size).map(|n| stored_hash_index(0, n)).collect();
    let leaves = tiles.read_hashes(&indexes).map_err(|_| Fault::Tiles)?;
    let mut hashes = Vec::new();
    for bundle in 0..size.div_ceil(256) {
        let width = (size - bundle * 256).min(256);
        let partial = if width < 256 {
            format!(".p/{width}")
        } else {
            String::new()
        };
        let url = format!("{log}/tile/entries/{bundle:03}{partial}");
        let bytes = get(&url).ok_or(Fault::Entries)?;
        let mut rest = &bytes[..];
        while let Some((length, after)) = rest.split_first_chunk::<2>() {
            let (entry, after) = after.split_at(u16::from_be_bytes(*length).into());
            hashes.push(record_hash(entry));
            rest = after;
        }
    }
    if hashes == leaves {
        Ok(())
    } else {
        Err(Fault::Entries)
    }
}
