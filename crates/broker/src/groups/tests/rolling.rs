//! An application that is rolled from one protocol to the other and back while its broker is killed and
//! opened again: no partition is ever worked on by two, no member is ever thrown out, and in the end
//! everything is with somebody.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::{
    ConsumerGroupHeartbeatResponse, JoinGroupResponse, LeaveGroupRequest,
};
use kafka_protocol::protocol::Request;
use testkit::disk::Crash;
use testkit::random::SeededRandom;
use tokio::sync::watch;
use tokio::task::LocalSet;
use tokio::time::sleep;

use super::consumer_member::*;
use super::member::*;
use crate::groups::embedded;
use crate::tests::harness::{Client, Harness};

const PARTITIONS: i32 = 3;
const MEMBERS: u64 = 3;
const SEEDS: u64 = 12;
const INTERVAL: Duration = Duration::from_millis(300);
const REJOIN: i16 = ResponseError::RebalanceInProgress.code();
/// What a client tries again after.
const NOT_NOW: i16 = ResponseError::CoordinatorNotAvailable.code();

/// The broker, and who works on what by what the members themselves know.
struct World {
    harness: RefCell<Harness>,
    /// How often the broker was killed.
    kills: watch::Sender<u64>,
    owners: RefCell<BTreeMap<i32, u64>>,
}

impl World {
    fn kill(&self) {
        self.harness.borrow_mut().crash(Crash::LoseUnsynced);
        self.kills.send_modify(|kills| *kills += 1);
    }

    /// Member `member` works on `partitions` from now on, and on nothing else.
    fn works_on(&self, member: u64, partitions: &[i32]) {
        let mut owners = self.owners.borrow_mut();
        owners.retain(|_, owner| *owner != member);
        for partition in partitions {
            let before = owners.insert(*partition, member);
            assert_eq!(before, None, "{member} works on {partition} beside another");
        }
    }

    fn of(&self, member: u64) -> BTreeSet<i32> {
        let owners = self.owners.borrow();
        owners.iter().filter(|(_, owner)| **owner == member).map(|(it, _)| *it).collect()
    }
}

/// A client that comes again when its broker has gone.
struct Caller {
    world: Rc<World>,
    client: Client,
    kills: watch::Receiver<u64>,
}

impl Caller {
    fn new(world: &Rc<World>) -> Self {
        let client = world.harness.borrow().client();
        Self { world: Rc::clone(world), client, kills: world.kills.subscribe() }
    }

    /// One try; an answer may be lost together with the broker.
    async fn ask<Q: Request>(&mut self, version: i16, request: &Q) -> Option<Q::Response> {
        let client = &mut self.client;
        let asked = async {
            let id = client.try_send(version, request).await.ok()?;
            client.try_receive::<Q>(version, id).await.ok()
        };
        let answer = tokio::select! {
            biased;
            _ = self.kills.changed() => None,
            answer = asked => answer,
        };
        if answer.is_none() {
            self.client = self.world.harness.borrow().client();
        }
        answer
    }
}

/// A member of the classic protocol, until `stop` says so. An eager one lets go of everything before it
/// joins anew, a cooperative one of what it loses afterwards.
async fn run_classic(world: Rc<World>, number: u64, is_eager: bool, stop: Rc<RefCell<bool>>) {
    let mut caller = Caller::new(&world);
    let mut id = String::new();
    let mut joined: Option<JoinGroupResponse> = None;
    while !*stop.borrow() {
        joined = match joined {
            None => join(&mut caller, number, is_eager, &mut id).await,
            Some(joined) => match caller.ask(4, &heartbeat_request(&joined)).await {
                None => Some(joined),
                Some(beat) if beat.error_code == REJOIN => None,
                Some(beat) => {
                    assert_eq!(beat.error_code, 0, "member {number} in {joined:?}");
                    Some(joined)
                }
            },
        };
        sleep(INTERVAL).await;
    }
    world.works_on(number, &[]);
    let leaving = MemberIdentity::default().with_member_id(text(&id));
    let request = LeaveGroupRequest::default().with_group_id(group_id());
    while caller.ask(5, &request.clone().with_members(vec![leaving.clone()])).await.is_none() {}
}

/// Joins and takes what it is given; `None` when it has to join once more.
async fn join(
    caller: &mut Caller,
    number: u64,
    is_eager: bool,
    id: &mut String,
) -> Option<JoinGroupResponse> {
    if is_eager {
        caller.world.works_on(number, &[]);
    }
    let owned = caller.world.of(number);
    let request = join_request_with(id, &owned.iter().copied().collect::<Vec<_>>());
    let joined = caller.ask(9, &request).await?;
    match ResponseError::try_from_code(joined.error_code) {
        None => {}
        Some(ResponseError::MemberIdRequired) => {
            *id = joined.member_id.to_string();
            return None;
        }
        // Its id was told, but a restart does not know who was told what before it joined.
        Some(ResponseError::UnknownMemberId) => {
            id.clear();
            caller.world.works_on(number, &[]);
            return None;
        }
        Some(error) => {
            assert!([REJOIN, NOT_NOW].contains(&error.code()), "member {number}: {error}");
            return None;
        }
    }
    let synced = caller.ask(5, &sync_request_with(&joined, &shares(&joined))).await?;
    if synced.error_code != 0 {
        return None;
    }
    let given = read_assignment(&synced.assignment);
    caller.world.works_on(number, &given);
    owned.iter().all(|partition| given.contains(partition)).then_some(joined)
}

