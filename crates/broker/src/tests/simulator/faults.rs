//! What goes wrong, and when.

use std::time::Duration;

use testkit::disk::Crash;
use testkit::random::SeededRandom;

use super::ledger::Ledger;
use super::world::World;

/// Time between two faults at most.
const PAUSE_MS_MAX: u64 = 150;
/// How long a full disk or a failed sync lasts at most.
const LAST_MS_MAX: u64 = 80;
/// How far the wall clock jumps at most: further than any time-out of the clients.
const JUMP_MS_MAX: u64 = 20_000;

/// Kinds of faults, some of them counted several times because they are frequent.
const FAULTS: u64 = 12;

/// Lets things happen, for ever.
pub(super) async fn run(world: &World, ledger: &Ledger, random: &SeededRandom) {
    loop {
        sleep(random, PAUSE_MS_MAX).await;
        let fault = random.below(FAULTS);
        ledger.note(format!("fault {fault}"));
        match fault {
            0..=3 => world.cut(random),
            4 | 5 => world.crash(Crash::Process),
            6 => world.crash(Crash::LoseUnsynced),
            7 => world.crash(Crash::TearUnsynced { seed: random.below(u64::MAX) }),
            8 => full_disk(world, random).await,
            9 => failed_sync(world, random).await,
            10 => world.slow_syncs(random.below(60)),
            _ => world.jump_clock(random.below(2 * JUMP_MS_MAX) as i64 - JUMP_MS_MAX as i64),
        }
    }
}

async fn full_disk(world: &World, random: &SeededRandom) {
    world.disk_full(true);
    sleep(random, LAST_MS_MAX).await;
    world.disk_full(false);
}

/// After a failed sync nobody knows what is on the disk; a restart finds out.
async fn failed_sync(world: &World, random: &SeededRandom) {
    world.fail_sync();
    sleep(random, LAST_MS_MAX).await;
    world.crash(Crash::LoseUnsynced);
}

async fn sleep(random: &SeededRandom, ms_max: u64) {
    tokio::time::sleep(Duration::from_millis(random.below(ms_max) + 1)).await;
}
