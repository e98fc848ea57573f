//! Tiles: one path each, and the octets that the tree has there.

use sealcast_merkle::{tile::Tile, tree::TreeError};

use crate::{Log, numbered_leaf};

#[test]
fn a_tile_has_one_path() {
    for path in ["0/000", "0/000.p/1", "0/000.p/255", "1/000.p/17", "0/x001/x234/067", "3/x001/000.p/9"] {
        assert_eq!(Tile::parse(path).map(|tile| tile.path()).as_deref(), Some(path));
    }
    for bad in [
        "",
        "0",
        "0/",
        "0/0",
        "0/000.p/0",
        "0/000.p/256",
        "00/000",
        "+0/000",
        "8/000",
        "0/x000/001",
        "0/001/067",
        "0/x001/x067",
        "0/000.p/01",
        "0/000/",
        "0/../000",
        "data/000",
        "7/x999/x999/999",
        "0/x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert_eq!(Tile::parse(bad), None, "{bad:?}");
    }
}

#[test]
fn a_tile_holds_the_hashes_of_its_level() {
    let log = Log::of_size(600);
    let tile = |path| Tile::parse(path).unwrap();
    let full = tile("0/001");
    assert_eq!((full.leaves(), tile("0/002.p/88").leaves(), tile("1/000.p/2").leaves()), (512, 600, 512));
    let octets = full.octets(&log.only(&full.indexes())).unwrap();
    assert_eq!(octets.len(), 256 * 32);
    assert_eq!(octets[..32], numbered_leaf(256));
    // Above 256 leaves stands their root.
    let above = tile("1/000.p/2");
    assert_eq!(above.octets(&log.only(&above.indexes())).unwrap()[..32], log.roots[256]);
    let beyond = tile("0/002.p/89");
    assert!(matches!(beyond.octets(&log.stored), Err(TreeError::MissingHash(_))));
}
