//! The guess over many payloads.

use std::fmt::Write;
use std::sync::Arc;

use types::text;

use super::candidate::Candidate;
use super::registered::Registered;
use crate::SchemaStore;

/// Guesses the format of the keys or of the values of a topic.
#[derive(Debug)]
pub struct Sniffer {
    candidates: Vec<Candidate>,
    registered: Registered,
    has_seen: bool,
}

impl Sniffer {
    /// A sniffer that has seen nothing; framed payloads are understood with the schemas of `store`.
    pub fn new(store: Arc<dyn SchemaStore>) -> Self {
        Self {
            candidates: Candidate::ALL.to_vec(),
            registered: Registered::new(store),
            has_seen: false,
        }
    }

    /// Takes a payload into account; absent ones say nothing.
    pub fn observe(&mut self, payload: Option<&[u8]>) {
        let Some(payload) = payload else { return };
        self.has_seen = true;
        let framed = self.registered.show(payload).map(|(candidate, _)| candidate);
        self.candidates
            .retain(|candidate| Some(*candidate) == framed || candidate.show(payload).is_some());
    }

    /// The guess: the formats that fit every payload so far, `MIXED` when none does.
    pub fn guess(&self) -> String {
        if !self.has_seen {
            return "¯\\_(ツ)_/¯ - no data processed".to_owned();
        }
        if self.candidates.is_empty() {
            return "MIXED".to_owned();
        }
        let names: Vec<String> = self.candidates.iter().map(|candidate| candidate.name()).collect();
        names.join(" or ")
    }

    /// The payload as text, in the first format that fits all payloads so far; those of mixed
    /// topics each in the first that fits it.
    pub fn show(&mut self, payload: Option<&[u8]>) -> String {
        let Some(payload) = payload else { return "<null>".to_owned() };
        let framed = self.registered.show(payload);
        let mixed = self.candidates.is_empty();
        let candidates = if mixed { &Candidate::ALL[..] } else { &self.candidates };
        for candidate in candidates {
            match &framed {
                Some((found, text)) if found == candidate => return text.clone(),
                _ => {}
            }
            if let Some(text) = candidate.show(payload) {
                return text;
            }
        }
        escaped(payload)
    }
}

/// Bytes of no known format: printable ASCII as it is, everything else as `\xNN`.
fn escaped(payload: &[u8]) -> String {
    let mut text = String::with_capacity(payload.len());
    for byte in payload {
        match byte {
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => write!(text, "\\x{byte:02X}").expect("writing to a String never fails"),
        }
    }
    text
}

/// One line of PRINT's output.
pub fn record_line(rowtime_ms: i64, key: &str, value: &str, partition: i32) -> String {
    let mut rowtime = String::new();
    text::write_timestamp(rowtime_ms, &mut rowtime);
    let rowtime = rowtime.replacen('T', " ", 1);
    let (date, time) = rowtime.split_once(' ').unwrap_or((&rowtime, ""));
    // A sign before the year is no separator.
    let (sign, date) = date.strip_prefix('-').map_or(("", date), |date| ("-", date));
    let date = date.replace('-', "/");
    format!("rowtime: {sign}{date} {time} Z, key: {key}, value: {value}, partition: {partition}")
}
