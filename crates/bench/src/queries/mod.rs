//! Queries in this process on one worker thread, against an Arrow reader that only decodes the same
//! payloads.
//!
//! The ratio compares records per second of processor time, all threads of the process together
//! (the log's syncing too): what one core does. Records per second on the wall stand beside it.

pub mod input;
mod node;
mod yardstick;

use crate::cost::{self, Cost};
use crate::outcome::Result;
use crate::report::{Line, Report, rate};

use input::{Encoding, Input};
use node::Node;

const ROUNDS: usize = 5;
const FILTER: f64 = 0.40;
const AGGREGATE: f64 = 0.30;

/// A query that is measured.
struct Case {
    name: &'static str,
    /// Its statement, with `FORMAT` for the value format.
    statement: &'static str,
    bar: Option<f64>,
}

const CASES: [Case; 4] = [
    Case {
        name: "decode + filter + project + encode",
        statement: "CREATE STREAM result WITH (value_format='FORMAT') AS SELECT customer, id, \
                    UCASE(city) AS city, amount * 1.2 AS gross FROM orders WHERE amount > 500 \
                    EMIT CHANGES;",
        bar: Some(FILTER),
    },
    Case {
        name: "COUNT/SUM by key, 100,000 keys",
        statement: "CREATE TABLE result WITH (value_format='FORMAT') AS SELECT customer, \
                    COUNT(*) AS n, SUM(amount) AS total FROM orders GROUP BY customer \
                    EMIT CHANGES;",
        bar: Some(AGGREGATE),
    },
    Case {
        name: "tumbling COUNT/SUM by key, 100,000 keys",
        statement: "CREATE TABLE result WITH (value_format='FORMAT') AS SELECT customer, \
                    COUNT(*) AS n, SUM(amount) AS total FROM orders \
                    WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY customer EMIT CHANGES;",
        bar: Some(AGGREGATE),
    },
    Case {
        name: "COUNT/SUM by a value column (regrouped), 100,000 keys",
        statement: "CREATE TABLE result WITH (value_format='FORMAT') AS SELECT name, \
                    COUNT(*) AS n, SUM(amount) AS total FROM orders GROUP BY name EMIT CHANGES;",
        bar: None,
    },
];

/// JSON against arrow-json.
pub fn json(report: &mut Report) -> Result<()> {
    compare(Encoding::Json, report)
}

/// AVRO against arrow-avro.
pub fn avro(report: &mut Report) -> Result<()> {
    compare(Encoding::Avro, report)
}

fn compare(encoding: Encoding, report: &mut Report) -> Result<()> {
    let input = Input::new(encoding)?;
    let node = Node::start(&input)?;
    let name = encoding.name();
    let mut shown = false;
    for case in &CASES {
        let statement = case.statement.replace("FORMAT", name);
        let costs = cost::in_turns(
            ROUNDS,
            &mut [
                ("decode alone", &mut || yardstick::decode(&input)),
                (case.name, &mut || node.run(&statement)),
            ],
        )?;
        let (alone, ours) = (speed(&input, costs[0]), speed(&input, costs[1]));
        if !shown {
            let measure = format!("{name}: decoding alone with {}", encoding.reader());
            report.add(Line::new(measure, text(alone)).remark("-"));
            shown = true;
        }
        let ratio = ours.cpu / alone.cpu;
        let line =
            Line::new(format!("{name}: {}", case.name), text(ours)).against(text(alone), ratio);
        report.add(match case.bar {
            Some(bar) => line.at_least(ratio, bar, &format!("{bar:.2}")),
            None => line.remark("-"),
        });
    }
    Ok(())
}

/// Records per second.
fn speed(input: &Input, cost: Cost) -> Cost {
    let records = input.records() as f64;
    Cost { wall: records / cost.wall, cpu: records / cost.cpu }
}

fn text(speed: Cost) -> String {
    format!("{} of CPU ({} wall)", rate(speed.cpu, "rec"), rate(speed.wall, "rec"))
}
