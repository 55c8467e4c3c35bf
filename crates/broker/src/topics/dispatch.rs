//! From a request about topics, configurations or the node to its handler.

use kafka_protocol::messages::ApiKey;

use super::{configs, create, delete, describe_cluster, metadata};
use crate::dispatch::Call;
use crate::wire::Answer;
use crate::{Error, Result};

/// Handles a request about topics, configurations or the node.
///
/// # Errors
/// When the connection must be closed.
pub(crate) async fn dispatch(call: Call) -> Result<Answer> {
    match call.context.api_key {
        ApiKey::Metadata => call.answer(metadata::handle).await,
        ApiKey::CreateTopics => call.answer(create::handle).await,
        ApiKey::DeleteTopics => call.answer(delete::handle).await,
        ApiKey::DescribeCluster => call.answer(describe_cluster::handle).await,
        ApiKey::DescribeConfigs => call.answer(configs::describe).await,
        ApiKey::AlterConfigs => call.answer(configs::alter).await,
        ApiKey::IncrementalAlterConfigs => call.answer(configs::alter_incrementally).await,
        ApiKey::ListConfigResources => call.answer(configs::list).await,
        key => Err(Error::Malformed(format!("{key:?} is not supported yet"))),
    }
}
