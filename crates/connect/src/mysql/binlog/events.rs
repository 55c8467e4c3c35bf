//! Kinds of events, and the small ones.

use super::reader::Reader;
use crate::error::Result;

/// What an event is, for whoever captures rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The stream goes on in another file.
    Rotate,
    /// How the events that follow are laid out.
    Format,
    /// A statement: BEGIN, COMMIT, DDL.
    Query {
        /// MariaDB's compressed form.
        is_compressed: bool,
    },
    /// LOAD DATA as a statement.
    Load,
    /// End of a transaction.
    Xid,
    /// Shape of the table that row events name by number.
    TableMap,
    /// Changed rows.
    Rows {
        /// Inserts, updates or deletes.
        change: super::rows::ChangeKind,
        /// Whether the header has the extra data of version 2.
        has_extra: bool,
        /// MariaDB's compressed form.
        is_compressed: bool,
    },
    /// Changed rows of which JSON columns are given as differences.
    PartialRows,
    /// MySQL's transaction id, with or without tag.
    Gtid,
    /// MariaDB's transaction id.
    MariaDbGtid,
    /// The statement behind the row events that follow.
    RowsQuery,
    /// MariaDB's form of the same.
    AnnotateRows,
    /// A compressed transaction, whose events follow unpacked.
    TransactionPayload,
    /// Events were lost on the server.
    Incident,
    /// The stream is alive.
    Heartbeat,
    /// Nothing that matters here.
    Other,
}

impl Kind {
    /// The kind of raw event type `code`.
    pub fn new(code: u8) -> Self {
        use super::rows::ChangeKind::{Delete, Insert, Update};
        let rows =
            |change, has_extra, is_compressed| Self::Rows { change, has_extra, is_compressed };
        match code {
            2 => Self::Query { is_compressed: false },
            4 => Self::Rotate,
            15 => Self::Format,
            // XID, and the end of the first phase of an XA transaction.
            16 | 38 => Self::Xid,
            18 => Self::Load,
            19 => Self::TableMap,
            23 => rows(Insert, false, false),
            24 => rows(Update, false, false),
            25 => rows(Delete, false, false),
            26 => Self::Incident,
            27 | 41 => Self::Heartbeat,
            29 => Self::RowsQuery,
            30 => rows(Insert, true, false),
            31 => rows(Update, true, false),
            32 => rows(Delete, true, false),
            33 | 42 => Self::Gtid,
            39 => Self::PartialRows,
            40 => Self::TransactionPayload,
            160 => Self::AnnotateRows,
            162 => Self::MariaDbGtid,
            165 => Self::Query { is_compressed: true },
            166 => rows(Insert, false, true),
            167 => rows(Update, false, true),
            168 => rows(Delete, false, true),
            169 => rows(Insert, true, true),
            170 => rows(Update, true, true),
            171 => rows(Delete, true, true),
            _ => Self::Other,
        }
    }
}

/// Sequence number, domain and flags of MariaDB's GTID event.
pub fn mariadb_gtid(data: &[u8]) -> Result<(u64, u32, u8)> {
    let mut reader = Reader(data);
    Ok((reader.little(8)?, reader.little(4)? as u32, reader.byte()?))
}

/// Database, text and thread of a query event.
///
/// Layout: thread (4), seconds (4), database length (1), error (2), status length (2), status,
/// database, 0, text; the text compressed when `is_compressed`.
pub fn query_parts(data: &[u8], is_compressed: bool) -> Result<(String, String, u32)> {
    let mut reader = Reader(data);
    let thread = reader.little(4)? as u32;
    reader.take(4)?;
    let database_length = usize::from(reader.byte()?);
    reader.take(2)?;
    reader.prefixed(2)?;
    let database = String::from_utf8_lossy(reader.take(database_length)?).into_owned();
    reader.byte()?;
    let text = match is_compressed {
        true => String::from_utf8_lossy(&super::compressed::unpack(reader.0)?).into_owned(),
        false => String::from_utf8_lossy(reader.0).into_owned(),
    };
    Ok((database, text, thread))
}

/// Database and text of the event for LOAD DATA as a statement.
///
/// Layout: that of a query event, with 13 bytes more before the status: the file's number (4), where
/// its name begins and ends in the text (4, 4), and what becomes of duplicates (1).
pub fn load_parts(data: &[u8]) -> Result<(String, String)> {
    let mut reader = Reader(data);
    reader.take(8)?;
    let database_length = usize::from(reader.byte()?);
    reader.take(2)?;
    let status_length = reader.little(2)? as usize;
    reader.take(13 + status_length)?;
    let database = String::from_utf8_lossy(reader.take(database_length)?).into_owned();
    reader.byte()?;
    Ok((database, String::from_utf8_lossy(reader.0).into_owned()))
}
