//! What a pull query needs to run, worked out once per statement.

use dataflow::{KeyBound, KeyRange, KeySelection, PullRequest, WindowBounds};
use plan::physical::{Node, Operator, Read, RowStep};
use sql::{Access, PullPlan, SourceDefinition};
use types::{QueryId, SourceKind, Value};

use super::expressions::Expressions;
use crate::properties::Properties;
use crate::statements::View;
use crate::world::World;
use crate::{Error, Head, Result};

/// A pull query ready to run, any number of times.
#[derive(Debug)]
pub struct Prepared {
    /// The shape of its rows; the query id is given when it runs.
    pub head: Head,
    /// WHERE and the projection.
    pub expressions: Expressions,
    /// LIMIT.
    pub limit: Option<u64>,
    /// Where its rows come from.
    pub origin: Origin,
}

/// Where the rows of a pull query come from.
#[derive(Debug)]
pub enum Origin {
    /// The materialised table of a query.
    Table {
        /// The query.
        query_id: QueryId,
        /// What is asked of it.
        request: Box<PullRequest>,
    },
    /// A stream's topic.
    Stream(Box<Node>),
}

/// Prepares a planned pull query.
///
/// # Errors
/// When the server or the session forbids it, or its table's query was terminated.
pub fn prepare(plan: PullPlan, view: &View<'_>, world: &World) -> Result<Prepared> {
    check_switches(&plan, view.properties)?;
    let source = view.metastore.catalog().source(&plan.source);
    let source = source.ok_or_else(|| Error::Internal(format!("no source {}", plan.source)))?;
    let expressions = Expressions::try_new(&plan, &world.services.functions)?;
    let origin = match plan.kind {
        SourceKind::Stream => Origin::Stream(Box::new(read_node(source))),
        SourceKind::Table => table(&plan, source, view, &expressions)?,
    };
    let is_table = plan.kind == SourceKind::Table;
    let head = Head {
        query_id: String::new(),
        keys: plan.columns.iter().map(|result| is_table && result.is_key).collect(),
        columns: plan.columns.iter().map(|result| result.column.clone()).collect(),
        is_push: false,
    };
    Ok(Prepared { head, expressions, limit: plan.limit, origin })
}

fn check_switches(plan: &PullPlan, properties: &Properties) -> Result<()> {
    const HELP: &str = "See https://cnfl.io/queries for more info.";
    let is_off = |name: &str| !properties.is_on(name);
    let is_stream = plan.kind == SourceKind::Stream;
    let is_range = matches!(plan.access, Access::Range { .. }) && !is_stream;
    let (all, streams) = ("ksql.pull.queries.enable", "ksql.query.pull.stream.enabled");
    let limits = "ksql.query.pull.limit.clause.enabled";
    let message = if is_off(all) {
        format!("Pull queries are disabled. Please set {all}=true to enable them.")
    } else if is_stream && is_off(streams) {
        format!("Pull queries on streams are disabled. To enable them, set {streams}=true.")
    } else if plan.limit.is_some() && is_off(limits) {
        format!(
            "LIMIT clause in pull queries is currently disabled. You can enable them by setting \
             {limits}=true. {HELP}\nAdd EMIT CHANGES if you intended to issue a push query."
        )
    } else if is_range
        && is_off("ksql.query.pull.range.scan.enabled")
        && is_off("ksql.query.pull.table.scan.enabled")
    {
        format!("Query requires table scan to be enabled. {HELP}")
    } else {
        return Ok(());
    };
    Err(Error::bad_statement(message))
}

fn table(
    plan: &PullPlan,
    source: &SourceDefinition,
    view: &View<'_>,
    expressions: &Expressions,
) -> Result<Origin> {
    let terminated = || {
        Error::bad_statement(format!(
            "The query that fills table `{}` was terminated, so the table can't be queried.",
            source.name
        ))
    };
    let query_id = source.query_id.clone().ok_or_else(terminated)?;
    let query = view.metastore.query(&query_id).ok_or_else(terminated)?;
    let is_filter = |step: &RowStep| matches!(step, RowStep::Filter(_));
    let materialized = query.plan.materialized.as_ref();
    let drops_rows = materialized.is_none_or(|table| table.steps.iter().any(is_filter));
    // The store may stop early only when every row it finds is in the answer.
    let limit = plan.limit.filter(|_| expressions.keeps_all() && !drops_rows);
    let request = Box::new(PullRequest {
        keys: selection(&plan.access),
        windows: bounds(plan.windows),
        limit: limit.and_then(|limit| usize::try_from(limit).ok()),
    });
    Ok(Origin::Table { query_id, request })
}

fn selection(access: &Access) -> KeySelection {
    match access {
        Access::Scan => KeySelection::All,
        Access::Keys(keys) => KeySelection::Lookup(keys.clone()),
        Access::Range { lower, upper } => {
            KeySelection::Range(KeyRange { lower: bound(lower), upper: bound(upper) })
        }
    }
}

fn bound(end: &Option<(Value, bool)>) -> KeyBound {
    match end {
        None => KeyBound::Unbounded,
        Some((value, true)) => KeyBound::Inclusive(value.clone()),
        Some((value, false)) => KeyBound::Exclusive(value.clone()),
    }
}

fn bounds(planned: sql::WindowBounds) -> WindowBounds {
    WindowBounds {
        start_min: planned.start_min.unwrap_or(i64::MIN),
        start_max: planned.start_max.unwrap_or(i64::MAX),
        end_min: planned.end_min.unwrap_or(i64::MIN),
        end_max: planned.end_max.unwrap_or(i64::MAX),
    }
}

/// The node that reads a stream's topic.
fn read_node(source: &SourceDefinition) -> Node {
    let read = Read {
        topic: source.topic.clone(),
        source: Some(source.name.clone()),
        key_serde: source.key_serde.clone(),
        value_serde: source.value_serde.clone(),
        window: source.window,
        timestamp: source.timestamp_column(),
        headers: source.schema.headers.iter().map(|(_, header)| header.clone()).collect(),
        store: None,
        changes: false,
    };
    Node {
        name: "KsqlTopic.Source".to_owned(),
        inputs: Vec::new(),
        operator: Operator::Read(read),
        layout: source.layout(),
    }
}
