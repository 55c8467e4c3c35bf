//! A query made ready to run: its internal topics exist, its positions are fixed, its tasks are known.

use std::sync::Arc;

use plan::physical::Plan;
use state::StoreId;
use types::QueryId;

use crate::context::Reporter;
use crate::metrics::Counters;
use crate::shares::Shares;
use crate::task::TaskSpec;
use crate::{Error, QuerySpec, Result, RowSender, Services, topology};

/// A query whose tasks can be opened.
#[derive(Debug)]
pub(crate) struct PreparedQuery {
    /// Its id.
    pub id: QueryId,
    /// Its plan.
    pub plan: Arc<Plan>,
    /// Its counters.
    pub counters: Arc<Counters>,
    /// Its tasks, upstream first.
    pub tasks: Vec<TaskSpec>,
    /// Where its rows go.
    pub rows: Option<RowSender>,
}

/// Makes a query ready. Fails when the plan is of another version or a topic is missing.
pub(crate) fn prepare(
    spec: QuerySpec,
    services: &Services,
    shares: &Shares,
) -> Result<PreparedQuery> {
    let QuerySpec { id, plan, options, rows } = spec;
    if plan.version != Plan::VERSION {
        return Err(Error::Plan(format!("version {} is unknown", plan.version)));
    }
    let log = services.log.as_ref();
    let spreads = topology::prepare(&plan, log, !options.is_transient)?;
    topology::fix_positions(&plan, &spreads, &options, log)?;
    let counters = Arc::new(Counters::default());
    let reporter = Reporter {
        query: id.clone(),
        log: Arc::clone(&services.processing_log),
        counters: Arc::clone(&counters),
    };
    let mut tasks = Vec::new();
    for (sub_topology, spread) in spreads.into_iter().enumerate() {
        tasks.extend((0..spread.tasks).map(|partition| TaskSpec {
            plan: Arc::clone(&plan),
            sub_topology,
            partition,
            spread: spread.clone(),
            options: options.clone(),
            reporter: reporter.clone(),
            rows: rows.clone(),
            shares: shares.clone(),
        }));
    }
    Ok(PreparedQuery { id, plan, counters, tasks, rows })
}

/// Removes everything a query leaves behind: internal topics, positions, checkpoints. Its tasks must
/// have been dropped.
pub(crate) fn clean_up(plan: &Plan, services: &Services) -> Result<()> {
    topology::delete_internals(plan, services.log.as_ref())?;
    let prefix = StoreId::application_prefix(&plan.application_id);
    Ok(services.state.delete_prefix(&prefix)?)
}
