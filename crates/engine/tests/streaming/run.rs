//! One run of a case through the queries it defines.

use std::sync::Arc;

use dataflow::{QuerySpec, Restart, TestDriver};

use crate::case::{Case, InputLine, OutputLine};
use crate::definitions::Definitions;

/// How a run is cut.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// Upper bound of records in a batch.
    pub batch: usize,
    /// Whether several updates of a key in a batch leave as one.
    pub is_coalescing: bool,
    /// Everything written so far is processed after at most so many records; sooner where the order
    /// between the topics would change.
    pub pause_after: usize,
    /// What happens in every pause.
    pub restart: Option<Restart>,
}

impl Way {
    /// Record by record, nothing interrupted.
    pub const STRAIGHT: Self =
        Self { batch: 1, is_coalescing: false, pause_after: 1, restart: None };
}

/// The records of every sink in their order (partition by partition, if there are several).
pub type Outputs = Vec<(String, Vec<OutputLine>)>;

/// Runs `case` that way.
pub fn run(
    case: &Case<'_>,
    definitions: &Definitions,
    functions: &Arc<functions::Registry>,
    way: Way,
) -> dataflow::Result<Outputs> {
    let mut driver = driver(definitions, functions, way)?;
    let mut pending: Vec<&InputLine<'_>> = Vec::new();
    for record in &case.records {
        if pending.len() >= way.pause_after || would_overtake(record, &pending) {
            pause(&mut driver, way)?;
            pending.clear();
        }
        driver.append(record.topic, &record.record(definitions))?;
        pending.push(record);
    }
    pause(&mut driver, way)?;
    outputs(&driver, definitions)
}

fn driver(
    definitions: &Definitions,
    functions: &Arc<functions::Registry>,
    way: Way,
) -> dataflow::Result<TestDriver> {
    let mut driver = TestDriver::new(Arc::clone(functions), Arc::clone(&definitions.schemas));
    for topic in definitions.topics() {
        driver.create_topic(topic, definitions.partitions)?;
    }
    for query in &definitions.queries {
        let options = dataflow::QueryOptions {
            batch_records_max: way.batch,
            is_coalescing: way.is_coalescing,
            emit_final_interval_ms: 0,
            outer_join_interval_ms: 0,
            ..definitions.options()
        };
        let plan = Arc::new(query.plan.clone());
        driver.create(QuerySpec { id: query.id.clone(), plan, options, rows: None })?;
    }
    Ok(driver)
}

/// Whether a task, which takes records of several topics by their timestamps, would take `record`
/// before one that was written earlier.
fn would_overtake(record: &InputLine<'_>, pending: &[&InputLine<'_>]) -> bool {
    let mut others = pending.iter().filter(|earlier| earlier.topic != record.topic);
    others.any(|earlier| earlier.timestamp_ms >= record.timestamp_ms)
}

fn pause(driver: &mut TestDriver, way: Way) -> dataflow::Result<()> {
    driver.run_until_idle()?;
    way.restart.map_or(Ok(()), |restart| driver.restart(restart))
}

fn outputs(driver: &TestDriver, definitions: &Definitions) -> dataflow::Result<Outputs> {
    let of_sink = |sink: &str| {
        let records = driver.records(sink)?;
        let lines = records.iter().map(|record| OutputLine::new(record, sink, definitions));
        Ok((sink.to_owned(), lines.collect()))
    };
    definitions.sinks().into_iter().map(of_sink).collect()
}
