//! Guesses the format of a topic's keys or values from the records seen so far.

use super::avro::AvroReader;
use super::candidate::Candidate;

/// What a payload can be in; every record narrows it.
#[derive(Debug)]
pub struct Guess {
    /// What all payloads so far were in; empty when they were of several formats.
    candidates: Vec<Candidate>,
    has_seen: bool,
    avro: AvroReader,
}

impl Guess {
    /// Nothing seen yet.
    pub fn new(avro: AvroReader) -> Self {
        let candidates = Candidate::ALL.into_iter();
        let candidates = candidates.filter(|candidate| *candidate != Candidate::KafkaBytes);
        Self { candidates: candidates.collect(), has_seen: false, avro }
    }

    /// Looks at a payload.
    pub fn see(&mut self, payload: Option<&[u8]>) {
        let Some(payload) = payload else { return };
        self.has_seen = true;
        let Self { candidates, avro, .. } = self;
        candidates.retain(|candidate| candidate.text(payload, avro).is_some());
    }

    /// The guess in words.
    pub fn name(&self) -> String {
        if !self.has_seen {
            return r"¯\_(ツ)_/¯ - no data processed".to_owned();
        }
        match self.candidates.as_slice() {
            [] => "MIXED".to_owned(),
            some => some.iter().map(|found| found.name()).collect::<Vec<_>>().join(" or "),
        }
    }

    /// A payload's text, in the first format that fits it and all before.
    pub fn text(&mut self, payload: Option<&[u8]>) -> String {
        let Some(payload) = payload else { return "<null>".to_owned() };
        let Self { candidates, avro, .. } = self;
        let preferred = candidates.iter().copied().chain(Candidate::ALL);
        let mut texts = preferred.filter_map(|candidate| candidate.text(payload, avro));
        texts.next().unwrap_or_default()
    }
}
