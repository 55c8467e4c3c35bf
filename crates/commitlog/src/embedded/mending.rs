//! Mending indexes: a segment whose index was found damaged is written anew, with new indexes, as long
//! as its log is sound. Reads go on without the indexes until then.

use std::sync::Arc;

use super::checkpoint::Checkpoint;
use super::core::Core;
use super::files::FileId;
use super::flushing::Replacement;
use super::limits::SEGMENT_BYTES_MAX;
use super::retention::renames;
use super::segment::{self, Segment};
use super::segment_writer::SegmentWriter;
use crate::producers::Ledger;
use crate::{Error, Result, TopicConfig};

/// What the names of files end in that mending has not put in their place.
pub(super) const MENDED: &str = ".mended";

/// A segment to write anew, with the replacement that will hold it.
struct Patient {
    directory: String,
    config: Arc<TopicConfig>,
    ledger: Option<Arc<Ledger>>,
    number: usize,
    replacement: Replacement,
}

impl Core {
    /// Mends what readers have complained about. A segment whose log is damaged too stays as it is.
    pub(super) fn mend(&self, saved: &mut Checkpoint) -> Result<()> {
        for file in self.files.take_damaged() {
            let Some(patient) = find(saved, file) else { continue };
            let suffix = format!(".{}{MENDED}", saved.number + 1);
            match self.rewrite(patient, &suffix) {
                Ok(replacement) => self.replace(saved, vec![replacement])?,
                Err(error @ Error::CorruptFile { .. }) => {
                    tracing::error!(%error, "cannot mend the indexes of a damaged segment");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn rewrite(&self, patient: Patient, suffix: &str) -> Result<Replacement> {
        let Patient { directory, config, ledger, number, mut replacement } = patient;
        // The segment keeps its bounds, whatever the topic says by now.
        let config = TopicConfig {
            segment_bytes_max: SEGMENT_BYTES_MAX,
            segment_ms_max: i64::MAX,
            compaction_lag_ms_max: None,
            ..TopicConfig::clone(&config)
        };
        let old = replacement.segments[number].clone();
        let mut writer =
            SegmentWriter::new(self.target(&directory, suffix, &config, ledger.as_deref()));
        self.reader(&directory, &old).scan(old.base, |batch| {
            writer.append(&batch)?;
            Ok(true)
        })?;
        let mut new: Vec<Segment> = writer.finish()?;
        // Of records without timestamps only this tells when they were written.
        new.iter_mut().for_each(|new| new.first_timestamp_ms = old.first_timestamp_ms);
        for segment in &new {
            replacement.changes.extend(renames(&directory, segment, suffix));
        }
        replacement.segments.splice(number.., new);
        replacement.gone.push(old);
        Ok(replacement)
    }
}

/// The segment with identity `file`, if it is still part of the log.
fn find(saved: &Checkpoint, file: FileId) -> Option<Patient> {
    for topic in &saved.topics {
        for (partition, entry) in topic.partitions.iter().enumerate() {
            let Some(number) = entry.segments.iter().position(|segment| segment.file == file)
            else {
                continue;
            };
            return Some(Patient {
                directory: segment::directory_of(&topic.name, partition as i32),
                config: topic.config.clone(),
                ledger: entry.ledger.clone(),
                number,
                replacement: Replacement {
                    topic: topic.id,
                    partition: partition as i32,
                    start: entry.start,
                    cleaned_end: entry.cleaned_end,
                    segments: entry.segments[..=number].to_vec(),
                    until: entry.segments[number].end,
                    gone: Vec::new(),
                    changes: Vec::new(),
                },
            });
        }
    }
    None
}
