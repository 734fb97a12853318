//! That the log of one head is the beginning of the log of another, from the tiles that the proof takes.

use std::collections::BTreeMap;

use ledger_core::{
    ids::Digest,
    log::{
        self, Frontier, NodeRange, NodeSource, Tile, TilePath, TreeError, TreeHead,
        frontier::STORED_LEVELS,
    },
};

use super::{MonitorError, source::Source};

/// How two heads of one log stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// The earlier is the beginning of the later.
    Beginning,
    /// The later has another beginning, whose root at the earlier size is this.
    OtherBeginning(Digest),
}

/// The tiles of the log of one size, fetched when they are needed and once.
pub(crate) struct Tiles<'a> {
    source: &'a dyn Source,
    size: u64,
    fetched: BTreeMap<String, (TilePath, Vec<u8>)>,
    nodes: NodeSource,
}

impl<'a> Tiles<'a> {
    /// Those of a log of `size` entries.
    pub(crate) fn of(source: &'a dyn Source, size: u64) -> Self {
        Self {
            source,
            size,
            fetched: BTreeMap::new(),
            nodes: NodeSource::default(),
        }
    }

    /// What was fetched until now.
    pub(crate) fn fetched(self) -> Vec<(TilePath, Vec<u8>)> {
        self.fetched.into_values().collect()
    }

    /// Fetches what a plan takes.
    async fn fetch(&mut self, plan: &[NodeRange]) -> Result<(), MonitorError> {
        for range in plan {
            let tile = Tile::at(range.level / STORED_LEVELS, range.start / 256, self.size);
            let path = TilePath::Hashes(tile.ok_or_else(|| not_whole("a tile is missing."))?);
            if self.fetched.contains_key(&path.to_string()) {
                continue;
            }
            let bytes = get(self.source, &path, 32).await?;
            let (hashes, _) = bytes.as_chunks::<32>();
            let hashes = hashes.iter().copied().map(Digest).collect();
            let start = path.tile().node_range().start;
            self.nodes.insert_subtrees(range.level, start, hashes);
            self.fetched.insert(path.to_string(), (path, bytes));
        }
        Ok(())
    }

    /// The right edge of the log of an earlier size.
    pub(crate) async fn frontier_at(&mut self, size: u64) -> Result<Frontier, MonitorError> {
        self.fetch(&log::root_plan(size)).await?;
        Ok(log::frontier_at(size, &self.nodes)?)
    }

    async fn root_at(&mut self, size: u64) -> Result<Digest, MonitorError> {
        self.fetch(&log::root_plan(size)).await?;
        Ok(log::root_at(size, &self.nodes)?)
    }
}

/// A tile or a bundle of the log: exactly as many pieces of this size as its path says.
///
/// A log may have taken a partial tile away when it became full (C2SP tlog-tiles, "Partial Tiles"); then its beginning
/// is taken of the full one.
pub(crate) async fn get(
    source: &dyn Source,
    path: &TilePath,
    piece_bytes: usize,
) -> Result<Vec<u8>, MonitorError> {
    let wanted = usize::from(path.tile().width()) * piece_bytes;
    if let Some(bytes) = source.tile(path).await? {
        if bytes.len() == wanted {
            return Ok(bytes);
        }
        return Err(not_whole(format!(
            "{path} has {} bytes instead of {wanted}.",
            bytes.len()
        )));
    }
    if let Some(full) = full(path)
        && let Some(mut bytes) = source.tile(&full).await?
        && bytes.len() >= wanted
    {
        bytes.truncate(wanted);
        return Ok(bytes);
    }
    Err(not_whole(format!(
        "{path} is not there, which the head needs."
    )))
}

/// The path of the full tile in the place of a partial one.
fn full(path: &TilePath) -> Option<TilePath> {
    let tile = path.tile();
    let full = Tile::at(tile.level(), tile.index(), u64::MAX)?;
    (!tile.is_full()).then_some(match path {
        TilePath::Hashes(_) => TilePath::Hashes(full),
        TilePath::Entries(_) => TilePath::Entries(full),
    })
}

/// Checks that the tiles of a log give the root that its head says.
pub(crate) async fn leads_to(tiles: &mut Tiles<'_>, head: &TreeHead) -> Result<(), MonitorError> {
    let root = tiles.root_at(head.size).await?;
    if root == head.root {
        return Ok(());
    }
    Err(not_whole(format!(
        "its tiles give the root {root} for {} entries, and the head says {}.",
        head.size, head.root
    )))
}

/// Compares a head with a later one, whose tiles these are. Both signatures were checked before.
///
/// Tiles are not signed. They prove that the log has another beginning only if they lead to the later root: otherwise
/// they are not the tiles of that head, and prove nothing.
pub(crate) async fn compare(
    tiles: &mut Tiles<'_>,
    earlier: &TreeHead,
    later: &TreeHead,
) -> Result<Comparison, MonitorError> {
    let plan = log::consistency_plan(earlier.size, later.size)?;
    tiles.fetch(&plan).await?;
    let proof = log::consistency_proof(earlier.size, later.size, &tiles.nodes)?;
    let leads_from = |root: Digest| {
        log::verify_consistency(earlier.size, root, later.size, later.root, &proof).is_ok()
    };
    if leads_from(earlier.root) {
        return Ok(Comparison::Beginning);
    }
    let root_there = tiles.root_at(earlier.size).await?;
    if leads_from(root_there) {
        return Ok(Comparison::OtherBeginning(root_there));
    }
    Err(not_whole(format!(
        "its tiles do not give the root {} that the head of {} entries says.",
        later.root, later.size
    )))
}

impl From<TreeError> for MonitorError {
    /// Of a question to tiles: they are not all there.
    fn from(error: TreeError) -> Self {
        not_whole(format!("{error}."))
    }
}

/// What is served does not belong to the head that is shown.
pub(crate) fn not_whole(what: impl Into<String>) -> MonitorError {
    MonitorError::NotWhole { what: what.into() }
}
