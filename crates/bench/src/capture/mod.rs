//! Capture of a private MariaDB into the embedded log on disk: snapshot against the stock client
//! reading the same table, stream of a burst, latency of single commits.

mod database;
mod latency;
mod node;

use crate::cost;
use crate::outcome::Result;
use crate::report::{Line, Report, milliseconds, rate};

use database::Database;
use node::Node;

const ROUNDS: usize = 3;
const SNAPSHOT_ROWS: u32 = 1_000_000;
const BURST_ROWS: u32 = 200_000;
const SINGLES: u32 = 20_000;
const LATENCY_COMMITS: u32 = 500;

/// Measures all of it; says so when MariaDB is not installed.
pub fn run(report: &mut Report) -> Result<()> {
    let Some(database) = Database::start() else {
        report.add(Line::new("capture", "not measured: MariaDB is not installed"));
        return Ok(());
    };
    let node = Node::start(database.port())?;
    snapshot(&database, &node, report)?;
    stream(&database, &node, report)?;
    single_commits(&database, &node, report)?;
    node.stop();
    Ok(())
}

fn snapshot(database: &Database, node: &Node, report: &mut Report) -> Result<()> {
    database.fill(SNAPSHOT_ROWS);
    let mut number = 0;
    let costs = cost::in_turns(
        ROUNDS,
        &mut [
            ("stock client", &mut || database.read_with_client()),
            ("snapshot", &mut || {
                number += 1;
                node.snapshot(&format!("snapshot{number}"), i64::from(SNAPSHOT_ROWS))
            }),
        ],
    )?;
    let [client, ours] = [costs[0], costs[1]].map(|cost| f64::from(SNAPSHOT_ROWS) / cost.wall);
    let of_cpu = f64::from(SNAPSHOT_ROWS) / costs[1].cpu;
    let measure = "MariaDB snapshot into the log, 1,000,000 rows, AVRO";
    report.add(
        Line::new(measure, rate(ours, "rows"))
            .against(format!("stock client {}", rate(client, "rows")), ours / client)
            .at_least(ours / client, 0.5, "0.50"),
    );
    let shown = format!("{} of CPU", rate(of_cpu, "rows"));
    let line = Line::new("the same, per core (our process alone)", shown);
    report.add(line.at_least(of_cpu, 1e5, "100 k rows/s"));
    Ok(())
}

fn stream(database: &Database, node: &Node, report: &mut Report) -> Result<()> {
    node.capture_changes()?;
    for (name, rows, rows_per_commit) in [
        ("binlog stream, burst of 200,000 rows in commits of 1,000", BURST_ROWS, 1_000),
        ("binlog stream, burst of 20,000 single-row commits", SINGLES, 1),
    ] {
        let (mut ours, mut client) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            node.pause()?;
            let from = database.binlog_position()?;
            database.burst(rows, rows_per_commit)?;
            client.push(database.read_binlog_with_client(&from)?.wall);
            ours.push(node.catch_up(i64::from(rows))?.wall);
            eprintln!("  round {round}: client {:.3} s, ours {:.3} s", client[round], ours[round]);
        }
        let [client, ours] = [client, ours].map(|walls| f64::from(rows) / cost::median(walls));
        let yardstick = format!("mariadb-binlog {}", rate(client, "events"));
        let line = Line::new(name, rate(ours, "events")).against(yardstick, ours / client);
        report.add(line.at_least(ours, 5e4, "50 k events/s"));
    }
    Ok(())
}

fn single_commits(database: &Database, node: &Node, report: &mut Report) -> Result<()> {
    let taken = latency::measure(database.port(), node, LATENCY_COMMITS)?;
    let line = |at: f64, name: &str| {
        let [ours, database] =
            [&taken.durable, &taken.answered].map(|all| cost::percentile(all.clone(), at));
        let measure = format!("single-row commit, sent to durable in the topic, {name}");
        let yardstick = format!("the database's answer {}", milliseconds(database));
        (ours, Line::new(measure, milliseconds(ours)).against(yardstick, ours / database))
    };
    let (_, p50) = line(0.5, "p50");
    report.add(p50.remark("-"));
    let (seconds, p99) = line(0.99, "p99");
    report.add(p99.below(seconds, 0.05, "50 ms"));
    Ok(())
}
