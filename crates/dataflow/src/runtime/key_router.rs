//! Which task owns the key of a pull query: keys are partitioned by the hash of their encoded bytes, as
//! Kafka's clients do.

use std::sync::{Mutex, PoisonError};

use arrow_array::Array;
use formats::{Encoder, Part};
use plan::physical::{Operator, Plan, Read, SubTopology};
use types::columns::array_of;
use types::{Column, Format, Value};

use crate::{Result, Services, materialized};

/// Finds the partition of keys of a materialised table.
#[derive(Debug)]
pub(super) struct KeyRouter {
    key: Vec<Column>,
    encoder: Mutex<Box<dyn Encoder>>,
    partitions: i32,
    /// Whether the topic was written by this engine. Other writers may partition in other ways, or
    /// write keys that are equal in other bytes.
    pub is_exact: bool,
}

impl KeyRouter {
    /// A router for the table of `plan` with `partitions` tasks; `None` when the bytes of its keys can't
    /// be told (formats with schema ids) or do not matter (one task).
    pub fn try_new(plan: &Plan, partitions: i32, services: &Services) -> Result<Option<Self>> {
        let Some(owner) = materialized::owner(plan).filter(|_| partitions > 1) else {
            return Ok(None);
        };
        let Some((read, key)) = materialized::keeper(plan, owner)
            .and_then(|keeper| origin(&plan.sub_topologies[owner], keeper))
        else {
            return Ok(None);
        };
        if !matches!(read.key_serde.format, Format::Kafka | Format::Json | Format::Delimited) {
            return Ok(None);
        }
        let schemas = &services.schemas;
        let encoder = formats::encoder(&read.key_serde, key, Part::Key, &read.topic, schemas)
            .map_err(|source| crate::Error::Format {
                action: format!("encode keys of {}", read.topic),
                source,
            })?;
        Ok(Some(Self {
            key: key.to_vec(),
            encoder: Mutex::new(encoder),
            partitions,
            is_exact: read.source.is_none(),
        }))
    }

    /// The partition of `key`; `None` when it can't be encoded, so that no record has it.
    pub fn partition(&self, key: &[Value]) -> Option<i32> {
        if key.len() != self.key.len() {
            return None;
        }
        let columns: Vec<_> =
            self.key.iter().zip(key).map(|(column, value)| array_of(&column.ty, [value])).collect();
        // Encoders keep nothing between calls that a panic could break.
        let mut encoder = self.encoder.lock().unwrap_or_else(PoisonError::into_inner);
        let encoded = encoder.encode(&columns, None).ok()?;
        let is_there = encoded.len() == 1 && encoded.is_valid(0);
        is_there.then(|| records::partition_for_key(encoded.value(0), self.partitions))
    }
}

/// The Read node behind node `index` and its key columns, when no node in between changes the key.
fn origin(sub_topology: &SubTopology, mut index: usize) -> Option<(&Read, &[Column])> {
    // Inputs stand before their nodes, so this ends.
    loop {
        let node = &sub_topology.nodes[index];
        match &node.operator {
            Operator::Read(read) => return Some((read, &node.layout.key)),
            Operator::Rekey { .. } => return None,
            _ => index = node.inputs.first().copied().filter(|input| *input < index)?,
        }
    }
}