/// What a leader gives to whom: to each in turn, but to nobody what another still works on.
fn shares(joined: &JoinGroupResponse) -> Vec<(&str, Bytes)> {
    let topic: Arc<str> = TOPIC.into();
    let owned = |metadata: &Bytes| {
        let mut said = embedded::read_subscription(metadata).expect("a subscription");
        said.owned.remove(&topic).unwrap_or_default()
    };
    let owned: Vec<BTreeSet<i32>> =
        joined.members.iter().map(|member| owned(&member.metadata)).collect();
    let share = |index: usize| {
        let is_its = |number: &i32| *number as usize % owned.len() == index;
        let is_free = |number: &i32| {
            owned.iter().enumerate().all(|(other, has)| other == index || !has.contains(number))
        };
        given(&(0..PARTITIONS).filter(is_its).filter(is_free).collect::<Vec<_>>())
    };
    let members = joined.members.iter().enumerate();
    members.map(|(index, member)| (member.member_id.as_str(), share(index))).collect()
}

/// A member of the consumer protocol, until `stop` says so.
async fn run_consumer(world: Rc<World>, number: u64, stop: Rc<RefCell<bool>>) {
    let mut caller = Caller::new(&world);
    let joins = consumer_join(&format!("consumer-{number}"));
    let mut known =
        ConsumerGroupHeartbeatResponse::default().with_member_id(Some(joins.member_id.clone()));
    // An answer that was lost makes it say everything once more.
    let mut is_unsure = true;
    while !*stop.borrow() {
        let request = match is_unsure {
            true => joins
                .clone()
                .with_member_epoch(known.member_epoch)
                .with_topic_partitions(consumer_beat(&known).topic_partitions),
            false => consumer_beat(&known),
        };
        match caller.ask(1, &request).await {
            Some(answer) if answer.error_code != NOT_NOW => {
                assert_eq!(answer.error_code, 0, "member {number}: {:?}", answer.error_message);
                known.member_epoch = answer.member_epoch;
                known.assignment = answer.assignment.or(known.assignment.take());
                world.works_on(number, &partitions(&known));
                is_unsure = false;
            }
            _ => is_unsure = true,
        }
        sleep(INTERVAL).await;
    }
    world.works_on(number, &[]);
    while caller.ask(1, &consumer_beat(&known).with_member_epoch(-1)).await.is_none() {}
}

/// A member, and how to end it.
struct Running {
    stop: Rc<RefCell<bool>>,
    task: tokio::task::JoinHandle<()>,
}

/// How the members of a run speak.
#[derive(Clone, Copy)]
enum Speaks {
    Classic { is_eager: bool },
    Consumer,
}

fn start(world: &Rc<World>, number: u64, speaks: Speaks) -> Running {
    let stop = Rc::new(RefCell::new(false));
    let (world, told) = (Rc::clone(world), Rc::clone(&stop));
    let task = match speaks {
        Speaks::Classic { is_eager } => {
            tokio::task::spawn_local(run_classic(world, number, is_eager, told))
        }
        Speaks::Consumer => tokio::task::spawn_local(run_consumer(world, number, told)),
    };
    Running { stop, task }
}

async fn end(running: Running) {
    *running.stop.borrow_mut() = true;
    running.task.await.expect("the member was content");
}

/// Rolls all members once; each restart may meet a crash of the broker.
async fn roll(
    world: &Rc<World>,
    random: &SeededRandom,
    running: &mut [Running],
    numbers: &mut u64,
    speaks: Speaks,
) {
    for slot in running.iter_mut() {
        *numbers += 1;
        let next = start(world, *numbers, speaks);
        let before = std::mem::replace(slot, next);
        // The old one may go before or after the new one has come.
        if random.one_in(2) {
            sleep(Duration::from_millis(random.below(2_000))).await;
        }
        end(before).await;
        sleep(Duration::from_millis(random.below(4_000))).await;
        if random.one_in(2) {
            world.kill();
        }
        sleep(Duration::from_millis(random.below(4_000))).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_application_is_rolled_while_the_broker_is_killed() {
    for seed in 0..SEEDS {
        LocalSet::new().run_until(run(seed)).await;
    }
}

async fn run(seed: u64) {
    let random = SeededRandom::new(seed);
    let world = Rc::new(World {
        harness: RefCell::new(harness()),
        kills: watch::Sender::new(0),
        owners: RefCell::new(BTreeMap::new()),
    });
    let mut numbers = MEMBERS;
    let classic = Speaks::Classic { is_eager: random.one_in(2) };
    let mut running: Vec<Running> =
        (1..=MEMBERS).map(|number| start(&world, number, classic)).collect();
    for speaks in [Speaks::Consumer, classic, Speaks::Consumer, classic] {
        roll(&world, &random, &mut running, &mut numbers, speaks).await;
        sleep(Duration::from_secs(5)).await;
        let newest = numbers - MEMBERS + 1..=numbers;
        let shares: Vec<usize> = newest.map(|member| world.of(member).len()).collect();
        assert_eq!(shares, [1; MEMBERS as usize], "seed {seed}");
    }
    for member in running {
        end(member).await;
    }
}
