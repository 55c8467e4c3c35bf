//! The release binary as a process, asked over REST: start, memory, idle queries, pull queries.

mod connection;
mod contents;
mod load;
mod server;

use std::time::Duration;

use crate::cost::{self, median, percentile};
use crate::outcome::Result;
use crate::report::{Line, Report, megabytes, milliseconds, rate};

pub use server::Server;

const STARTS: usize = 5;
const STARTS_WITH_STATE: usize = 3;
const IDLE_QUERIES: usize = 1_000;
const STATEMENTS_PER_REQUEST: usize = 50;
/// What was just done may still cost memory and time; this long it may settle.
const REST: Duration = Duration::from_secs(3);
const WATCHED: Duration = Duration::from_secs(10);
const LOAD_ROUNDS: usize = 3;

/// Start, memory, and 1,000 idle queries.
pub fn life(report: &mut Report) -> Result<()> {
    empty_start(report)?;
    idle_queries(report)?;
    start_with_state(report)
}

fn empty_start(report: &mut Report) -> Result<()> {
    let mut taken = Vec::new();
    for _ in 0..STARTS {
        let mut server = Server::on_empty_directory()?;
        taken.push(server.start("SHOW STREAMS;")?);
        server.terminate()?;
    }
    let taken = median(taken);
    let line = Line::new("start to first answered statement, empty", milliseconds(taken));
    report.add(line.below(taken, 0.2, "200 ms"));
    Ok(())
}

fn idle_queries(report: &mut Report) -> Result<()> {
    let mut server = Server::on_empty_directory()?;
    server.start("SHOW STREAMS;")?;
    std::thread::sleep(REST);
    let bytes = cost::resident_bytes(&server.id())?;
    let line = Line::new("resident memory, idle", megabytes(bytes));
    report.add(line.below(bytes, 80e6, "80 MB"));
    let mut connection = server.connect()?;
    connection.statement(
        "CREATE STREAM events (id BIGINT KEY, name STRING, amount DOUBLE) \
         WITH (kafka_topic='events', value_format='JSON', partitions=1);",
    )?;
    for from in (0..IDLE_QUERIES).step_by(STATEMENTS_PER_REQUEST) {
        let statement = |number: usize| {
            format!("CREATE STREAM q{number} AS SELECT * FROM events WHERE amount > {number};\n")
        };
        let statements: String = (from..from + STATEMENTS_PER_REQUEST).map(statement).collect();
        connection.statement(&statements)?;
    }
    std::thread::sleep(REST);
    let before = cost::cpu_seconds(&server.id())?;
    std::thread::sleep(WATCHED);
    let cpu = (cost::cpu_seconds(&server.id())? - before) / WATCHED.as_secs_f64();
    let bytes = cost::resident_bytes(&server.id())?;
    let line = Line::new("resident memory, 1,000 idle persistent queries", megabytes(bytes));
    report.add(line.below(bytes, 1e9, "1 GB"));
    let line = Line::new("CPU, 1,000 idle persistent queries", format!("{:.2} %", cpu * 100.0));
    report.add(line.below(cpu, 0.02, "2 % of a core"));
    server.terminate()
}

fn start_with_state(report: &mut Report) -> Result<()> {
    let megabytes = contents::wide_mb()?;
    let mut server = Server::on_empty_directory()?;
    contents::wide(&server.data(), megabytes)?;
    server.start("SHOW STREAMS;")?;
    contents::materialise_wide(&mut server.connect()?)?;
    let mut taken = Vec::new();
    for _ in 0..STARTS_WITH_STATE {
        server.terminate()?;
        taken.push(server.start(contents::WIDE_LAST)?);
    }
    let taken = median(taken);
    let measure = format!("start to first pull query answered, {megabytes} MB of state");
    let line = Line::new(measure, milliseconds(taken));
    report.add(match megabytes >= contents::WIDE_MB {
        true => line.below(taken, 3.0, "3 s"),
        false => line.remark("< 3 s with 1 GB"),
    });
    server.terminate()
}

/// Pull queries by key, on keep-alive connections, in turns with the server's smallest answer.
pub fn pull(report: &mut Report) -> Result<()> {
    let mut server = Server::on_empty_directory()?;
    contents::orders(&server.data())?;
    server.start("SHOW STREAMS;")?;
    contents::materialise_orders(&mut server.connect()?)?;
    let (mut pulls, mut infos) = (Vec::new(), Vec::new());
    for _ in 0..LOAD_ROUNDS {
        infos.push(load::run(&server, load::Kind::Info)?);
        pulls.push(load::run(&server, load::Kind::Pull)?);
    }
    let speed = |loads: &[load::Load]| median(loads.iter().map(load::Load::per_second).collect());
    let (ours, plain) = (speed(&pulls), speed(&infos));
    let connections = load::CONNECTIONS;
    let measure = format!("pull queries by key, {connections} connections from the same cores");
    report.add(
        Line::new(measure, rate(ours, "queries"))
            .against(format!("GET /info {}", rate(plain, "answers")), ours / plain)
            .at_least(ours, 1e4, "10 k/s"),
    );
    let at = |share| median(pulls.iter().map(|l| percentile(l.seconds.clone(), share)).collect());
    report.add(Line::new("the same, p50", milliseconds(at(0.5))).remark("-"));
    report.add(Line::new("the same, p99", milliseconds(at(0.99))).below(at(0.99), 0.005, "5 ms"));
    server.terminate()
}
