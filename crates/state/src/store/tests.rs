//! The store against a plain map, with commits, checkpoints and losses of memory in between.

use std::collections::BTreeMap;

use super::*;
use crate::{Error, MemoryBackend};

const FORMAT: RowFormat = RowFormat(1);

fn open(backend: &Arc<MemoryBackend>) -> Store {
    open_as(backend, FORMAT, 400)
}

fn open_as(backend: &Arc<MemoryBackend>, format: RowFormat, cache_bytes_max: usize) -> Store {
    let id = StoreId::new("app", "store", 0);
    Store::new(id, format, Arc::clone(backend) as Arc<dyn Backend>, cache_bytes_max)
}

fn contents(store: &Store) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    store
        .scan(&[], &[], &mut |key, value| {
            found.push((key.to_vec(), value.to_vec()));
            ControlFlow::Continue(())
        })
        .expect("memory does not fail");
    found
}

/// A small deterministic generator, so that a failure can be repeated.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[test]
fn agrees_with_a_map_over_random_actions_and_restarts() {
    // From a cache that holds nothing over one that holds a few of the keys to one that holds all.
    for cache_bytes_max in [0, 400, 1_500, 1 << 20] {
        agrees_with_a_map(cache_bytes_max);
    }
}

fn agrees_with_a_map(cache_bytes_max: usize) {
    let backend = Arc::new(MemoryBackend::new());
    let open = |backend: &Arc<MemoryBackend>| open_as(backend, FORMAT, cache_bytes_max);
    let mut store = open(&backend);
    let mut model = BTreeMap::new();
    let mut changelog: Vec<(Vec<u8>, Option<Vec<u8>>)> = Vec::new();
    let mut state = 7;
    for step in 0..5_000_u32 {
        let key = vec![b'k', u8::try_from(next(&mut state) % 50).expect("small")];
        match next(&mut state) % 10 {
            0..=4 => {
                store.put(&key, &step.to_be_bytes());
                model.insert(key, step.to_be_bytes().to_vec());
            }
            5 | 6 => {
                store.delete(&key);
                model.remove(&key);
            }
            7 => assert_eq!(store.get(&key).expect("memory"), model.get(&key).map(Vec::as_slice)),
            8 => store.drain_changes(|key, value| {
                changelog.push((key.to_vec(), value.map(<[u8]>::to_vec)));
            }),
            _ => {
                store.drain_changes(|key, value| {
                    changelog.push((key.to_vec(), value.map(<[u8]>::to_vec)));
                });
                if next(&mut state).is_multiple_of(2) {
                    store.checkpoint(&[changelog.len() as i64]).expect("memory");
                }
                store = open(&backend);
                let from = store.positions().expect("valid").map_or(0, |found| found[0]);
                for (key, value) in &changelog[usize::try_from(from).expect("not negative")..] {
                    store.restore(key, value.as_deref());
                }
            }
        }
        if step % 7 == 0 {
            store.trim();
        }
        if store.wants_checkpoint() && step % 11 == 0 {
            store.drain_changes(|key, value| {
                changelog.push((key.to_vec(), value.map(<[u8]>::to_vec)));
            });
            store.checkpoint(&[changelog.len() as i64]).expect("memory");
            assert!(store.cache_bytes() <= cache_bytes_max, "only clean entries: all may go");
        }
        if step % 50 == 0 {
            let expected: Vec<_> = model.clone().into_iter().collect();
            assert_eq!(contents(&store), expected, "after step {step}");
        }
    }
}

#[test]
fn a_scan_keeps_to_its_bounds_and_its_store() {
    let backend = Arc::new(MemoryBackend::new());
    let id = StoreId::new("app", "store", 1);
    let mut other = Store::new(id, FORMAT, Arc::clone(&backend) as Arc<dyn Backend>, 400);
    other.put(b"b", b"other");
    other.checkpoint(&[0]).expect("memory");
    let mut store = open(&backend);
    for key in [b"a", b"b", b"c"] {
        store.put(key, key);
    }
    store.checkpoint(&[0]).expect("memory");
    store.delete(b"b");
    store.put(b"bb", b"new");
    let mut found = Vec::new();
    store
        .scan(b"b", b"c", &mut |key, _| {
            found.push(key.to_vec());
            ControlFlow::Continue(())
        })
        .expect("memory");
    assert_eq!(found, [b"bb".to_vec()]);
}

#[test]
fn the_cache_shrinks_to_its_limit_after_a_checkpoint() {
    let backend = Arc::new(MemoryBackend::new());
    let mut store = open(&backend);
    for number in 0..100_u32 {
        store.put(&number.to_be_bytes(), b"value");
    }
    assert!(store.wants_checkpoint());
    store.drain_changes(|_, _| {});
    store.checkpoint(&[100]).expect("memory");
    assert!(store.cache_bytes() <= 400, "{}", store.cache_bytes());
    assert_eq!(store.get(&42_u32.to_be_bytes()).expect("memory"), Some(b"value".as_slice()));
    assert_eq!(store.positions().expect("valid"), Some(vec![100]));
}

#[test]
fn a_foreign_checkpoint_is_refused() {
    let backend = Arc::new(MemoryBackend::new());
    let store = open(&backend);
    let key = store.backend_key(&[TAG_CHECKPOINT]);
    backend.apply(vec![Write { key, value: Some(b"garbage".to_vec()) }]).expect("memory");
    assert!(matches!(store.positions(), Err(Error::Corrupt { .. })));
}

#[test]
fn rows_of_another_format_are_refused() {
    let backend = Arc::new(MemoryBackend::new());
    open(&backend).checkpoint(&[7]).expect("memory");
    assert_eq!(open(&backend).positions().expect("its own"), Some(vec![7]));
    let newer = open_as(&backend, RowFormat(2), 400);
    let refused = newer.positions().expect_err("another format");
    assert!(matches!(refused, Error::Unknown { found: 1, known: 2, .. }), "{refused}");
}

#[test]
fn stores_share_the_memory_of_the_process() {
    let budget = Arc::new(CacheBudget::new(4_000));
    let backend = Arc::new(MemoryBackend::new());
    let mut stores: Vec<Store> = (0..4)
        .map(|partition| {
            let id = StoreId::new("app", "store", partition);
            let backend = Arc::clone(&backend) as Arc<dyn Backend>;
            Store::new(id, FORMAT, backend, 1 << 20).with_budget(Arc::clone(&budget))
        })
        .collect();
    for number in 0..100_u32 {
        stores[0].put(&number.to_be_bytes(), b"value");
    }
    stores[0].drain_changes(|_, _| {});
    stores[0].trim();
    assert!(budget.is_exceeded(), "dirty entries stay until they are checkpointed");
    assert!(stores[0].wants_checkpoint());
    stores[0].checkpoint(&[0]).expect("memory");
    assert!(stores[0].cache_bytes() <= budget.share());
    assert_eq!(budget.bytes(), stores[0].cache_bytes());
    for store in &mut stores {
        for number in 0..100_u32 {
            store.put(&number.to_be_bytes(), b"value");
        }
        store.drain_changes(|_, _| {});
        store.trim();
        store.checkpoint(&[0]).expect("memory");
    }
    assert!(!budget.is_exceeded(), "{}", budget.bytes());
    for store in &mut stores {
        assert_eq!(store.get(&99_u32.to_be_bytes()).expect("memory"), Some(b"value".as_slice()));
    }
    drop(stores);
    assert_eq!(budget.bytes(), 0);
}
