//! Where the change stream stands: the present transaction and how much of it is done, and what the
//! events so far say of those to come. The stream moves it on; it reads and writes nothing itself.

use std::sync::Arc;
use std::time::Duration;

use mysql_async::binlog::events::{Event, GtidEvent};

use super::gtid::{Gtids, uuid_text};
use super::output::Origin;
use super::position::Position;
use crate::error::{Error, Result};

/// The place in the stream, beyond what is committed.
pub struct Place {
    /// The next transaction, or the present one.
    pub position: Position,
    /// The transactions before it.
    pub gtids: Gtids,
    /// The present transaction's id.
    pub transaction: Option<Transaction>,
    /// Row events of the present transaction seen so far.
    pub seen: u64,
    /// Row events of the first transaction to pass over.
    pub skip: u64,
    /// Where a compressed transaction ends, while its events come.
    pub payload_end: Option<u64>,
    /// The server's thread that made the present transaction.
    pub thread: Option<i64>,
    /// The statement behind the row events that follow, when wanted and told.
    pub query: Option<Arc<str>>,
    /// Whether a snapshot is to follow, so that only rows it had reached are captured.
    pub is_catching_up: bool,
    /// Whether the stream's format description has come.
    pub has_format: bool,
    /// Bytes of the checksum at the end of events.
    pub checksum_bytes: usize,
    /// Events since the last commit.
    pub uncommitted: u64,
    /// When that was, on the monotonic clock.
    pub committed_at: Duration,
}

/// A transaction's id.
#[derive(Clone, Debug)]
pub enum Transaction {
    /// The server gives no ids, or none came.
    Anonymous,
    /// MySQL's: the server it came from, perhaps with a tag, and its number there.
    MySql { source: String, number: u64 },
    /// MariaDB's.
    MariaDb { domain: u32, server: u32, number: u64 },
}

impl Transaction {
    /// Its text, as the source block shows it.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Anonymous => None,
            Self::MySql { source, number } => Some(format!("{source}:{number}")),
            Self::MariaDb { domain, server, number } => Some(format!("{domain}-{server}-{number}")),
        }
    }
}

impl Place {
    /// Whether no transaction is under way.
    pub fn is_between(&self) -> bool {
        self.transaction.is_none() && self.seen == 0
    }

    /// A transaction of MySQL's begins with this event.
    ///
    /// # Errors
    /// When the event is malformed.
    pub fn begin_mysql(&mut self, event: &Event) -> Result<()> {
        let gtid: GtidEvent =
            event.read_event().map_err(|error| Error::Malformed(error.to_string()))?;
        let source = match gtid.tag() {
            Some(tag) => format!("{}:{}", uuid_text(&gtid.sid()), tag.as_str()),
            None => uuid_text(&gtid.sid()),
        };
        self.transaction = Some(Transaction::MySql { source, number: gtid.gno() });
        Ok(())
    }

    /// A transaction ends at `log_pos`.
    pub fn end(&mut self, log_pos: u64, ts_sec: u32) {
        match self.transaction.take() {
            Some(Transaction::MySql { source, number }) => self.gtids.add_mysql(&source, number),
            Some(Transaction::MariaDb { domain, server, number }) => {
                self.gtids.add_mariadb(domain, server, number);
            }
            Some(Transaction::Anonymous) | None => {}
        }
        let end = self.payload_end.take().unwrap_or(log_pos);
        if end > 0 {
            self.position.pos = end;
        }
        if ts_sec > 0 {
            self.position.ts_sec = ts_sec;
        }
        (self.seen, self.skip) = (0, 0);
        self.query = None;
    }

    /// Where `event`, the next one, comes from.
    pub fn origin(&self, event: &Event) -> Origin {
        let header = event.header();
        Origin {
            ts_ms: i64::from(header.timestamp()) * 1000,
            snapshot: "false",
            server_id: header.server_id(),
            gtid: self.transaction.as_ref().and_then(Transaction::text),
            file: self.position.file.clone(),
            pos: u64::from(header.log_pos()).saturating_sub(u64::from(header.event_size())),
            row: 0,
            thread: self.thread,
            query: self.query.clone(),
        }
    }

    /// Notes the statement behind the row events that follow.
    pub fn statement(&mut self, text: Option<&[u8]>, is_wanted: bool) {
        if let Some(text) = text.filter(|_| is_wanted) {
            self.query = Some(String::from_utf8_lossy(text).into());
        }
    }

    /// An event between transactions ends at `log_pos`.
    pub fn pass(&mut self, log_pos: u64) {
        if self.is_between() && self.skip == 0 && log_pos > self.position.pos {
            self.position.pos = log_pos;
        }
    }
}
