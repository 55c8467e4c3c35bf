//! Order by key and by time, and recovery of the derived order.

use std::sync::Arc;

use super::*;
use crate::{Backend, MemoryBackend, RowFormat, StoreId};

fn open() -> WindowedStore {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let id = StoreId::new("app", "windows", 0);
    WindowedStore::new(Store::new(id, RowFormat(1), backend, 1 << 20))
}

fn window(start: i64, end: i64) -> WindowKey {
    WindowKey { end, start }
}

fn by_time(store: &WindowedStore, from: i64, to: i64) -> Vec<(WindowKey, Vec<u8>)> {
    let mut found = Vec::new();
    store
        .scan_time(from, to, |window, key| {
            found.push((window, key.to_vec()));
            ControlFlow::Continue(())
        })
        .expect("memory");
    found
}

#[test]
fn entries_are_found_by_key_and_by_time() {
    let mut store = open();
    store.put(b"b", window(0, 10), b"1").expect("memory");
    store.put(b"a", window(10, 20), b"2").expect("memory");
    store.put(b"a", window(0, 10), b"3").expect("memory");
    store.set_note("time", 15);
    let expected = [(window(0, 10), b"a".to_vec()), (window(0, 10), b"b".to_vec())];
    assert_eq!(by_time(&store, 0, 10), expected);
    let mut ends = Vec::new();
    store
        .scan_key(b"a", 11, i64::MAX, |window, _| {
            ends.push(window.end);
            ControlFlow::Continue(())
        })
        .expect("memory");
    assert_eq!(ends, [20]);
    store.delete(b"a", window(0, 10));
    assert_eq!(by_time(&store, i64::MIN, i64::MAX).len(), 2);
    assert_eq!(store.note("time").expect("memory"), Some(15));
}

#[test]
fn the_changelog_rebuilds_both_orders() {
    let mut store = open();
    store.put(b"a", window(-5, 5), b"1").expect("memory");
    store.put(b"b", window(5, 15), b"2").expect("memory");
    store.delete(b"b", window(5, 15));
    store.set_note("time", 9);
    let mut restored = open();
    store.store_mut().drain_changes(|key, value| restored.restore(key, value));
    assert_eq!(by_time(&restored, i64::MIN, i64::MAX), [(window(-5, 5), b"a".to_vec())]);
    assert_eq!(restored.note("time").expect("memory"), Some(9));
}
