//! Apache's own command-line tools as clients, and what they print.
#![allow(clippy::disallowed_methods, reason = "a benchmark runs programs")]

use std::process::Command;

use crate::outcome::Result;

/// Where `scripts/kafka/fetch.sh jars` puts them.
const JARS: &str = "target/peers/kafka/jars/*";

/// What a producer run showed once it was warm.
#[derive(Clone, Copy, Debug)]
pub struct Produced {
    /// Records in a second.
    pub records_per_second: f64,
    /// Milliseconds from send to acknowledgement, at the median and the 99th percentile.
    pub p50_ms: f64,
    /// The same at the 99th percentile.
    pub p99_ms: f64,
}

/// A run of the producer.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// Where to.
    pub topic: &'a str,
    /// How many records, of which the first quarter warms up.
    pub records: u64,
    /// Bytes of each.
    pub record_bytes: usize,
    /// `acks`.
    pub acks: &'a str,
    /// Records in a second; none: as many as go.
    pub rate: Option<u64>,
}

fn java(main: &str, arguments: &[String]) -> Result<String> {
    let mut command = Command::new("java");
    command.args(["-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", JARS]);
    let output = command.arg(main).args(arguments).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    Err(format!("{main} failed: {text}\n{}", String::from_utf8_lossy(&output.stderr)).into())
}

/// Creates a topic.
pub fn create_topic(bootstrap: &str, name: &str, partitions: u32, config: &[&str]) -> Result<()> {
    let mut arguments: Vec<String> =
        ["--bootstrap-server", bootstrap, "--create", "--topic", name].map(str::to_owned).to_vec();
    arguments.extend(["--partitions".to_owned(), partitions.to_string()]);
    for entry in config {
        arguments.extend(["--config".to_owned(), (*entry).to_owned()]);
    }
    java("org.apache.kafka.tools.TopicCommand", &arguments).map(drop)
}

/// Sends what `load` says.
pub fn produce(bootstrap: &str, load: Load<'_>) -> Result<Produced> {
    let rate = load.rate.map_or("-1".to_owned(), |rate| rate.to_string());
    let mut arguments: Vec<String> = Vec::new();
    for (name, value) in [
        ("--topic", load.topic.to_owned()),
        ("--num-records", load.records.to_string()),
        ("--warmup-records", (load.records / 4).to_string()),
        ("--record-size", load.record_bytes.to_string()),
        ("--throughput", rate),
        ("--bootstrap-server", bootstrap.to_owned()),
        ("--reporting-interval", "3600000".to_owned()),
    ] {
        arguments.extend([name.to_owned(), value]);
    }
    arguments.push("--command-property".to_owned());
    arguments.push(format!("acks={}", load.acks));
    // Without it the client insists on acks=all.
    arguments.push(format!("enable.idempotence={}", load.acks == "all"));
    let printed = java("org.apache.kafka.tools.ProducerPerformance", &arguments)?;
    let summary = printed.lines().rfind(|line| line.contains("99th"));
    let summary = summary.ok_or_else(|| format!("no summary in:\n{printed}"))?;
    Ok(Produced {
        records_per_second: number_before(summary, " records/sec")?,
        p50_ms: number_before(summary, " ms 50th")?,
        p99_ms: number_before(summary, " ms 99th")?,
    })
}

/// Reads `records` records; records in a second while fetching.
pub fn consume(bootstrap: &str, topic: &str, records: u64) -> Result<f64> {
    let records = records.to_string();
    let arguments = [
        "--bootstrap-server",
        bootstrap,
        "--topic",
        topic,
        "--num-records",
        &records,
        "--hide-header",
        "--timeout",
        "60000",
    ]
    .map(str::to_owned);
    let printed = java("org.apache.kafka.tools.ConsumerPerformance", &arguments)?;
    // start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s
    let line = printed.lines().rfind(|line| line.split(", ").count() == 10);
    let line = line.ok_or_else(|| format!("no summary in:\n{printed}"))?;
    let last = line.rsplit(", ").next().unwrap_or_default();
    Ok(last.trim().parse()?)
}

/// Milliseconds from sending a record to receiving it, at the median and the 99th percentile.
pub fn end_to_end(bootstrap: &str, topic: &str, records: u64, acks: &str) -> Result<(f64, f64)> {
    let arguments = [bootstrap, topic, &records.to_string(), acks, "100"].map(str::to_owned);
    let printed = java("org.apache.kafka.tools.EndToEndLatency", &arguments)?;
    let line = printed.lines().find(|line| line.starts_with("Percentiles"));
    let line = line.ok_or_else(|| format!("no percentiles in:\n{printed}"))?;
    Ok((number_after(line, "50th = ")?, number_after(line, "99th = ")?))
}

fn number_before(text: &str, mark: &str) -> Result<f64> {
    let at = text.find(mark).ok_or_else(|| format!("no '{mark}' in: {text}"))?;
    let number = text[..at].rsplit([' ', ',']).next().unwrap_or_default();
    Ok(number.parse()?)
}

fn number_after(text: &str, mark: &str) -> Result<f64> {
    let at = text.find(mark).ok_or_else(|| format!("no '{mark}' in: {text}"))?;
    let number = text[at + mark.len()..].split([',', ' ']).next().unwrap_or_default();
    Ok(number.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_tools_print() {
        let line = "750 records sent, 1234.5 records/sec (1.20 MB/sec), 1.10 ms avg latency, \
                    9.00 ms max latency, 2 ms 50th, 3 ms 95th, 40 ms 99th, 50 ms 99.9th.";
        assert_eq!(number_before(line, " records/sec").expect("there"), 1234.5);
        assert_eq!(number_before(line, " ms 99th").expect("there"), 40.0);
        let line = "Percentiles: 50th = 3, 99th = 7, 99.9th = 20";
        assert_eq!(number_after(line, "99th = ").expect("there"), 7.0);
        assert!(number_after(line, "absent").is_err());
    }
}
