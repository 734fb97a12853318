//! The tree as static files: 256 hashes or 256 leaf entries each, for tools that follow the ledger (C2SP tlog-tiles).
//!
//! Paths, encodings, and which stored hashes a tile consists of. **Invariant** (of whoever serves them): no tile shows
//! more of the tree than the last published head covers; [`Tile::is_within`] decides it.

use std::{fmt, str::FromStr};

use super::{frontier::STORED_LEVELS, tree::NodeRange};
use crate::ids::Digest;

/// Hashes or entries in a full tile.
pub const TILE_WIDTH: u16 = 256;
/// The highest level that a tree of 64-bit size has.
const LEVEL_MAX: u8 = 7;
/// No path of a 64-bit index is longer than this.
const PATH_BYTES_MAX: usize = 64;

/// A rectangle of the tree: up to 256 hashes side by side at one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    level: u8,
    index: u64,
    width: u16,
}

/// What is served under a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TilePath {
    /// `tile/<level>/<index>`: hashes of the tree, see [`encode_hash_tile`].
    Hashes(Tile),
    /// `tile/entries/<index>`: the leaf entries below a tile of level 0, see [`encode_entry_bundle`].
    Entries(Tile),
}

/// A path that names no tile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{given:?} names no tile: paths look like 'tile/0/x001/x234/067', 'tile/1/000.p/17' or 'tile/entries/000' (C2SP tlog-tiles), with levels 0 to 7"
)]
pub struct InvalidTilePath {
    /// The path, cut to 80 characters.
    pub given: String,
}

impl Tile {
    /// The tile at this place as a tree of `size` leaves has it: full, partial, or `None` if it would be empty.
    ///
    /// `level` counts tiles, each eight levels of the tree high; 0 holds leaf hashes.
    pub fn at(level: u8, index: u64, size: u64) -> Option<Self> {
        let first = index.checked_mul(TILE_WIDTH.into())?;
        let available = hashes_at(level, size).checked_sub(first)?;
        let width = u16::try_from(available).unwrap_or(u16::MAX).min(TILE_WIDTH);
        (width > 0).then_some(Self {
            level,
            index,
            width,
        })
    }

    /// Whether a tree of `size` leaves has all of this tile's hashes.
    pub fn is_within(&self, size: u64) -> bool {
        Self::at(self.level, self.index, size).is_some_and(|widest| self.width <= widest.width)
    }

    /// Its level; each is eight levels of the tree high.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// Its place within the level.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Its hashes: 256, or fewer at the right edge of the tree.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it holds all 256 hashes that it ever will.
    pub fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }

    /// The stored hashes it consists of: leaf hashes at level 0, else subtree hashes at eight times its level.
    pub fn node_range(&self) -> NodeRange {
        let start = self.index * u64::from(TILE_WIDTH);
        NodeRange {
            level: self.level * STORED_LEVELS,
            start,
            end: start + u64::from(self.width),
        }
    }
}

/// How many hashes a tree of `size` leaves has at a tile level: complete subtrees only.
fn hashes_at(level: u8, size: u64) -> u64 {
    size.checked_shr(u32::from(level) * u32::from(STORED_LEVELS))
        .unwrap_or(0)
}

impl TilePath {
    /// The tile it names. For entries, the tile of their leaf hashes.
    pub fn tile(&self) -> &Tile {
        match self {
            Self::Hashes(tile) | Self::Entries(tile) => tile,
        }
    }
}

/// The path below the log's URL, without a leading slash.
impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tile = match self {
            Self::Hashes(tile) => {
                write!(f, "tile/{}", tile.level)?;
                tile
            }
            Self::Entries(tile) => {
                f.write_str("tile/entries")?;
                tile
            }
        };
        let mut groups = vec![tile.index % 1000];
        let mut rest = tile.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for (more, group) in groups.iter().enumerate().rev() {
            let x = if more > 0 { "x" } else { "" };
            write!(f, "/{x}{group:03}")?;
        }
        if !tile.is_full() {
            write!(f, ".p/{}", tile.width)?;
        }
        Ok(())
    }
}

impl FromStr for TilePath {
    type Err = InvalidTilePath;

    fn from_str(path: &str) -> Result<Self, InvalidTilePath> {
        // One tile has one path, so what does not print as it was read is not a path.
        parse_path(path)
            .filter(|parsed| parsed.to_string() == path)
            .ok_or_else(|| InvalidTilePath {
                given: path.chars().take(80).collect(),
            })
    }
}

/// Reads a path leniently.
fn parse_path(path: &str) -> Option<TilePath> {
    if path.len() > PATH_BYTES_MAX {
        return None;
    }
    let (kind, place) = path.strip_prefix("tile/")?.split_once('/')?;
    let (groups, width) = match place.split_once(".p/") {
        Some((groups, width)) => (groups, width.parse().ok()?),
        None => (place, TILE_WIDTH),
    };
    let index = groups.split('/').try_fold(0_u64, |index, group| {
        let group: u16 = group.trim_start_matches('x').parse().ok()?;
        index.checked_mul(1000)?.checked_add(group.into())
    })?;
    let (level, as_path): (u8, fn(Tile) -> TilePath) = match kind {
        "entries" => (0, TilePath::Entries),
        level => (level.parse().ok()?, TilePath::Hashes),
    };
    let shaped = level <= LEVEL_MAX
        && (1..=TILE_WIDTH).contains(&width)
        && index < u64::MAX / u64::from(TILE_WIDTH);
    shaped.then(|| {
        as_path(Tile {
            level,
            index,
            width,
        })
    })
}

