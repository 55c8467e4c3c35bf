//! A fetch from its request to its answer: looks, and when there is not enough, waits for more.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use kafka_protocol::messages::FetchRequest;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::plan::{self, Plan};
use super::reading::{self, Look, Seen};
use super::response::{self, Response, TopicPartitionSeen};
use super::sessions;
use crate::context::RequestContext;
use crate::dispatch::Call;
use crate::on_disk::on_disk;
use crate::wire::{Answer, Outgoing};
use crate::{Broker, Result};

/// Pause between two looks that found less than what a client waits for, so that a reader that wants
/// much at once does not cost a look for every little arrival.
const LOOK_PAUSE: Duration = Duration::from_millis(5);

/// Handles a fetch request.
///
/// # Errors
/// When it is malformed.
pub(super) fn answer(mut call: Call) -> Result<Answer> {
    let request: FetchRequest = call.decode()?;
    let Call { broker, context, memory, .. } = call;
    match plan::plan(&broker, &context, &request) {
        Ok(plan) => Ok(Answer::Later(Box::pin(fetch(broker, context, plan, memory)))),
        Err(error) => Ok(Answer::Ready(response::encode(&context, &Response::failed(error)))),
    }
}

/// The answer to the fetch of `plan`, which takes as much memory as its request. A client that is over
/// its quota is given nothing but the time to wait.
async fn fetch(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    mut plan: Plan,
    _memory: OwnedSemaphorePermit,
) -> Result<Outgoing> {
    let mut look = wait_for_records(&broker, &context, &plan).await;
    let throttle_ms = broker.security.fetched(&context, look.bytes);
    if throttle_ms > 0 {
        look = Look::default();
        plan.withdraw(&broker);
    }
    broker.metrics.fetched_bytes.fetch_add(look.bytes as u64, Ordering::Relaxed);
    let partitions = news(&plan, &look.partitions);
    let response = Response { throttle_ms, error: None, session_id: plan.session_id, partitions };
    Ok(response::encode(&context, &response).keeping(look.memory))
}

/// What of `seen` the client of `plan` does not know yet.
fn news<'a>(plan: &'a Plan, seen: &'a [Seen]) -> Vec<TopicPartitionSeen<'a>> {
    let seen = plan.targets.iter().zip(seen).map(|(target, seen)| (&target.key, seen));
    match &plan.session {
        None => seen.collect(),
        Some(session) => {
            let mut session = sessions::lock(session);
            seen.filter(|(key, seen)| session.tell(key, seen) || !plan.is_incremental).collect()
        }
    }
}

/// Looks until there is enough, the client's patience is over or its connection ends.
async fn wait_for_records(broker: &Broker, context: &RequestContext, plan: &Plan) -> Look {
    let Plan { limits, targets, .. } = plan;
    let look = || on_disk(|| reading::look(broker, limits, targets));
    let is_enough = |look: &Look| look.has_errors || look.bytes >= limits.bytes_min;
    let deadline = Instant::now() + limits.wait;
    let first = look();
    if is_enough(&first) || limits.wait.is_zero() || targets.is_empty() {
        return first;
    }
    drop(first);
    let places = targets.iter().filter_map(|target| target.place.clone().ok()).collect();
    let waiter = broker.arrivals.wait_for(places);
    loop {
        // Nothing that was found is held while waiting.
        let found = look();
        if is_enough(&found) || Instant::now() >= deadline || context.session.ending.has_come() {
            return found;
        }
        drop(found);
        let more = async {
            waiter.grown().await;
            if limits.bytes_min > 1 {
                tokio::time::sleep(LOOK_PAUSE).await;
            }
        };
        tokio::select! {
            biased;
            () = more => {}
            () = tokio::time::sleep_until(deadline) => {}
            () = context.session.ending.comes() => {}
        }
    }
}
