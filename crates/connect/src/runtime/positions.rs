//! Where every source stands: a view of `connect-offsets` kept in memory, moved after each commit.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::value::RawValue;

/// Key of a position in `connect-offsets`.
pub fn position_key(connector: &str, partition: &str) -> String {
    format!("[{},{partition}]", serde_json::Value::from(connector))
}

/// Positions by connector and source partition.
#[derive(Debug, Default)]
pub struct Positions(Mutex<BTreeMap<String, BTreeMap<String, String>>>);

impl Positions {
    /// The positions that the topic's latest values tell; keys in another shape are skipped.
    pub fn new(latest: BTreeMap<String, String>) -> Self {
        let mut positions: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for (key, value) in latest {
            if let Ok((connector, partition)) =
                serde_json::from_str::<(String, Box<RawValue>)>(&key)
            {
                positions.entry(connector).or_default().insert(partition.get().to_owned(), value);
            }
        }
        Self(Mutex::new(positions))
    }

    /// The position of `partition`.
    pub fn find(&self, connector: &str, partition: &str) -> Option<String> {
        self.with(|positions| positions.get(connector)?.get(partition).cloned())
    }

    /// All positions of a connector.
    pub fn all(&self, connector: &str) -> Vec<(String, String)> {
        self.with(|positions| {
            let of = positions.get(connector);
            of.map(|of| of.clone().into_iter().collect()).unwrap_or_default()
        })
    }

    /// Takes over what a commit moved.
    pub fn moved(&self, connector: &str, moved: BTreeMap<String, Option<String>>) {
        self.with(|positions| {
            let of = positions.entry(connector.to_owned()).or_default();
            for (partition, position) in moved {
                match position {
                    Some(position) => of.insert(partition, position),
                    None => of.remove(&partition),
                };
            }
        });
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&mut BTreeMap<String, BTreeMap<String, String>>) -> T,
    ) -> T {
        // A panic elsewhere can't leave the map half changed: each change is one insert or remove.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
