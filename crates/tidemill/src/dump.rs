//! `tidemill dump`: the record batches and records of a segment file, as text.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use bytes::Bytes;
use clap::Args;
use records::{Batch, Batches, Record};

/// Arguments of `tidemill dump`.
#[derive(Debug, Args)]
pub struct Options {
    /// A segment: DATA/log/TOPIC-PARTITION/OFFSET.log.
    file: PathBuf,
    /// Only the batches, without their records.
    #[arg(long)]
    batches: bool,
}

/// Prints what the file holds, up to the first damage.
pub fn run(options: &Options) -> ExitCode {
    #[allow(clippy::disallowed_methods, reason = "a file that the user names")]
    let bytes = match std::fs::read(&options.file) {
        Ok(bytes) => Bytes::from(bytes),
        Err(error) => {
            eprintln!("error: cannot read {}: {error}", options.file.display());
            return ExitCode::FAILURE;
        }
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    match dump(&bytes, !options.batches, &mut out).and_then(|()| Ok(out.flush()?)) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has seen enough.
        Err(Error::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("damaged at byte {position}: {source}")]
    Damaged { position: usize, source: records::Error },
    #[error("cannot write: {0}")]
    Output(#[from] io::Error),
}

fn dump(bytes: &Bytes, with_records: bool, out: &mut impl Write) -> Result<(), Error> {
    let mut position = 0;
    for batch in Batches::new(bytes) {
        let damaged = |source| Error::Damaged { position, source };
        let batch = batch.map_err(damaged)?;
        write_batch(&batch, position, out)?;
        if with_records {
            for record in batch.records().map_err(damaged)?.iter() {
                write_record(&record, out)?;
            }
        }
        position += batch.len();
    }
    Ok(())
}

fn write_batch(batch: &Batch, position: usize, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "batch offsets {}..={} records {} bytes {} at {position} max timestamp {} compression {:?} \
         producer {}/{} sequence {}{}{}",
        batch.base_offset(),
        batch.last_offset(),
        batch.record_count(),
        batch.len(),
        batch.max_timestamp_ms(),
        batch.compression(),
        batch.producer_id(),
        batch.producer_epoch(),
        batch.base_sequence(),
        if batch.is_transactional() { " transactional" } else { "" },
        if batch.is_control() { " control" } else { "" },
    )
}

fn write_record(record: &Record<'_>, out: &mut impl Write) -> io::Result<()> {
    let (key, value) = (shown(record.key), shown(record.value));
    write!(out, "  {} at {} key {key} value {value}", record.offset, record.timestamp_ms)?;
    for header in record.headers() {
        write!(out, " header {}={}", header.key, shown(header.value))?;
    }
    writeln!(out)
}

/// Text as it is, other bytes escaped.
fn shown(bytes: Option<&[u8]>) -> String {
    let Some(bytes) = bytes else { return "null".to_owned() };
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(char::is_control) => text.to_owned(),
        _ => bytes.escape_ascii().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_and_records_are_told_until_the_first_damage() {
        let mut batch = records::Builder::new(records::Compression::None);
        batch.append(7, Some(b"k"), Some(b"\x00v"), &[]);
        batch.append(8, None, None, &[]);
        let whole = batch.build();
        let mut bytes = whole.to_vec();
        bytes.extend_from_slice(&whole[..20]);
        let mut out = Vec::new();
        let error = dump(&Bytes::from(bytes), true, &mut out).expect_err("a torn batch");
        assert!(matches!(error, Error::Damaged { position, .. } if position == whole.len()));
        let text = String::from_utf8(out).expect("text");
        assert!(text.starts_with("batch offsets 0..=1 records 2 bytes "), "{text}");
        assert!(
            text.contains("\n  0 at 7 key k value \\x00v\n  1 at 8 key null value null\n"),
            "{text}"
        );
    }
}
