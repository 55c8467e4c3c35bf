//! A seeded simulation of broker and log under several kinds of clients, with faults of disk, network,
//! process and clock. Time, randomness, streams and disk are all in our hands, so a failing seed fails
//! again: `SEED=n cargo test -p broker simulator -- --nocapture` runs one and tells what happened, `SEEDS=n` that many.
//!
//! For some seconds of simulated time producers, transactions, group members and readers work while
//! faults happen; then everything heals, the clients finish, and [`check`] compares what the log holds
//! with what each client was told:
//!
//! - what was acknowledged is there, once, in order, at the offset that was told;
//! - a transaction is there as a whole or not at all, and no reader of committed records ever saw an
//!   aborted one;
//! - what any reader saw at an offset stays there;
//! - high watermark, last stable offset and a group's committed offsets never go back;
//! - no transaction holds the last stable offset for ever.

mod check;
mod faults;
mod group;
mod ledger;
mod link;
mod producer;
mod reader;
mod transactions;
mod world;

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use testkit::random::SeededRandom;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use ledger::Ledger;
use world::World;

/// How long faults happen.
const UNREST: Duration = Duration::from_millis(1500);
/// How long clients may take to finish afterwards, and open transactions to time out.
const PATIENCE: Duration = Duration::from_secs(120);
/// Seeds that run unless told otherwise.
const SEEDS_DEFAULT: u64 = 1000;

/// Runs the simulation of `seed`; returns everything the clients saw, and what does not hold.
fn simulate(seed: u64) -> (Vec<String>, Result<(), String>) {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime of one thread");
    let ledger = runtime.block_on(async { Arc::new(Ledger::default()) });
    let result = runtime.block_on(live(seed, &ledger));
    (ledger.events(), result)
}

async fn live(seed: u64, ledger: &Arc<Ledger>) -> Result<(), String> {
    let world = Arc::new(World::new(seed)?);
    let mut clients = Clients::default();
    for number in 0..2 {
        let world = &world;
        clients.add("producer", number, producer::run(world.clone(), ledger.clone(), number));
        let transactions = transactions::run(world.clone(), ledger.clone(), number);
        clients.add("transactions", number, transactions);
        clients.add("member", number, group::run(world.clone(), ledger.clone(), number));
        clients.add("reader", number, reader::run(world.clone(), ledger.clone(), number == 0));
    }
    let random = SeededRandom::new(seed ^ 0xFA17);
    if tokio::time::timeout(UNREST, faults::run(&world, ledger, &random)).await.is_ok() {
        return Err("faults ended by themselves".to_owned());
    }
    world.heal();
    if let Ok(finished) = tokio::time::timeout(PATIENCE, clients.finish()).await {
        finished?;
    } else {
        let troubles = &ledger.told().troubles;
        return Err(format!("{:?} do not come to an end: {troubles:?}", clients.running));
    }
    tokio::time::sleep(transactions::TIMEOUT * 3).await;
    check::run(&world, ledger).await
}

/// The clients that still run.
#[derive(Default)]
struct Clients {
    tasks: JoinSet<(String, Result<(), String>)>,
    running: BTreeSet<String>,
}

impl Clients {
    fn add(
        &mut self,
        kind: &str,
        number: i32,
        client: impl Future<Output = Result<(), String>> + Send + 'static,
    ) {
        let name = format!("{kind} {number}");
        self.running.insert(name.clone());
        self.tasks.spawn(async move { (name, client.await) });
    }

    /// Waits until all of them have come to an end; fails with the first that fails.
    async fn finish(&mut self) -> Result<(), String> {
        while let Some(finished) = self.tasks.join_next().await {
            let (name, result) = finished.map_err(|error| format!("a client failed: {error}"))?;
            self.running.remove(&name);
            result.map_err(|problem| format!("{name}: {problem}"))?;
        }
        Ok(())
    }
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn what_clients_were_told_stays_true() {
    if let Some(seed) = variable("SEED") {
        let (events, result) = simulate(seed);
        events.iter().for_each(|event| println!("{event}"));
        return result.unwrap_or_else(|problem| panic!("seed {seed}: {problem}"));
    }
    let seeds = variable("SEEDS").unwrap_or(SEEDS_DEFAULT);
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let failed: Vec<String> = std::thread::scope(|scope| {
        let share = |first: u64| {
            scope.spawn(move || {
                let mine = (first..seeds).step_by(threads as usize);
                let failing = mine.filter_map(|seed| Some((seed, failure(seed)?)));
                failing.map(|(seed, problem)| format!("SEED={seed}: {problem}")).collect::<Vec<_>>()
            })
        };
        let running: Vec<_> = (0..threads).map(share).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("panics are caught")).collect()
    });
    assert!(failed.is_empty(), "{} of {seeds} seeds fail:\n{}", failed.len(), failed.join("\n"));
}

fn failure(seed: u64) -> Option<String> {
    let simulated = std::panic::catch_unwind(|| simulate(seed).1);
    simulated.map_or_else(|_| Some("panicked, see above".to_owned()), Result::err)
}

#[test]
fn a_seed_repeats_itself() {
    for seed in 0..5 {
        let (left, right) = (simulate(seed).0, simulate(seed).0);
        let differs = left.iter().zip(&right).position(|(left, right)| left != right);
        let around = differs.map(|at| (at, &left[at], &right[at]));
        assert!(left == right, "seed {seed} differs at {around:?}");
    }
}
