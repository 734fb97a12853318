//! Every entry that came since, hashed again up to the root: that the log holds what its tiles say it holds.

use ledger_core::{
    ids::Digest,
    log::{Tile, TilePath, TreeHead, leaf_hash},
};

use super::{
    MonitorError,
    history::{Tiles, get, not_whole},
    source::Source,
};

/// An entry with its length before it.
const ENTRY_BYTES: usize = 34;

/// Fetches the entries from position `from` on and grows the tree of that size by them; gives how many they were.
///
/// That the tree of that size is the right one follows from the root that comes out at the end.
pub(crate) async fn hashed_again(
    source: &dyn Source,
    tiles: &mut Tiles<'_>,
    from: u64,
    head: &TreeHead,
    progress: &(dyn Fn(u64, u64) + Send + Sync),
) -> Result<u64, MonitorError> {
    let mut grown = tiles.frontier_at(from).await?;
    // What is completed on the way is in the tiles already.
    let mut completed = Vec::new();
    while let Some(tile) = Tile::at(0, grown.size() / 256, head.size)
        && grown.size() < head.size
    {
        let path = TilePath::Entries(tile);
        let bundle = get(source, &path, ENTRY_BYTES).await?;
        let known = usize::try_from(grown.size() % 256).expect("below 256");
        let (entries, _) = bundle.as_chunks::<ENTRY_BYTES>();
        for entry in &entries[known..] {
            let Some(entry) = entry.strip_prefix(&[0, 32]) else {
                return Err(not_whole(format!("{path} holds no entries of 32 bytes.")));
            };
            let entry = entry.try_into().expect("34 bytes without two are 32");
            grown.push(leaf_hash(Digest(entry)), &mut completed);
        }
        completed.clear();
        progress(grown.size() - from, head.size - from);
    }
    if grown.root() == head.root {
        return Ok(head.size - from);
    }
    Err(not_whole(format!(
        "its entries from position {from} on give the root {}, and the head of {} entries says {}.",
        grown.root(),
        head.size,
        head.root
    )))
}
