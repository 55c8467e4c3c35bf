//! How much producers and consumers get through.

use super::broker::Broker;
use super::tools::{self, Load};
use crate::cost::median;
use crate::outcome::Result;
use crate::report::{Line, Report, rate};

/// Runs of each side, in turns.
const TURNS: usize = 3;
/// Bytes that one producer run sends, whatever the size of records.
const BYTES: u64 = 200_000_000;
/// The same for the broker that syncs every message.
const BYTES_SYNCED: u64 = 3_000_000;
const SIZES: [usize; 2] = [100, 1000];
const PARTITIONS: [u32; 2] = [1, 64];
const ACKS: [&str; 2] = ["1", "all"];

/// Measures both.
pub fn run(report: &mut Report) -> Result<()> {
    for record_bytes in SIZES {
        for partitions in PARTITIONS {
            compare(report, record_bytes, partitions)?;
        }
    }
    synced(report)
}

/// Produces with each acknowledgement to a topic of its own, and reads that again warm and cold.
fn compare(report: &mut Report, record_bytes: usize, partitions: u32) -> Result<()> {
    let (mut ours, mut theirs) = (<[Series; 2]>::default(), <[Series; 2]>::default());
    for _ in 0..TURNS {
        let (tidemill, _) = Broker::tidemill()?;
        measure(&tidemill, record_bytes, partitions, &mut ours)?;
        drop(tidemill);
        let (apache, _) = Broker::apache()?;
        measure(&apache, record_bytes, partitions, &mut theirs)?;
    }
    for (acks, (ours, theirs)) in ACKS.into_iter().zip(ours.into_iter().zip(theirs)) {
        let of = format!("{record_bytes} B, {partitions} partitions, acks={acks}");
        for (what, ours, theirs) in [
            ("produce", ours.produced, theirs.produced),
            ("fetch warm", ours.warm, theirs.warm),
            ("fetch cold", ours.cold, theirs.cold),
        ] {
            let (ours, theirs) = (median(ours), median(theirs));
            let line = Line::new(format!("{what}, {of} (Apache Kafka)"), rate(ours, "records"));
            let ratio = ours / theirs;
            report.add(line.against(rate(theirs, "records"), ratio).at_least(ratio, 1.0, "1.00"));
        }
    }
    Ok(())
}

/// One run for each acknowledgement.
fn measure(broker: &Broker, bytes: usize, partitions: u32, series: &mut [Series; 2]) -> Result<()> {
    for (acks, series) in ACKS.into_iter().zip(series) {
        series.add(broker, acks, bytes, partitions)?;
    }
    Ok(())
}

#[derive(Default)]
struct Series {
    produced: Vec<f64>,
    warm: Vec<f64>,
    cold: Vec<f64>,
}

impl Series {
    /// The topic is called like the acknowledgement.
    fn add(&mut self, broker: &Broker, acks: &str, bytes: usize, partitions: u32) -> Result<()> {
        let bootstrap = broker.bootstrap();
        let records = BYTES / bytes as u64;
        tools::create_topic(&bootstrap, acks, partitions, &[])?;
        let load = Load { topic: acks, records, record_bytes: bytes, acks, rate: None };
        self.produced.push(tools::produce(&bootstrap, load)?.records_per_second);
        self.warm.push(tools::consume(&bootstrap, acks, records)?);
        super::life::forget_pages(&broker.data())?;
        self.cold.push(tools::consume(&bootstrap, acks, records)?);
        Ok(())
    }
}

/// Against a topic of Apache Kafka's that syncs as ours does: before it acknowledges.
fn synced(report: &mut Report) -> Result<()> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let record_bytes = 1000;
    let run = |broker: Broker, bytes: u64, config: &[&str]| -> Result<f64> {
        let bootstrap = broker.bootstrap();
        tools::create_topic(&bootstrap, "t", 1, config)?;
        let records = bytes / record_bytes as u64;
        let load = Load { topic: "t", records, record_bytes, acks: "all", rate: None };
        Ok(tools::produce(&bootstrap, load)?.records_per_second)
    };
    for _ in 0..TURNS {
        ours.push(run(Broker::tidemill()?.0, BYTES, &[])?);
        theirs.push(run(Broker::apache()?.0, BYTES_SYNCED, &["flush.messages=1"])?);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let line = Line::new("produce, 1000 B, acks=all (Apache Kafka syncing)", rate(ours, "records"));
    let ratio = ours / theirs;
    report.add(line.against(rate(theirs, "records"), ratio).at_least(ratio, 5.0, "5.00"));
    Ok(())
}
