//! Runs one case: statements, inputs through the queries one after another, then the checks (spec
//! section 10.4).

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ::functions::Registry;
use engine::catalog::PersistentQuery;
use formats::SchemaStore;
use plan::physical::Operator;

use super::case::{Case, Record, plain};
use super::functions as test_functions;
use super::outcome::{Outcome, Stop};
use super::query_run::QueryRun;
use super::serde::{Environment, TopicSerde, with_window};
use super::statements::Workbench;
use super::stub::StubRecord;
use super::topic_serdes::TopicSerdes;
use super::{post, rest, verify};

/// Runs `case`; a panic inside it is a failure of the case only.
pub fn run(case: &Case, functions: &Arc<Registry>) -> Outcome {
    test_functions::restart();
    if let Some(expected) = &case.rest {
        let ended = catch_unwind(AssertUnwindSafe(|| rest::run(case, expected)));
        return ended.unwrap_or_else(|panic| Outcome::Failed(panic_text(&*panic)));
    }
    let ended = catch_unwind(AssertUnwindSafe(|| run_to_end(case, functions)));
    let result = ended.unwrap_or_else(|panic| Err(Stop::Defect(panic_text(&*panic))));
    judge(case, result)
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panic: {}", text.unwrap_or("of unknown kind"))
}

/// Holds what happened against what the case expects.
fn judge(case: &Case, result: Result<(), Stop>) -> Outcome {
    let Some(expected) = &case.expected_exception else {
        return match result {
            Ok(()) => Outcome::Passed,
            Err(Stop::User { message, .. }) => Outcome::Failed(format!("refused: {message}")),
            Err(Stop::Runtime(message)) => Outcome::Failed(format!("query failed: {message}")),
            Err(Stop::Unsupported(message)) => Outcome::Refused(message),
            Err(Stop::Defect(message)) => Outcome::Failed(message),
        };
    };
    match result {
        Ok(()) => Outcome::Failed("expected a refusal, but everything was accepted".to_owned()),
        Err(Stop::User { is_last: false, message }) => Outcome::Failed(format!(
            "only the last statement may be refused, but an earlier one was: {message}"
        )),
        Err(Stop::User { message, .. } | Stop::Runtime(message)) => {
            match expected.message.as_deref() {
                Some(part) if !message.contains(part) => Outcome::Failed(format!(
                    "expected message: {part}\n  actual message: {message}"
                )),
                _ => Outcome::Passed,
            }
        }
        Err(Stop::Unsupported(message)) => Outcome::Refused(message),
        Err(Stop::Defect(message)) => Outcome::Failed(message),
    }
}

fn run_to_end(case: &Case, functions: &Arc<Registry>) -> Result<(), Stop> {
    let mut bench = Workbench::try_new(case, Arc::clone(functions))?;
    bench.run(case)?;
    if bench.queries.is_empty() {
        return Err(Stop::Defect("the case starts no query".to_owned()));
    }
    if case.inputs.is_empty() && case.expected_exception.is_some() {
        return Ok(());
    }
    let schemas: Arc<dyn SchemaStore> = bench.schemas.clone();
    let exact = case.properties.get("use.exact.numeric.comparison").map(plain);
    let env = Environment { schemas, exact_numbers: exact.as_deref() != Some("false") };
    let serdes = TopicSerdes::new(&bench.metastore);
    let inputs = produce(case, &mut bench, &serdes, &env)?;
    let queries = bench.queries.clone();
    for query in &queries {
        run_query(query, &inputs, &mut bench)?;
    }
    verify::outputs(case, &bench.broker, &serdes, &env).map_err(Stop::Defect)?;
    post::check(case, &bench, &serdes).map_err(Stop::Defect)
}

/// Writes the inputs to their topics and keeps them in file order.
fn produce(
    case: &Case,
    bench: &mut Workbench,
    serdes: &TopicSerdes,
    env: &Environment,
) -> Result<Vec<(String, StubRecord)>, Stop> {
    let mut inputs = Vec::with_capacity(case.inputs.len());
    for record in &case.inputs {
        let serde = serdes.serde(&record.topic).map_err(Stop::Defect)?;
        let stored = stored(record, serde, env)
            .map_err(|error| Stop::Defect(format!("input to {}: {error}", record.topic)))?;
        bench.broker.append(&record.topic, stored.clone());
        inputs.push((record.topic.clone(), stored));
    }
    Ok(inputs)
}

/// A record of a test file as it stands in its topic.
///
/// # Errors
/// When it does not fit the topic's formats.
pub fn stored(
    record: &Record,
    serde: &TopicSerde,
    env: &Environment,
) -> Result<StubRecord, String> {
    let mut key = serde.key.produce(&record.key, env)?;
    if let Some(window) = &record.window {
        key = key.map(|key| with_window(key, window)).transpose()?;
    }
    let value = serde.value.produce(&record.value, env)?;
    let headers = record.headers.iter().flatten().map(verify::header_bytes);
    Ok(StubRecord {
        key: key.map(Into::into),
        value: value.map(Into::into),
        timestamp_ms: record.timestamp.unwrap_or(0),
        headers: headers.collect::<Result<_, String>>()?,
    })
}

/// Pipes the records of a query's source topics through it: first the inputs in file order, then
/// what stands in the topics that no input names.
fn run_query(
    query: &PersistentQuery,
    inputs: &[(String, StubRecord)],
    bench: &mut Workbench,
) -> Result<(), Stop> {
    let sources = source_topics(query);
    let input_topics: BTreeSet<&str> = inputs.iter().map(|(topic, _)| topic.as_str()).collect();
    let mut run = QueryRun::start(query, &sources, bench)?;
    for (topic, record) in inputs.iter().filter(|(topic, _)| sources.contains(topic)) {
        run.pipe(topic, record)?;
        run.drain_all(&mut bench.broker)?;
    }
    for topic in sources.iter().filter(|topic| !input_topics.contains(topic.as_str())) {
        for record in bench.broker.records(topic).to_vec() {
            run.pipe(topic, &record)?;
            run.drain_sink(&mut bench.broker)?;
        }
    }
    Ok(())
}

fn source_topics(query: &PersistentQuery) -> BTreeSet<String> {
    let nodes = query.plan.sub_topologies.iter().flat_map(|part| &part.nodes);
    nodes
        .filter_map(|node| match &node.operator {
            Operator::Read(read) if read.source.is_some() => Some(read.topic.clone()),
            _ => None,
        })
        .collect()
}
