//! The fake disk keeps the seam's promises, and no more than those.

use std::io::ErrorKind;

use types::seams::{Directory, OpenMode};

use super::{Crash, FakeDirectory};

fn written(disk: &FakeDirectory, path: &str, bytes: &[u8]) -> Box<dyn types::seams::File> {
    let file = disk.open(path, OpenMode::Create).expect("created");
    file.write_at(bytes, 0).expect("written");
    file
}

#[test]
fn power_loss_takes_what_was_not_synced() {
    let disk = FakeDirectory::new();
    written(&disk, "named", b"abc").sync().expect("synced");
    disk.sync_directory("").expect("synced");
    written(&disk, "nameless", b"abc").sync().expect("synced");
    let file = written(&disk, "named", b"xyz");
    file.write_at(b"more", 3).expect("written");

    let lost = disk.restart(Crash::LoseUnsynced);
    assert_eq!(lost.contents("named").as_deref(), Some(&b"abc"[..]));
    assert_eq!(lost.contents("nameless"), None);
    assert!(file.write_at(b"x", 0).is_err(), "the old machine is dead");

    let killed = disk.restart(Crash::Process);
    assert_eq!(killed.contents("named").as_deref(), Some(&b"xyzmore"[..]));
    let later = killed.restart(Crash::LoseUnsynced);
    assert_eq!(later.contents("named").as_deref(), Some(&b"abc"[..]), "still not synced");
}

#[test]
fn renames_and_removals_need_a_sync_of_their_directory() {
    let disk = FakeDirectory::new();
    disk.create_directory("d/e").expect("created");
    for above in ["", "d", "d/e"] {
        disk.sync_directory(above).expect("synced");
    }
    written(&disk, "d/e/new", b"1").sync().expect("synced");
    disk.sync_directory("d/e").expect("synced");
    disk.rename("d/e/new", "d/e/now").expect("renamed");
    assert!(disk.restart(Crash::LoseUnsynced).contents("d/e/new").is_some());
    let disk = disk.restart(Crash::Process);
    disk.sync_directory("d/e").expect("synced");
    disk.remove_directory("d").expect("removed");
    assert!(disk.files().is_empty());
    assert!(disk.restart(Crash::LoseUnsynced).contents("d/e/now").is_some());
}

#[test]
fn a_failed_sync_forgets_its_bytes() {
    let disk = FakeDirectory::new();
    let file = written(&disk, "f", b"abc");
    disk.sync_directory("").expect("synced");
    disk.fail_syncs(1);
    assert!(file.sync().is_err());
    file.sync().expect("the next sync claims to work");
    assert_eq!(disk.contents("f").as_deref(), Some(&b"abc"[..]));
    assert_eq!(disk.restart(Crash::LoseUnsynced).contents("f").as_deref(), Some(&b""[..]));
}

#[test]
fn a_full_disk_takes_a_part() {
    let disk = FakeDirectory::new();
    disk.set_capacity(Some(4));
    let file = disk.open("f", OpenMode::Create).expect("created");
    let refused = file.write_at(b"abcdef", 0).expect_err("full");
    assert_eq!(refused.kind(), ErrorKind::StorageFull);
    assert_eq!(disk.contents("f").as_deref(), Some(&b"abcd"[..]));
    file.write_at(b"xy", 2).expect("no growth");
    file.set_length(0).expect("cut");
    file.write_at(b"1234", 0).expect("there is room again");
}

#[test]
fn a_crash_stops_everything_from_its_operation_on() {
    let disk = FakeDirectory::new();
    let file = written(&disk, "f", b"abcd");
    file.sync().expect("synced");
    disk.sync_directory("").expect("synced");
    disk.crash_at(disk.operations() + 1);
    assert!(file.write_at(b"efgh", 4).is_err());
    assert!(file.sync().is_err() && file.length().is_err() && disk.list("").is_err());
    assert_eq!(disk.restart(Crash::Process).contents("f").as_deref(), Some(&b"abcdef"[..]));
    for seed in 0..20 {
        let torn = disk.restart(Crash::TearUnsynced { seed }).contents("f").expect("named");
        assert!(b"abcdef".starts_with(&torn[..]) && torn.len() >= 4);
    }
    assert_eq!(disk.open_files(), 1);
}

#[test]
fn modes_and_missing_names() {
    let disk = FakeDirectory::new();
    let missing = disk.open("f", OpenMode::Write).expect_err("not there");
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    assert!(disk.open("no/f", OpenMode::Create).is_err());
    written(&disk, "f", b"abc");
    let read = disk.open("f", OpenMode::Read).expect("there");
    assert!(read.write_at(b"x", 0).is_err());
    let mut buffer = [0; 8];
    assert_eq!(read.read_at(&mut buffer, 1).expect("read"), 2);
    disk.flip_bit("f", 0).expect("there");
    assert_eq!(disk.contents("f").as_deref(), Some(&b"`bc"[..]));
    assert_eq!(disk.list("").expect("root").len(), 1);
}
