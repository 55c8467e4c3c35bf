//! How long an acknowledgement takes, and the way from producer to consumer.

use super::broker::Broker;
use super::tools::{self, Load};
use crate::commits;
use crate::cost::{median, percentile};
use crate::outcome::Result;
use crate::report::{Line, Report, milliseconds};

const TURNS: usize = 3;
/// Records in a second: far below what either broker can take.
const RATE: u64 = 2_000;
const RECORDS: u64 = 20_000;
const RECORDS_END_TO_END: u64 = 5_000;
const SIZES: [usize; 2] = [100, 1000];

/// Measures both.
pub fn run(report: &mut Report) -> Result<()> {
    let sync_ms = percentile(commits::sync_times()?, 0.99) * 1e3;
    for record_bytes in SIZES {
        for acks in ["1", "all"] {
            acknowledgement(report, record_bytes, acks, sync_ms)?;
        }
    }
    for acks in ["1", "all"] {
        end_to_end(report, acks)?;
    }
    Ok(())
}

fn acknowledgement(report: &mut Report, bytes: usize, acks: &str, sync_ms: f64) -> Result<()> {
    let run = |broker: Broker| -> Result<(f64, f64)> {
        let bootstrap = broker.bootstrap();
        tools::create_topic(&bootstrap, "t", 1, &[])?;
        let load =
            Load { topic: "t", records: RECORDS, record_bytes: bytes, acks, rate: Some(RATE) };
        let produced = tools::produce(&bootstrap, load)?;
        Ok((produced.p50_ms, produced.p99_ms))
    };
    let (ours, theirs) = in_turns(run)?;
    let of = format!("{bytes} B at {RATE}/s, acks={acks} (Apache Kafka)");
    let shown = |ms: f64| milliseconds(ms / 1e3);
    let p50 = Line::new(format!("acknowledgement p50, {of}"), shown(ours.0));
    report.add(p50.against(shown(theirs.0), ours.0 / theirs.0.max(0.5)).remark("-"));
    // The tool prints whole milliseconds, so one is allowed for rounding.
    let allowed_ms = if acks == "all" { theirs.1 + 2.0 * sync_ms } else { theirs.1 } + 1.0;
    let p99 = Line::new(format!("acknowledgement p99, {of}"), shown(ours.1));
    let p99 = p99.against(shown(theirs.1), ours.1 / theirs.1.max(0.5));
    report.add(p99.below(ours.1, allowed_ms + f64::EPSILON, &shown(allowed_ms)));
    Ok(())
}

fn end_to_end(report: &mut Report, acks: &str) -> Result<()> {
    let run = |broker: Broker| -> Result<(f64, f64)> {
        tools::end_to_end(&broker.bootstrap(), "t", RECORDS_END_TO_END, acks)
    };
    let (ours, theirs) = in_turns(run)?;
    for (at, ours, theirs) in [("p50", ours.0, theirs.0), ("p99", ours.1, theirs.1)] {
        let line = Line::new(
            format!("end to end {at}, 100 B, acks={acks} (Apache Kafka)"),
            milliseconds(ours / 1e3),
        );
        let ratio = ours / theirs.max(0.5);
        report.add(line.against(milliseconds(theirs / 1e3), ratio).remark("-"));
    }
    Ok(())
}

/// Medians of p50 and p99 of both sides.
fn in_turns(run: impl Fn(Broker) -> Result<(f64, f64)>) -> Result<((f64, f64), (f64, f64))> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        ours.push(run(Broker::tidemill()?.0)?);
        theirs.push(run(Broker::apache()?.0)?);
    }
    let medians = |runs: &[(f64, f64)]| {
        let (p50, p99) = runs.iter().copied().unzip();
        (median(p50), median(p99))
    };
    Ok((medians(&ours), medians(&theirs)))
}
