//! Random members, some of whose requests and answers are lost: no partition is ever with two, and in
//! the end everybody has a share.

use std::time::Duration;

use testkit::random::SeededRandom;

use super::driver::*;
use crate::groups::consumer::*;

/// One member's next heartbeat; in one of `losses` cases its answer is lost.
fn step(driver: &mut Driver, random: &SeededRandom, losses: u64, client: &mut Client) {
    let beat = match client.epoch {
        0 => client.join(),
        _ if client.is_unsure => {
            let Client { epoch, ref owned, .. } = *client;
            Beat { epoch, owned: Some(owned.clone()), ..client.join() }
        }
        _ => client.beat(),
    };
    match driver.beat(&beat) {
        Ok(_) if random.one_in(losses) => client.is_unsure = true,
        Ok(answer) => client.follow(answer),
        Err(_) => {
            client.epoch = 0;
            client.owned = Partitions::default();
        }
    }
}

/// What the group believes of its members; who is fenced has to let go by itself.
fn check(driver: &Driver) {
    let mut all = Partitions::default();
    let mut count = 0;
    for member in driver.group.members() {
        for partitions in [&member.assigned, &member.revoking] {
            count += partitions.len();
            all.extend(partitions.iter());
        }
    }
    assert_eq!(all.len(), count, "a partition is with two members");
}

/// What clients work on themselves; nobody here is ever fenced for silence.
fn check_clients(clients: &[Client]) {
    let all: Partitions = clients.iter().flat_map(|client| client.owned.iter()).collect();
    let count: usize = clients.iter().map(|client| client.owned.len()).sum();
    assert_eq!(all.len(), count, "two clients work on a partition");
}

#[test]
fn no_partition_is_with_two() {
    for seed in 0..60 {
        let random = SeededRandom::new(seed);
        let mut driver = Driver::new(7);
        let new = |number: usize| Client::new(&format!("m{number}"));
        let mut clients: Vec<Client> = (0..2).map(new).collect();
        for number in 2..150 {
            let index = random.below(clients.len() as u64) as usize;
            match random.below(12) {
                0 if clients.len() < 6 => clients.push(new(number)),
                1 if clients.len() > 1 => {
                    let gone = clients.remove(index);
                    driver.group.leave(&gone.id, None).ok();
                }
                2 => driver.add_topic("t", 1, 7 + random.below(4) as i32),
                _ => step(&mut driver, &random, 5, &mut clients[index]),
            }
            driver.pass(Duration::from_millis(10));
            check(&driver);
            check_clients(&clients);
        }
        // Who was fenced joins again, and everybody hears what it missed.
        for client in &mut clients {
            for _ in 0..3 {
                step(&mut driver, &random, u64::MAX, client);
            }
        }
        driver.settle(&mut clients.iter_mut().collect::<Vec<_>>());
        let shares = clients.iter().map(|client| client.owned.len());
        assert!(shares.clone().max() <= shares.min().map(|least| least + 1));
        check_clients(&clients);
    }
}
