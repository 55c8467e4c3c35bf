//! A produce request from its bytes to its answer: at once, after stable storage, or never, as the
//! client wants it acknowledged.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use commitlog::CommitId;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::ProduceRequest;

use super::appending::Appender;
use super::partition::{self, Partition, Progress, Refusal};
use super::{admission, response, transactional};
use crate::context::RequestContext;
use crate::dispatch::Call;
use crate::on_disk::on_disk;
use crate::wire::{self, Answer};
use crate::{Broker, Error, Result};

/// Acknowledgement: nothing is answered.
const NOTHING: i16 = 0;
/// Acknowledgement: the answer is given when the records are on stable storage.
const ALL: i16 = -1;

/// A request whose batches have reached the log.
struct Produced {
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: ProduceRequest,
    partitions: Vec<Partition>,
    throttle_ms: i32,
}

/// Handles a produce request: appends at once, answers when the acknowledgement asked for is due.
///
/// # Errors
/// When the connection must be closed: also when something fails that the client wants no answer to,
/// because there is no other way to let it know.
pub(crate) async fn answer(mut call: Call) -> Result<Answer> {
    let mut request: ProduceRequest = call.decode()?;
    let mut partitions = partition::take(&mut request);
    let Call { broker, context, .. } = call;
    let (last, throttle_ms) = on_disk(|| {
        admission::admit(&broker, &context, &request, &mut partitions);
        let throttle_ms = measure(&broker, &context, &partitions);
        let now_ms = broker.clock.now_ms();
        let appender = Appender { log: &broker.log, now_ms, first: Vec::new() };
        let last = transactional::append(&broker, &context, &request, appender, &mut partitions);
        (last, throttle_ms)
    });
    let produced = Produced { broker, context, request, partitions, throttle_ms };
    match (produced.request.acks, last) {
        (NOTHING, _) => produced.silence(),
        (ALL, Some(last)) => Ok(Answer::Later(Box::pin(produced.answer_after(last)))),
        _ => produced.answer_now(),
    }
}

/// Counts the bytes of the batches that are admitted; returns for how long the client must be held back.
fn measure(broker: &Broker, context: &RequestContext, partitions: &[Partition]) -> i32 {
    let bytes = |partition: &Partition| match &partition.progress {
        Progress::Admitted { batch, .. } => batch.len(),
        _ => 0,
    };
    let bytes: usize = partitions.iter().map(bytes).sum();
    broker.metrics.produced_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    broker.security.produced(context, bytes)
}

impl Produced {
    fn silence(self) -> Result<Answer> {
        let refused = self.partitions.iter().find_map(|partition| {
            let topic = &self.request.topic_data[partition.topic];
            partition.refusal().map(|refusal| (topic, partition.index, refusal))
        });
        match refused {
            None => Ok(Answer::Silent),
            Some((topic, index, refusal)) => Err(Error::Unacknowledged(format!(
                "{}-{index}: {}",
                topic.name.as_str(),
                refusal.message.clone().unwrap_or_else(|| refusal.code.to_string())
            ))),
        }
    }

    fn answer_now(&self) -> Result<Answer> {
        Ok(Answer::Ready(self.encode()?))
    }

    async fn answer_after(mut self, last: CommitId) -> Result<wire::Outgoing> {
        let patience = Duration::from_millis(self.request.timeout_ms.max(0) as u64);
        let durable = tokio::time::timeout(patience, self.broker.durability.wait(last)).await;
        match durable {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                self.withdraw(Refusal::because(ResponseError::KafkaStorageError, error.to_string()))
            }
            Err(_) => self.withdraw(Refusal::because(
                ResponseError::RequestTimedOut,
                "the records did not reach stable storage in time",
            )),
        }
        self.encode()
    }

    /// Takes back the good news that were not given yet.
    fn withdraw(&mut self, refusal: Refusal) {
        for partition in &mut self.partitions {
            if matches!(partition.progress, Progress::Appended { .. }) {
                partition.refuse(refusal.clone());
            }
        }
    }

    fn encode(&self) -> Result<wire::Outgoing> {
        let response = response::response(&self.broker.log, &self.request, &self.partitions);
        wire::encode(&self.context, &response.with_throttle_time_ms(self.throttle_ms))
    }
}
