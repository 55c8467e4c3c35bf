//! One record as PRINT's line.

use types::text::write_timestamp;

/// `rowtime: 2026/01/31 12:00:00.000 Z, key: ..., value: ..., partition: 0`.
pub fn line(timestamp_ms: i64, key: &str, value: &str, partition: i32) -> String {
    let rowtime = rowtime(timestamp_ms);
    format!("rowtime: {rowtime}, key: {key}, value: {value}, partition: {partition}")
}

/// The time in UTC, in PRINT's form.
fn rowtime(timestamp_ms: i64) -> String {
    let mut iso = String::new();
    write_timestamp(timestamp_ms, &mut iso);
    match iso.split_once('T') {
        Some((date, time)) => format!("{} {time} Z", date.replace('-', "/")),
        None => iso,
    }
}
