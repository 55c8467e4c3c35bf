//! A member of a consumer group (classic protocol): joins, reads its committed offset, commits greater
//! ones, and joins again whenever it is told that it no longer belongs.

use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::{
    GroupId, JoinGroupRequest, OffsetCommitRequest, OffsetFetchRequest, SyncGroupRequest, TopicName,
};
use kafka_protocol::protocol::StrBytes;
use types::TopicPartition;

use super::ledger::Ledger;
use super::link::{Broken, Way, pause};
use super::world::{PARTITIONS, PLAIN, World};

const GROUP: &str = "group";
/// Commits of a member between two joins.
const COMMITS: i64 = 5;

struct Member<'a> {
    way: Way<'a>,
    id: StrBytes,
    generation: i32,
    assigned: Vec<i32>,
}

/// Takes part in the group until the faults end.
pub(super) async fn run(world: Arc<World>, ledger: Arc<Ledger>, number: i32) -> Result<(), String> {
    let mut member =
        Member { way: Way::new(&world), id: StrBytes::new(), generation: -1, assigned: Vec::new() };
    while !world.is_healed() {
        if !member.join().await? {
            pause().await;
            continue;
        }
        ledger.note(format!("member {number} {:?}", member.assigned));
        member.work(&ledger).await?;
    }
    Ok(())
}

impl Member<'_> {
    /// Joins and takes its share; false when it has to begin again.
    async fn join(&mut self) -> Result<bool, String> {
        let protocol = JoinGroupRequestProtocol::default()
            .with_name(StrBytes::from_static_str("range"))
            .with_metadata(Bytes::new());
        let request = JoinGroupRequest::default()
            .with_group_id(group())
            .with_session_timeout_ms(6_000)
            .with_rebalance_timeout_ms(6_000)
            .with_member_id(self.id.clone())
            .with_protocol_type(StrBytes::from_static_str("consumer"))
            .with_protocols(vec![protocol]);
        let Ok(answer) = self.way.link().ask(5, request).await else {
            self.way.hang_up().await;
            return Ok(false);
        };
        match ResponseError::try_from_code(answer.error_code) {
            None => {}
            Some(ResponseError::MemberIdRequired) => {
                self.id = answer.member_id;
                return Ok(false);
            }
            Some(error) => return self.begin_again(error),
        }
        (self.id, self.generation) = (answer.member_id.clone(), answer.generation_id);
        let members: Vec<StrBytes> =
            answer.members.into_iter().map(|member| member.member_id).collect();
        self.synchronise(&members).await
    }

    /// As leader shares the partitions out; as anyone takes what it is given.
    async fn synchronise(&mut self, members: &[StrBytes]) -> Result<bool, String> {
        let share = |(number, member): (usize, &StrBytes)| {
            let mine = (0..PARTITIONS).filter(|at| *at as usize % members.len() == number);
            SyncGroupRequestAssignment::default()
                .with_member_id(member.clone())
                .with_assignment(mine.map(|at| at as u8).collect::<Vec<u8>>().into())
        };
        let request = SyncGroupRequest::default()
            .with_group_id(group())
            .with_generation_id(self.generation)
            .with_member_id(self.id.clone())
            .with_assignments(members.iter().enumerate().map(share).collect());
        let Ok(answer) = self.way.link().ask(3, request).await else {
            self.way.hang_up().await;
            return Ok(false);
        };
        if let Some(error) = ResponseError::try_from_code(answer.error_code) {
            return self.begin_again(error);
        }
        self.assigned = answer.assignment.iter().map(|at| i32::from(*at)).collect();
        Ok(true)
    }

    fn begin_again(&mut self, error: ResponseError) -> Result<bool, String> {
        use ResponseError as E;
        match error {
            E::UnknownMemberId => self.id = StrBytes::new(),
            E::RebalanceInProgress | E::IllegalGeneration => {}
            error if error.is_retriable() => {}
            error => return Err(format!("member: {error}")),
        }
        Ok(false)
    }

    /// Goes on from the committed offsets for a while.
    async fn work(&mut self, ledger: &Ledger) -> Result<(), String> {
        for partition in self.assigned.clone() {
            let at = TopicPartition::new(PLAIN, partition);
            let Some(start) = self.fetch(ledger, &at).await? else { return Ok(()) };
            for offset in start + 1..=start + COMMITS {
                if !self.commit(ledger, &at, offset).await? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    async fn fetch(&mut self, ledger: &Ledger, at: &TopicPartition) -> Result<Option<i64>, String> {
        let floor = ledger.told().committed.get(&(GROUP.to_owned(), at.clone())).copied();
        match committed(&mut self.way, GROUP, at).await {
            Ok(offset) if offset < floor.unwrap_or(-1) => {
                Err(format!("{at}: the committed offset went from {floor:?} back to {offset}"))
            }
            Ok(offset) => Ok(Some(offset.max(0))),
            Err(Broken) => {
                self.way.hang_up().await;
                Ok(None)
            }
        }
    }

    async fn commit(
        &mut self,
        ledger: &Ledger,
        at: &TopicPartition,
        offset: i64,
    ) -> Result<bool, String> {
        let partition = OffsetCommitRequestPartition::default()
            .with_partition_index(at.partition)
            .with_committed_offset(offset)
            .with_committed_leader_epoch(-1);
        let topic = OffsetCommitRequestTopic::default()
            .with_name(TopicName(StrBytes::from_static_str(PLAIN)))
            .with_partitions(vec![partition]);
        let request = OffsetCommitRequest::default()
            .with_group_id(group())
            .with_generation_id_or_member_epoch(self.generation)
            .with_member_id(self.id.clone())
            .with_topics(vec![topic]);
        let Ok(answer) = self.way.link().ask(7, request).await else {
            self.way.hang_up().await;
            return Ok(false);
        };
        let code = answer.topics[0].partitions[0].error_code;
        if let Some(error) = ResponseError::try_from_code(code) {
            return self.begin_again(error);
        }
        let mut told = ledger.told();
        let known = told.committed.entry((GROUP.to_owned(), at.clone())).or_default();
        *known = (*known).max(offset);
        Ok(true)
    }
}

/// The offset that `group` has committed in `at`; -1: none.
pub(super) async fn committed(
    way: &mut Way<'_>,
    group: &str,
    at: &TopicPartition,
) -> Result<i64, Broken> {
    let topic = OffsetFetchRequestTopics::default()
        .with_name(TopicName(StrBytes::from_string(at.topic.to_string())))
        .with_partition_indexes(vec![at.partition]);
    let wanted = OffsetFetchRequestGroup::default()
        .with_group_id(GroupId(StrBytes::from_string(group.to_owned())))
        .with_topics(Some(vec![topic]));
    let request = OffsetFetchRequest::default().with_groups(vec![wanted]);
    let answer = way.link().ask(8, request).await?;
    let topic = answer.groups.first().and_then(|group| group.topics.first());
    match topic.and_then(|topic| topic.partitions.first()) {
        Some(partition) if partition.error_code == 0 => Ok(partition.committed_offset),
        _ => Err(Broken),
    }
}

fn group() -> GroupId {
    GroupId(StrBytes::from_static_str(GROUP))
}
