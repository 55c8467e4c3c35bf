//! What queries left behind when the process ended between their end and their clean-up: internal
//! topics, positions and state of applications that nobody runs any more. Removed at start, before any
//! query is created.

use std::collections::BTreeSet;

use state::StoreId;

use crate::catalog::Metastore;
use crate::{Result, Services};

/// Removes what belongs to this service's queries that are not in `metastore`. Push queries never
/// outlive a process, so nothing of them is spared.
///
/// # Errors
/// When the log or the state refuses.
pub fn remove(services: &Services, service_id: &str, metastore: &Metastore) -> Result<()> {
    let known: BTreeSet<&str> =
        metastore.queries().map(|query| query.plan.application_id.as_str()).collect();
    let prefixes =
        ["query_", "transient_"].map(|kind| format!("_confluent-ksql-{service_id}{kind}"));
    let is_ours = |name: &str| prefixes.iter().any(|prefix| name.starts_with(prefix));
    for group in services.log.groups() {
        if is_ours(&group) && !known.contains(group.as_str()) {
            tracing::info!(group, "removing what an ended query left behind");
            services.log.delete_group(&group)?;
            let state = &services.state;
            state
                .delete_prefix(&StoreId::application_prefix(&group))
                .map_err(dataflow::Error::from)?;
        }
    }
    // Names of internal topics are the application's, a hyphen, and the rest.
    let is_known = |topic: &str| {
        let of = |application: &&str| topic.strip_prefix(*application).is_some_and(starts_hyphen);
        known.iter().any(of)
    };
    for topic in services.log.topics() {
        if is_ours(&topic.name) && !is_known(&topic.name) {
            tracing::info!(topic = %topic.name, "removing what an ended query left behind");
            services.log.delete_topic(&topic.name)?;
        }
    }
    Ok(())
}

fn starts_hyphen(rest: &str) -> bool {
    rest.starts_with('-')
}
