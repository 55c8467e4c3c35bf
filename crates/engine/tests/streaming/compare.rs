//! All the ways in which a case is run, and what must be the same in each.

use std::collections::BTreeMap;
use std::sync::Arc;

use dataflow::Restart;
use testkit::diff;
use types::SourceKind;

use crate::case::{Case, OutputLine};
use crate::definitions::Definitions;
use crate::run::{Outputs, Way, run};

const BATCHES: [usize; 3] = [1, 3, 10_000];
/// After so many records a run is stopped and goes on.
const PAUSES: [usize; 3] = [1, 2, 5];
const RESTARTS: [Restart; 2] = [Restart::Orderly, Restart::Crash];
const PARTITIONS: i32 = 4;

/// Runs the case in every way; gives what the straight one gives.
///
/// # Panics
/// When another way gives something else.
pub fn answer(text: &str, functions: &Arc<functions::Registry>) -> String {
    let case = Case::new(text);
    let define = |partitions| {
        let topics = case.records.iter().map(|record| record.topic);
        Definitions::try_new(&case.statements, topics, partitions, functions)
    };
    let definitions = match define(1) {
        Ok(definitions) => definitions,
        Err(message) => return message,
    };
    let together = Runs { case: &case, definitions: &definitions, functions };
    let expected = match run(&case, &definitions, functions, Way::STRAIGHT) {
        Ok(outputs) => outputs,
        Err(error) => return format!("stopped: {error}"),
    };
    together.interrupted(&expected);
    if !case.is_one_by_one {
        together.in_batches(&expected);
    }
    if !case.is_one_by_one && !case.is_never_coalesced {
        together.coalesced(&expected);
    }
    if !case.is_for_one_partition {
        let definitions = define(PARTITIONS).expect("the statements don't depend on partitions");
        Runs { case: &case, definitions: &definitions, functions }.spread(&expected);
    }
    shown(&expected)
}

/// The further runs of a case.
struct Runs<'a> {
    case: &'a Case<'a>,
    definitions: &'a Definitions,
    functions: &'a Arc<functions::Registry>,
}

impl Runs<'_> {
    fn run(&self, way: Way) -> Outputs {
        let outputs = run(self.case, self.definitions, self.functions, way);
        outputs.unwrap_or_else(|error| panic!("{way:?} stopped: {error}"))
    }

    /// Stopped and restored after every few records: the very same records.
    fn interrupted(&self, expected: &Outputs) {
        let pauses = PAUSES.into_iter().filter(|pause| *pause == 1 || !self.case.is_one_by_one);
        for (pause_after, restart) in pauses.flat_map(|pause| RESTARTS.map(|r| (pause, r))) {
            let way = Way { pause_after, restart: Some(restart), ..Way::STRAIGHT };
            self.same(&shown(expected), &shown(&self.run(way)), way);
        }
    }

    /// Other batch sizes: the very same records.
    fn in_batches(&self, expected: &Outputs) {
        for batch in BATCHES {
            let way = Way { batch, pause_after: usize::MAX, ..Way::STRAIGHT };
            self.same(&shown(expected), &shown(&self.run(way)), way);
        }
    }

    /// Several updates leave as one: the same tables in the end. Streams of which no table is the
    /// source never change.
    fn coalesced(&self, expected: &Outputs) {
        for batch in BATCHES {
            for restart in [None, Some(Restart::Crash)] {
                let pause_after = if restart.is_some() { 4 } else { usize::MAX };
                let way = Way { batch, is_coalescing: true, pause_after, restart };
                let actual = self.run(way);
                match self.has_tables() {
                    true => self.same(&self.tables(expected), &self.tables(&actual), way),
                    false => self.same(&by_key(expected), &by_key(&actual), way),
                }
            }
        }
    }

    /// More partitions: the same records of every key, and in batches the same tables.
    fn spread(&self, expected: &Outputs) {
        for restart in [None, Some(Restart::Orderly), Some(Restart::Crash)] {
            let way = Way { restart, ..Way::STRAIGHT };
            self.same(&by_key(expected), &by_key(&self.run(way)), way);
        }
        if !self.case.is_one_by_one && !self.case.is_never_coalesced {
            self.coalesced(expected);
        }
    }

    fn has_tables(&self) -> bool {
        self.definitions.sinks().into_iter().any(|sink| self.is_table(sink))
    }

    fn is_table(&self, sink: &str) -> bool {
        self.definitions.source(sink).is_some_and(|found| found.kind == SourceKind::Table)
    }

    /// # Panics
    /// With the difference, if there is one.
    fn same(&self, straight: &str, other: &str, way: Way) {
        if straight != other {
            let marked = diff::lines(&split(straight), &split(other)).into_iter();
            let shown: String = marked.map(|(mark, line)| format!("  {mark}{line}\n")).collect();
            let (case, partitions) = (&self.case.text, self.definitions.partitions);
            panic!("{case}\n\n{way:?} over {partitions} partitions gives something else:\n{shown}");
        }
    }

    /// The last value of every key of every table.
    fn tables(&self, outputs: &Outputs) -> String {
        let mut lines = Vec::new();
        for (sink, records) in outputs {
            if self.is_table(sink) {
                let mut rows = BTreeMap::new();
                for record in records {
                    match record.value {
                        Some(_) => rows.insert(&record.key, record),
                        None => rows.remove(&record.key),
                    };
                }
                lines.extend(rows.into_values().map(|record| record.text(sink)));
            }
        }
        lines.join("\n")
    }
}

/// The records of every key in their order.
fn by_key(outputs: &Outputs) -> String {
    let mut lines: Vec<(&String, &OutputLine)> = Vec::new();
    for (sink, records) in outputs {
        lines.extend(records.iter().map(|record| (sink, record)));
    }
    // The sort is stable, so that records of a key stay in order.
    lines.sort_by_key(|(sink, record)| (*sink, &record.key));
    lines.iter().map(|(sink, record)| record.text(sink)).collect::<Vec<_>>().join("\n")
}

fn shown(outputs: &Outputs) -> String {
    let mut lines = Vec::new();
    for (sink, records) in outputs {
        match records.is_empty() {
            true => lines.push(format!("{sink}: nothing")),
            false => lines.extend(records.iter().map(|record| record.text(sink))),
        }
    }
    lines.join("\n")
}

fn split(text: &str) -> Vec<&str> {
    text.lines().collect()
}
