//! Answers pull queries from a task's store. Called between batches, so a reader sees whole commits.

use std::ops::ControlFlow;

use arrow_array::ArrayRef;
use plan::physical::{Node, Operator, Plan, RowStep};
use state::WindowKey;
use types::columns::array_of;
use types::{Column, Value};

use crate::aggregate::GroupCodec;
use crate::chunk::Chunk;
use crate::context::Context;
use crate::expressions::Expressions;
use crate::operator::aggregate_calls;
use crate::row_codec::RowCodec;
use crate::stores::{FoundRows, TableCodec, TaskStore, timestamp_of};
use crate::{
    Error, KeyBound, KeyRange, KeySelection, PullRequest, Result, Rows, Services, WindowBounds,
    Windows,
};

/// Reads a materialised table; one per task that owns its store.
pub(crate) struct TableReader {
    store: usize,
    key_columns: Vec<Column>,
    key: RowCodec,
    values: ValueCodec,
    steps: Vec<Step>,
}

/// How stored values become columns.
enum ValueCodec {
    /// Rows.
    Table(TableCodec),
    /// Aggregate states.
    Groups(Box<GroupCodec>),
}

enum Step {
    Filter(Expressions),
    Project(Expressions),
}

/// What was found in the store.
#[derive(Default)]
struct FoundEntries {
    keys: Vec<Vec<u8>>,
    windows: Vec<WindowKey>,
    values: Vec<Vec<u8>>,
    limit: Option<usize>,
}

impl FoundEntries {
    fn push(&mut self, key: &[u8], window: WindowKey, value: &[u8]) -> ControlFlow<()> {
        self.keys.push(key.to_vec());
        self.windows.push(window);
        self.values.push(value.to_vec());
        match self.limit {
            Some(limit) if self.keys.len() >= limit => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }

    fn is_full(&self) -> bool {
        self.limit.is_some_and(|limit| self.keys.len() >= limit)
    }
}

/// Index of the sub-topology whose tasks hold the result of `plan`.
pub(crate) fn owner(plan: &Plan) -> Option<usize> {
    let store = plan.materialized.as_ref()?.store;
    (0..plan.sub_topologies.len())
        .find(|index| plan.sub_topologies[*index].nodes.iter().any(|node| keeps(node, store)))
}

/// Index of the node in `sub_topology` that keeps the result of `plan`.
pub(crate) fn keeper(plan: &Plan, sub_topology: usize) -> Option<usize> {
    let store = plan.materialized.as_ref()?.store;
    plan.sub_topologies[sub_topology].nodes.iter().position(|node| keeps(node, store))
}

fn keeps(node: &Node, store: usize) -> bool {
    match &node.operator {
        Operator::Read(read) => read.store == Some(store),
        Operator::Aggregate { store: kept, .. } | Operator::Materialize { store: kept } => {
            *kept == store
        }
        _ => false,
    }
}

impl TableReader {
    /// A reader for the result of `plan`, whose store lies in `sub_topology`. Fails when the plan has
    /// no materialised result there.
    pub fn try_new(plan: &Plan, sub_topology: usize, services: &Services) -> Result<Self> {
        let missing = || Error::NotMaterialized("the query has no materialized table".to_owned());
        let materialized = plan.materialized.as_ref().ok_or_else(missing)?;
        let nodes = &plan.sub_topologies[sub_topology].nodes;
        let node = nodes.iter().find(|node| keeps(node, materialized.store)).ok_or_else(missing)?;
        let layout = &node.layout;
        let values = match &node.operator {
            Operator::Aggregate { .. } => {
                let calls = aggregate_calls(node, services)?;
                ValueCodec::Groups(Box::new(GroupCodec { calls }))
            }
            _ => ValueCodec::Table(TableCodec::try_new(&layout.key, &layout.value)?),
        };
        let prepare = |step: &RowStep| match step {
            RowStep::Filter(predicate) => {
                Expressions::try_new(&node.name, [predicate], &services.functions).map(Step::Filter)
            }
            RowStep::Project(value) => {
                Expressions::try_new(&node.name, value, &services.functions).map(Step::Project)
            }
        };
        Ok(Self {
            store: materialized.store,
            key_columns: layout.key.clone(),
            key: RowCodec::try_new(&layout.key)?,
            values,
            steps: materialized.steps.iter().map(prepare).collect::<Result<_>>()?,
        })
    }

    /// The rows that match.
    pub fn read(&mut self, request: &PullRequest, context: &mut Context<'_>) -> Result<Rows> {
        let has_filter = self.steps.iter().any(|step| matches!(step, Step::Filter(_)));
        let limit = if has_filter { None } else { request.limit };
        let mut found = FoundEntries { limit, ..FoundEntries::default() };
        let is_windowed = match context.stores.by_index.get_mut(self.store) {
            Some(Some(TaskStore::Table(store))) => {
                self.find(request, store, &mut found)?;
                false
            }
            Some(Some(TaskStore::Windowed(store))) => {
                self.find_windowed(request, store, &mut found)?;
                true
            }
            _ => return Err(Error::NotMaterialized("the table's store is missing".to_owned())),
        };
        let chunk = self.chunk(&found, is_windowed, context)?;
        let chunk = self.apply_steps(chunk, context)?;
        let rows = request.limit.map_or(chunk.rows(), |limit| limit.min(chunk.rows()));
        Ok(chunk.slice(0, rows).into_rows())
    }

