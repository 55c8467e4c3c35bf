//! From a request about topics, configurations or the node to its handler.

use kafka_protocol::messages::ApiKey;

use super::{
    configs, create, create_partitions, delete, delete_records, describe_cluster,
    describe_partitions, features, log_dirs, metadata, quorum, replicas,
};
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
        ApiKey::DescribeTopicPartitions => call.answer(describe_partitions::handle).await,
        ApiKey::CreatePartitions => call.answer(create_partitions::handle).await,
        ApiKey::DeleteRecords => call.answer(delete_records::handle).await,
        ApiKey::DescribeLogDirs => call.answer(log_dirs::handle).await,
        ApiKey::AlterReplicaLogDirs => call.answer(replicas::move_between_directories).await,
        ApiKey::ElectLeaders => call.answer(replicas::elect).await,
        ApiKey::AlterPartitionReassignments => call.answer(replicas::reassign).await,
        ApiKey::ListPartitionReassignments => call.answer(replicas::list_reassignments).await,
        ApiKey::DescribeQuorum => call.answer(quorum::handle).await,
        ApiKey::UpdateFeatures => call.answer(features::update).await,
        key => Err(Error::Malformed(format!("{key:?} is not supported"))),
    }
}
