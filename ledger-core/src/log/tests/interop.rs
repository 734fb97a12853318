//! Another implementation reads what this one writes, and the other way round: the `signed_note` and `tlog_tiles` crates.

use signed_note::{Note, StandardSigner, StandardVerifier, Verifier, VerifierList};
use tlog_tiles::{
    Checkpoint, Hash, HashReader, TileHashReader, TileReader, check_record, check_tree,
    prove_record, prove_tree, record_hash, stored_hash_index,
};

use crate::ids::{Digest, Position};
use crate::log::{
    head::{SignedHead, TreeHead},
    key::{SigningKey, VerifierKey},
    leaf::leaf_hash,
    proof::{verify_consistency, verify_inclusion},
    receipt::Receipt,
    tests::reference::{self, TestLog},
    tile::{TilePath, encode_entry_bundle, encode_hash_tile},
};

const ORIGIN: &str = "caseledger.example/kvam";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(ORIGIN.parse().unwrap(), &[seed; 32])
}

fn head_of(log: &TestLog) -> TreeHead {
    TreeHead {
        origin: ORIGIN.parse().unwrap(),
        size: log.frontier.size(),
        root: log.frontier.root(),
    }
}

fn theirs(hashes: &[Digest]) -> Vec<Hash> {
    hashes.iter().map(|hash| Hash(hash.0)).collect()
}

fn ours(hashes: &[Hash]) -> Vec<Digest> {
    hashes.iter().map(|hash| Digest(hash.0)).collect()
}

/// The keys as the other implementation knows them.
fn verifiers(keys: &[&VerifierKey]) -> VerifierList {
    let verifier = |key: &&VerifierKey| -> Box<dyn Verifier> {
        Box::new(StandardVerifier::new(&key.to_string()).unwrap())
    };
    VerifierList::new(keys.iter().map(verifier).collect())
}

#[test]
fn the_other_implementation_accepts_our_heads_and_rotations() {
    let (old, new) = (key(1), key(2));
    let head = head_of(&TestLog::of(300));
    let text = SignedHead::sign(head.clone(), &[&old, &new])
        .unwrap()
        .to_string();

    let note = Note::from_bytes(text.as_bytes()).unwrap();
    for known in [&[old.verifier()][..], &[new.verifier()]] {
        let (known, unknown) = note.verify(&verifiers(known)).unwrap();
        assert_eq!((known.len(), unknown.len()), (1, 1));
    }
    let checkpoint = Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!(checkpoint.origin(), ORIGIN);
    assert_eq!(checkpoint.size(), head.size);
    assert_eq!(checkpoint.hash().0, head.root.0);

    let tampered = text.replace("\n300\n", "\n301\n");
    let note = Note::from_bytes(tampered.as_bytes()).unwrap();
    assert!(note.verify(&verifiers(&[old.verifier()])).is_err());
}

#[test]
fn we_accept_the_heads_of_the_other_implementation() {
    // Their private key of the same seed as ours, in their own text form.
    let ours = key(1);
    let seed = Digest([1; 32]);
    let typed = {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        STANDARD.encode([&[1][..], &seed.0].concat())
    };
    let private = format!("PRIVATE+KEY+{ORIGIN}+{:08x}+{typed}", ours.verifier().id());
    let signer = StandardSigner::new(&private).unwrap();

    let head = head_of(&TestLog::of(9));
    let checkpoint = Checkpoint::new(ORIGIN, head.size, Hash(head.root.0), "").unwrap();
    let mut note = Note::new(&checkpoint.to_bytes(), &[]).unwrap();
    note.add_sigs(&[&signer]).unwrap();
    let text = String::from_utf8(note.to_bytes()).unwrap();

    let read: SignedHead = text.parse().unwrap();
    assert_eq!(read.verify(&[ours.verifier().clone()]), Ok(head.clone()));
    assert_eq!(read, SignedHead::sign(head, &[&ours]).unwrap());
}

#[test]
fn the_other_implementation_accepts_our_inclusion_proofs_and_rejects_altered_ones() {
    let log = TestLog::of(1_030);
    let root = Hash(log.frontier.root().0);
    for position in [0, 1, 255, 256, 700, 1_023, 1_024, 1_029] {
        let entry = record_hash(&log.entry(position).0);
        assert_eq!(entry.0, leaf_hash(log.entry(position)).0);
        let mut proof = theirs(&log.inclusion_proof(position, 1_030));
        check_record(&proof, 1_030, root, position, entry).unwrap();
        assert!(check_record(&proof, 1_030, root, position ^ 1, entry).is_err());
        proof[0].0[0] ^= 1;
        assert!(check_record(&proof, 1_030, root, position, entry).is_err());
    }
}

#[test]
fn the_other_implementation_accepts_our_consistency_proofs_and_rejects_altered_ones() {
    let log = TestLog::of(1_030);
    let root = Hash(log.frontier.root().0);
    for old in [1, 2, 255, 256, 257, 1_000, 1_024, 1_029] {
        let old_root = Hash(TestLog::of(old).frontier.root().0);
        let mut proof = theirs(&log.consistency_proof(old, 1_030));
        check_tree(&proof, 1_030, root, old, old_root).unwrap();
        proof[0].0[0] ^= 1;
        assert!(check_tree(&proof, 1_030, root, old, old_root).is_err());
    }
}

