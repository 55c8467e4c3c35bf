//! The requests this broker answers and their versions: from the oldest that clients of today still
//! send to the newest stable one.

use kafka_protocol::messages::ApiKey;

/// A request this broker answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Supported {
    pub(crate) key: ApiKey,
    pub(crate) name: &'static str,
    pub(crate) version_min: i16,
    pub(crate) version_max: i16,
}

const fn api(key: ApiKey, name: &'static str, version_min: i16, version_max: i16) -> Supported {
    Supported { key, name, version_min, version_max }
}

/// All of them, by key.
pub(crate) const SUPPORTED: [Supported; 54] = [
    api(ApiKey::Produce, "Produce", 3, 13),
    api(ApiKey::Fetch, "Fetch", 4, 18),
    api(ApiKey::ListOffsets, "ListOffsets", 1, 10),
    api(ApiKey::Metadata, "Metadata", 0, 13),
    api(ApiKey::OffsetCommit, "OffsetCommit", 2, 9),
    api(ApiKey::OffsetFetch, "OffsetFetch", 1, 9),
    api(ApiKey::FindCoordinator, "FindCoordinator", 0, 6),
    api(ApiKey::JoinGroup, "JoinGroup", 0, 9),
    api(ApiKey::Heartbeat, "Heartbeat", 0, 4),
    api(ApiKey::LeaveGroup, "LeaveGroup", 0, 5),
    api(ApiKey::SyncGroup, "SyncGroup", 0, 5),
    api(ApiKey::DescribeGroups, "DescribeGroups", 0, 6),
    api(ApiKey::ListGroups, "ListGroups", 0, 5),
    api(ApiKey::SaslHandshake, "SaslHandshake", 0, 1),
    api(ApiKey::ApiVersions, "ApiVersions", 0, 4),
    api(ApiKey::CreateTopics, "CreateTopics", 2, 7),
    api(ApiKey::DeleteTopics, "DeleteTopics", 1, 6),
    api(ApiKey::DeleteRecords, "DeleteRecords", 0, 2),
    api(ApiKey::InitProducerId, "InitProducerId", 0, 5),
    api(ApiKey::OffsetForLeaderEpoch, "OffsetForLeaderEpoch", 2, 4),
    api(ApiKey::AddPartitionsToTxn, "AddPartitionsToTxn", 0, 5),
    api(ApiKey::AddOffsetsToTxn, "AddOffsetsToTxn", 0, 4),
    api(ApiKey::EndTxn, "EndTxn", 0, 5),
    api(ApiKey::TxnOffsetCommit, "TxnOffsetCommit", 0, 5),
    api(ApiKey::DescribeAcls, "DescribeAcls", 1, 3),
    api(ApiKey::CreateAcls, "CreateAcls", 1, 3),
    api(ApiKey::DeleteAcls, "DeleteAcls", 1, 3),
    api(ApiKey::DescribeConfigs, "DescribeConfigs", 1, 4),
    api(ApiKey::AlterConfigs, "AlterConfigs", 0, 2),
    api(ApiKey::AlterReplicaLogDirs, "AlterReplicaLogDirs", 1, 2),
    api(ApiKey::DescribeLogDirs, "DescribeLogDirs", 1, 4),
    api(ApiKey::SaslAuthenticate, "SaslAuthenticate", 0, 2),
    api(ApiKey::CreatePartitions, "CreatePartitions", 0, 3),
    api(ApiKey::DeleteGroups, "DeleteGroups", 0, 2),
    api(ApiKey::ElectLeaders, "ElectLeaders", 0, 2),
    api(ApiKey::IncrementalAlterConfigs, "IncrementalAlterConfigs", 0, 1),
    api(ApiKey::AlterPartitionReassignments, "AlterPartitionReassignments", 0, 1),
    api(ApiKey::ListPartitionReassignments, "ListPartitionReassignments", 0, 0),
    api(ApiKey::OffsetDelete, "OffsetDelete", 0, 0),
    api(ApiKey::DescribeClientQuotas, "DescribeClientQuotas", 0, 1),
    api(ApiKey::AlterClientQuotas, "AlterClientQuotas", 0, 1),
    api(ApiKey::DescribeUserScramCredentials, "DescribeUserScramCredentials", 0, 0),
    api(ApiKey::AlterUserScramCredentials, "AlterUserScramCredentials", 0, 0),
    api(ApiKey::DescribeQuorum, "DescribeQuorum", 0, 2),
    api(ApiKey::UpdateFeatures, "UpdateFeatures", 0, 2),
    api(ApiKey::DescribeCluster, "DescribeCluster", 0, 2),
    api(ApiKey::DescribeProducers, "DescribeProducers", 0, 0),
    api(ApiKey::DescribeTransactions, "DescribeTransactions", 0, 0),
    api(ApiKey::ListTransactions, "ListTransactions", 0, 2),
    api(ApiKey::ConsumerGroupHeartbeat, "ConsumerGroupHeartbeat", 0, 1),
    api(ApiKey::ConsumerGroupDescribe, "ConsumerGroupDescribe", 0, 1),
    api(ApiKey::ListConfigResources, "ListConfigResources", 0, 1),
    api(ApiKey::DescribeTopicPartitions, "DescribeTopicPartitions", 0, 0),
    api(ApiKey::WriteTxnMarkers, "WriteTxnMarkers", 1, 1),
];

/// The entry of `key`, if this broker answers it.
pub(crate) fn supported(key: ApiKey) -> Option<&'static Supported> {
    SUPPORTED.iter().find(|known| known.key as i16 == key as i16)
}