/// The bytes of a tile of hashes: 32 bytes each, in order.
pub fn encode_hash_tile(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The bytes of an entry bundle: each leaf entry after its length in two bytes, big-endian.
pub fn encode_entry_bundle(entries: &[Digest]) -> Vec<u8> {
    let encode = |entry: &Digest| {
        let mut encoded = [0; 34];
        encoded[1] = 32;
        encoded[2..].copy_from_slice(&entry.0);
        encoded
    };
    entries.iter().flat_map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{leaf::sha256, tests::reference};

    fn tile(level: u8, index: u64, width: u16) -> Tile {
        Tile {
            level,
            index,
            width,
        }
    }

    #[test]
    fn paths_are_those_of_the_specification() {
        for (path, expected) in [
            (
                "tile/0/x001/x234/067",
                TilePath::Hashes(tile(0, 1_234_067, 256)),
            ),
            (
                "tile/0/x001/x234/067.p/89",
                TilePath::Hashes(tile(0, 1_234_067, 89)),
            ),
            ("tile/0/000", TilePath::Hashes(tile(0, 0, 256))),
            ("tile/3/999.p/1", TilePath::Hashes(tile(3, 999, 1))),
            (
                "tile/1/x001/000.p/255",
                TilePath::Hashes(tile(1, 1_000, 255)),
            ),
            (
                "tile/entries/x001/x234/067",
                TilePath::Entries(tile(0, 1_234_067, 256)),
            ),
            (
                "tile/entries/273.p/112",
                TilePath::Entries(tile(0, 273, 112)),
            ),
        ] {
            assert_eq!(path.parse(), Ok(expected), "{path}");
            assert_eq!(expected.to_string(), path);
        }
    }

    #[test]
    fn a_path_in_another_form_is_refused() {
        for path in [
            "",
            "tile",
            "tile/0",
            "tile/0/",
            "/tile/0/000",
            "tile/0/0",
            "tile/0/00",
            "tile/0/0000",
            "tile/0/x000",
            "tile/0/x000/001",
            "tile/0/001/002",
            "tile/0/xx001/002",
            "tile/0/1000",
            "tile/0/+01",
            "tile/0/-01",
            "tile/00/000",
            "tile/+0/000",
            "tile/8/000",
            "tile/64/000",
            "tile/data/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/257",
            "tile/0/000.p/01",
            "tile/0/000.p/",
            "tile/0/000.p/1/",
            "tile/0/000.p/1.p/1",
            "tile/0/x018/x446/x744/x073/x709/x551/615",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert!(path.parse::<TilePath>().is_err(), "{path:?} was accepted");
        }
    }

    #[test]
    fn a_tree_of_70_000_leaves_has_the_tiles_the_specification_counts() {
        let size = 70_000;
        let tiles = |level| -> Vec<u16> {
            (0..)
                .map_while(|index| Tile::at(level, index, size))
                .map(|tile| tile.width())
                .collect()
        };
        let leaves = tiles(0);
        assert_eq!(leaves.len(), 274);
        assert!(leaves[..273].iter().all(|width| *width == 256));
        assert_eq!(leaves[273], 112);
        assert_eq!(tiles(1), [256, 17]);
        assert_eq!(tiles(2), [1]);
        assert!(tiles(3).is_empty());
        // "a tree of size 256 will be represented by a full level 0 tile and a partial level 1 tile of width 1"
        assert!(Tile::at(0, 0, 256).unwrap().is_full());
        assert_eq!(Tile::at(1, 0, 256).unwrap().width(), 1);
        assert_eq!(Tile::at(0, 1, 256), None);
        assert_eq!(Tile::at(0, 0, 0), None);
        assert_eq!(Tile::at(255, 0, u64::MAX), None);
        assert_eq!(Tile::at(0, u64::MAX, u64::MAX), None);
    }

    #[test]
    fn a_tile_is_shown_only_once_the_head_covers_it() {
        assert!(tile(0, 273, 112).is_within(70_000));
        assert!(tile(0, 273, 40).is_within(70_000));
        assert!(!tile(0, 273, 113).is_within(70_000));
        assert!(!tile(0, 274, 1).is_within(70_000));
        assert!(!tile(1, 1, 18).is_within(70_000));
        assert!(tile(1, 1, 18).is_within(70_144));
    }

    #[test]
    fn a_tile_names_the_stored_hashes_it_consists_of() {
        let range = |level, start, end| NodeRange { level, start, end };
        assert_eq!(tile(0, 2, 256).node_range(), range(0, 512, 768));
        assert_eq!(tile(0, 273, 112).node_range(), range(0, 69_888, 70_000));
        assert_eq!(tile(1, 1, 17).node_range(), range(8, 256, 273));
        assert_eq!(tile(2, 0, 1).node_range(), range(16, 0, 1));
        assert_eq!(tile(7, 0, 3).node_range(), range(56, 0, 3));
    }

    #[test]
    fn a_bundle_gives_each_entry_after_its_length() {
        let entries = [reference::entry(0), sha256(b"second")];
        let bundle = encode_entry_bundle(&entries);
        assert_eq!(bundle.len(), 68);
        assert_eq!(bundle[..2], [0, 32]);
        assert_eq!(bundle[2..34], entries[0].0);
        assert_eq!(bundle[34..36], [0, 32]);
        assert_eq!(bundle[36..], entries[1].0);
        assert_eq!(
            encode_hash_tile(&entries),
            [entries[0].0, entries[1].0].concat()
        );
    }
}
