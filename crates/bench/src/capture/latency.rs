//! From sending a single-row commit to its record being on stable storage in the topic, and to the
//! database's own answer, which tells its share of the time.
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use commitlog::{Listener, Log, Visibility};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use types::TopicPartition;

use super::node::{CHANGES_TOPIC, Node};
use crate::outcome::Result;

const PATIENCE: Duration = Duration::from_secs(10);
/// Between two commits, so that each meets an idle system.
const PAUSE: Duration = Duration::from_millis(3);

/// Passes on that the topic has grown.
struct Bell(SyncSender<()>);

impl Listener for Bell {
    fn grown(&self, partitions: &[TopicPartition], visibility: Visibility) {
        let is_ours = partitions.iter().any(|partition| &*partition.topic == CHANGES_TOPIC);
        if visibility == Visibility::Durable && is_ours {
            // A full channel rings already.
            let _rings = self.0.try_send(());
        }
    }
}

/// Seconds from the sending of each commit.
#[derive(Default)]
pub struct Latencies {
    /// To the database's answer.
    pub answered: Vec<f64>,
    /// To the record on stable storage in the topic.
    pub durable: Vec<f64>,
}

/// Measures `commits` commits.
pub fn measure(database_port: u16, node: &Node, commits: u32) -> Result<Latencies> {
    let (ring, bell) = sync_channel(1);
    let listener: Arc<dyn Listener> = Arc::new(Bell(ring));
    let weak: Weak<dyn Listener> = Arc::downgrade(&listener);
    node.log.subscribe(weak);
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let options = OptsBuilder::default()
        .ip_or_hostname("127.0.0.1")
        .tcp_port(database_port)
        .user(Some("root"))
        .prefer_socket(false);
    let mut conn = tokio.block_on(Conn::new(options))?;
    let mut latencies = Latencies::default();
    for _ in 0..commits {
        std::thread::sleep(PAUSE);
        let wanted = node.durable(CHANGES_TOPIC) + 1;
        let started = Instant::now();
        let insert = "INSERT INTO shop.changes (customer, amount, city) VALUES (7, 1, 'Oslo')";
        tokio.block_on(conn.query_drop(insert))?;
        latencies.answered.push(started.elapsed().as_secs_f64());
        wait(&bell, || node.durable(CHANGES_TOPIC) >= wanted)?;
        latencies.durable.push(started.elapsed().as_secs_f64());
    }
    tokio.block_on(conn.disconnect())?;
    Ok(latencies)
}

fn wait(bell: &Receiver<()>, is_there: impl Fn() -> bool) -> Result<()> {
    while !is_there() {
        bell.recv_timeout(PATIENCE).map_err(|_| "a change did not arrive")?;
    }
    Ok(())
}