/// Our tiles, found by the path under which we serve them. One of them may be altered.
struct Served<'a> {
    log: &'a TestLog,
    altered: Option<&'a str>,
}

impl TileReader for Served<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(
        &self,
        tiles: &[tlog_tiles::Tile],
    ) -> Result<Vec<Vec<u8>>, tlog_tiles::tlog::Error> {
        let read = |tile: &tlog_tiles::Tile| {
            // Their paths name the height, which C2SP has fixed at 8 and left out.
            let path = tile.path().replacen("tile/8/", "tile/", 1);
            let TilePath::Hashes(tile) = path.parse().unwrap() else {
                panic!("{path} is not a tile of hashes");
            };
            assert!(tile.is_within(self.log.frontier.size()));
            let mut bytes = encode_hash_tile(&self.log.hashes(tile.node_range()));
            if self.altered == Some(path.as_str()) {
                bytes[7] ^= 1;
            }
            bytes
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

#[test]
fn the_other_implementation_makes_our_proofs_from_our_tiles() {
    let size = 66_500;
    let log = TestLog::of(size);
    let root = log.frontier.root();
    let served = Served {
        log: &log,
        altered: None,
    };
    let tiles = TileHashReader::new(size, Hash(root.0), &served);
    for position in [0, 255, 256, 65_535, 65_536, 66_499] {
        let proof = ours(&prove_record(size, position, &tiles).unwrap());
        assert_eq!(proof, log.inclusion_proof(position, size));
        let leaf = leaf_hash(log.entry(position));
        assert_eq!(
            verify_inclusion(leaf, Position(position), size, &proof, root),
            Ok(())
        );
    }
    for old in [1, 256, 300, 65_536, 66_000] {
        let proof = ours(&prove_tree(size, old, &tiles).unwrap());
        assert_eq!(proof, log.consistency_proof(old, size));
        let old_root = TestLog::of(old).frontier.root();
        assert_eq!(
            verify_consistency(old, old_root, size, root, &proof),
            Ok(())
        );
    }
}

#[test]
fn the_other_implementation_detects_an_altered_tile() {
    // Of this size each perfect subtree lies in a tile of its own. At others, version 0.2 of the crate counts its tiles
    // wrongly and leaves some of them unchecked.
    let size = 65_536 + 256 + 1;
    let log = TestLog::of(size);
    let leaf = stored_hash_index(0, 256);
    let read = |altered| {
        let served = Served { log: &log, altered };
        TileHashReader::new(size, Hash(log.frontier.root().0), &served).read_hashes(&[leaf])
    };
    assert_eq!(ours(&read(None).unwrap()), [leaf_hash(log.entry(256))]);
    for path in [
        "tile/0/001",
        "tile/0/257.p/1",
        "tile/1/000",
        "tile/1/001.p/1",
        "tile/2/000.p/1",
    ] {
        assert!(read(Some(path)).is_err(), "{path}");
    }
}

#[test]
fn an_entry_bundle_hashes_to_the_leaves_of_its_tile() {
    let log = TestLog::of(300);
    let TilePath::Entries(tile) = "tile/entries/001.p/44".parse().unwrap() else {
        panic!("the path names an entry bundle");
    };
    let range = tile.node_range();
    let entries: Vec<Digest> = (range.start..range.end).map(reference::entry).collect();
    let bundle = encode_entry_bundle(&entries);
    // Read it as the specification tells a client to, and hash with the other implementation.
    let mut rest = &bundle[..];
    let mut hashes = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (entry, after) = after.split_at(u16::from_be_bytes(*length).into());
        hashes.push(record_hash(entry));
        rest = after;
    }
    assert_eq!(ours(&hashes), log.hashes(range));
}

#[test]
fn the_other_implementation_can_follow_the_text_form_of_a_receipt() {
    let (log, key) = (TestLog::of(300), key(1));
    let receipt = Receipt {
        position: Position(123),
        leaf_entry: log.entry(123),
        inclusion_proof: log.inclusion_proof(123, 300),
        signed_head: SignedHead::sign(head_of(&log), &[&key]).unwrap(),
    };
    // Taken apart by its specification alone.
    let text = receipt.to_tlog_proof();
    let (proof, checkpoint) = text.split_once("\n\n").unwrap();
    let lines: Vec<&str> = proof.split('\n').collect();
    assert_eq!(lines[0], "c2sp.org/tlog-proof@v1");
    let index = lines[1].strip_prefix("index ").unwrap().parse().unwrap();
    let hashes = lines[2..]
        .iter()
        .map(|line| Hash::parse_hash(line).unwrap());
    let note = Note::from_bytes(checkpoint.as_bytes()).unwrap();
    note.verify(&verifiers(&[key.verifier()])).unwrap();
    let head = Checkpoint::from_bytes(note.text()).unwrap();
    check_record(
        &hashes.collect(),
        head.size(),
        *head.hash(),
        index,
        record_hash(&receipt.leaf_entry.0),
    )
    .unwrap();
}
