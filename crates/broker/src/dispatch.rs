//! From a request's key to the module that handles it.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::messages::ApiKey;
use kafka_protocol::protocol::{Decodable, Request};
use tokio::sync::OwnedSemaphorePermit;

use crate::context::RequestContext;
use crate::wire::{self, Answer};
use crate::{
    Broker, Error, Result, api_versions, fetch, groups, produce, security, topics, transactions,
};

/// A request on its way to its handler.
pub(crate) struct Call {
    pub(crate) broker: Arc<Broker>,
    pub(crate) context: Arc<RequestContext>,
    pub(crate) body: Bytes,
    /// What the request takes of the memory for requests; whoever keeps much of the request until it is
    /// answered keeps this too.
    pub(crate) memory: OwnedSemaphorePermit,
}

impl Call {
    /// The request's body.
    ///
    /// # Errors
    /// `Malformed` when it is not what its key and version say.
    pub(crate) fn decode<Q: Decodable>(&mut self) -> Result<Q> {
        wire::check_body(self.context.api_key, self.context.version, &self.body)?;
        Q::decode(&mut self.body, self.context.version)
            .map_err(|error| Error::Malformed(error.to_string()))
    }

    /// Lets `handler` answer the request.
    ///
    /// # Errors
    /// When the request is malformed or the answer cannot be encoded.
    pub(crate) async fn answer<Q, F>(
        mut self,
        handler: impl FnOnce(Arc<Broker>, Arc<RequestContext>, Q) -> F,
    ) -> Result<Answer>
    where
        Q: Request,
        F: Future<Output = Q::Response>,
    {
        let request = self.decode()?;
        let context = Arc::clone(&self.context);
        let response = handler(self.broker, self.context, request).await;
        Ok(Answer::Ready(wire::encode(&context, &response)?))
    }

    /// Lets `handler` do at once what the request asks for; its answer may take long. Requests behind
    /// this one are handled meanwhile, so that the end of a connection that waits is noticed. What the
    /// handler keeps of the request is not counted among the memory for requests.
    ///
    /// # Errors
    /// When the request is malformed.
    pub(crate) fn answer_later<Q, F>(
        mut self,
        handler: impl FnOnce(Arc<Broker>, Arc<RequestContext>, Q) -> F,
    ) -> Result<Answer>
    where
        Q: Request,
        F: Future<Output = Q::Response> + Send + 'static,
    {
        let request = self.decode()?;
        let context = Arc::clone(&self.context);
        let response = handler(self.broker, self.context, request);
        Ok(Answer::Later(Box::pin(async move { wire::encode(&context, &response.await) })))
    }
}

/// Handles one request.
///
/// # Errors
/// When the connection must be closed.
pub(crate) async fn dispatch(call: Call) -> Result<Answer> {
    if call.context.api_key == ApiKey::ApiVersions {
        return api_versions::answer(call);
    }
    check_version(&call.context)?;
    security::check_may_ask(&call).await?;
    match call.context.api_key {
        ApiKey::Produce => produce::answer(call).await,
        ApiKey::Fetch | ApiKey::ListOffsets | ApiKey::OffsetForLeaderEpoch => {
            fetch::dispatch(call).await
        }
        ApiKey::OffsetCommit
        | ApiKey::OffsetFetch
        | ApiKey::OffsetDelete
        | ApiKey::FindCoordinator
        | ApiKey::JoinGroup
        | ApiKey::SyncGroup
        | ApiKey::Heartbeat
        | ApiKey::LeaveGroup
        | ApiKey::DescribeGroups
        | ApiKey::ListGroups
        | ApiKey::DeleteGroups
        | ApiKey::ConsumerGroupHeartbeat
        | ApiKey::ConsumerGroupDescribe => groups::dispatch(call).await,
        ApiKey::InitProducerId
        | ApiKey::AddPartitionsToTxn
        | ApiKey::AddOffsetsToTxn
        | ApiKey::TxnOffsetCommit
        | ApiKey::EndTxn
        | ApiKey::WriteTxnMarkers
        | ApiKey::DescribeProducers
        | ApiKey::DescribeTransactions
        | ApiKey::ListTransactions => transactions::dispatch(call).await,
        ApiKey::SaslHandshake
        | ApiKey::SaslAuthenticate
        | ApiKey::DescribeAcls
        | ApiKey::CreateAcls
        | ApiKey::DeleteAcls
        | ApiKey::DescribeUserScramCredentials
        | ApiKey::AlterUserScramCredentials
        | ApiKey::DescribeClientQuotas
        | ApiKey::AlterClientQuotas => security::dispatch(call).await,
        // What is left is about topics, configurations and the node itself.
        _ => topics::dispatch(call).await,
    }
}

fn check_version(context: &RequestContext) -> Result<()> {
    let RequestContext { api_key, version, .. } = context;
    match wire::supported(*api_key) {
        Some(known) if (known.version_min..=known.version_max).contains(version) => Ok(()),
        Some(known) => Err(Error::Malformed(format!(
            "{} version {version} is not supported, only {} to {}",
            known.name, known.version_min, known.version_max
        ))),
        None => Err(Error::Malformed(format!("{api_key:?} is not supported"))),
    }
}
