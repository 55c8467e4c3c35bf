//! A produce request from its bytes to its answer: at once, after stable storage, or never, as the
//! client wants it acknowledged.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use commitlog::CommitId;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::ProduceRequest;

use super::partition::{self, Partition, Progress, Refusal};
use super::{admission, appending, response};
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
    let last = on_disk(|| {
        admission::admit(&broker, &context, &request, &mut partitions);
        count_bytes(&broker, &partitions);
        appending::append(&broker.log, broker.clock.now_ms(), &mut partitions)
    });
    let produced = Produced { broker, context, request, partitions };
    match (produced.request.acks, last) {
        (NOTHING, _) => produced.silence(),
        (ALL, Some(last)) => Ok(Answer::Later(Box::pin(produced.answer_after(last)))),
        _ => produced.answer_now(),
    }
}

fn count_bytes(broker: &Broker, partitions: &[Partition]) {
    let bytes = |partition: &Partition| match &partition.progress {
        Progress::Admitted { batch, .. } => batch.len() as u64,
        _ => 0,
    };
    broker.metrics.produced_bytes.fetch_add(partitions.iter().map(bytes).sum(), Ordering::Relaxed);
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
        wire::encode(&self.context, &response)
    }
}