    fn find(
        &self,
        request: &PullRequest,
        store: &mut state::Store,
        found: &mut FoundEntries,
    ) -> Result<()> {
        let none = WindowKey { end: 0, start: 0 };
        if found.limit == Some(0) {
            return Ok(());
        }
        if let KeySelection::Lookup(keys) = &request.keys {
            for key in keys {
                let key = self.encode(key)?;
                if let Some(value) = store.get(&key)?
                    && found.push(&key, none, value).is_break()
                {
                    break;
                }
            }
            return Ok(());
        }
        let (from, to) = self.bounds(&request.keys)?;
        Ok(store.scan(&from, &to, &mut |key, value| found.push(key, none, value))?)
    }

    fn find_windowed(
        &self,
        request: &PullRequest,
        store: &mut state::WindowedStore,
        found: &mut FoundEntries,
    ) -> Result<()> {
        let WindowBounds { start_min, end_min, end_max, .. } = request.windows;
        if found.limit == Some(0) {
            return Ok(());
        }
        if let KeySelection::Lookup(keys) = &request.keys {
            for key in keys {
                let key = self.encode(key)?;
                // No window ends before it starts.
                store.scan_key(
                    &key,
                    end_min.max(start_min),
                    end_max,
                    |window, value| match request.windows.contains(window.start, window.end) {
                        true => found.push(&key, window, value),
                        false => ControlFlow::Continue(()),
                    },
                )?;
                if found.is_full() {
                    break;
                }
            }
            return Ok(());
        }
        let (from, to) = self.bounds(&request.keys)?;
        Ok(store.scan_all(|key, window, value| {
            let is_within = key >= from.as_slice() && (to.is_empty() || key < to.as_slice());
            match is_within && request.windows.contains(window.start, window.end) {
                true => found.push(key, window, value),
                false => ControlFlow::Continue(()),
            }
        })?)
    }

    fn encode(&self, key: &[Value]) -> Result<Vec<u8>> {
        if key.len() != self.key_columns.len() {
            return Err(Error::NotMaterialized("a lookup needs every key column".to_owned()));
        }
        let columns: Vec<ArrayRef> = self
            .key_columns
            .iter()
            .zip(key)
            .map(|(column, value)| array_of(&column.ty, [value]))
            .collect();
        Ok(self.key.encode(&columns)?.row(0).to_vec())
    }

    /// Bounds of a scan: from inclusive, to exclusive; an empty `to` is no bound.
    fn bounds(&self, keys: &KeySelection) -> Result<(Vec<u8>, Vec<u8>)> {
        let KeySelection::Range(KeyRange { lower, upper }) = keys else {
            return Ok((Vec::new(), Vec::new()));
        };
        // Keys are prefix-free, so a zero byte behind a key gives what comes right after it.
        let after = |value: &Value| -> Result<Vec<u8>> {
            let mut key = self.encode(std::slice::from_ref(value))?;
            key.push(0);
            Ok(key)
        };
        let at = |value: &Value| self.encode(std::slice::from_ref(value));
        let from = match lower {
            KeyBound::Unbounded => Vec::new(),
            KeyBound::Inclusive(value) => at(value)?,
            KeyBound::Exclusive(value) => after(value)?,
        };
        let to = match upper {
            KeyBound::Unbounded => Vec::new(),
            KeyBound::Inclusive(value) => after(value)?,
            KeyBound::Exclusive(value) => at(value)?,
        };
        Ok((from, to))
    }

    fn chunk(
        &mut self,
        found: &FoundEntries,
        is_windowed: bool,
        context: &Context<'_>,
    ) -> Result<Chunk> {
        let (value, timestamps) = match &mut self.values {
            ValueCodec::Table(codec) => {
                let mut rows = FoundRows::default();
                found.values.iter().for_each(|value| rows.push(Some(value)));
                let times = found.values.iter().map(|value| timestamp_of(value)).collect();
                (rows.columns(codec)?, times)
            }
            ValueCodec::Groups(codec) => {
                let times = found.values.iter().map(|value| codec.push(value));
                let times: Vec<i64> = times.collect::<Result<_>>()?;
                (codec.take(), times)
            }
        };
        let windows = is_windowed.then(|| Windows {
            start: found.windows.iter().map(|window| window.start).collect::<Vec<i64>>().into(),
            end: found.windows.iter().map(|window| window.end).collect::<Vec<i64>>().into(),
        });
        Ok(Chunk {
            key: self.key.decode(found.keys.iter().map(Vec::as_slice))?,
            key_present: None,
            value,
            present: None,
            old: None,
            timestamps: timestamps.into(),
            windows,
            partition: context.partition,
            offsets: None,
            headers: None,
        })
    }

    fn apply_steps(&self, mut chunk: Chunk, context: &Context<'_>) -> Result<Chunk> {
        for step in &self.steps {
            chunk = match step {
                Step::Filter(predicate) => {
                    let passed = predicate.test(&chunk, |_| false, context);
                    chunk.retain(|row| passed.value(row))?
                }
                Step::Project(value) => {
                    let value = value.evaluate(&chunk, |_| false, context);
                    Chunk { value, ..chunk }
                }
            };
        }
        Ok(chunk)
    }
}
