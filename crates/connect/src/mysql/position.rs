//! Where the connector stands, as kept in `connect-offsets`.
//!
//! Three kinds of source partitions, all JSON objects with the topic prefix as `server`:
//!
//! | partition | position |
//! |---|---|
//! | `{"server":p}` | [`Position`]: place in the change stream, and whether the snapshot is done |
//! | `{"server":p,"snapshot":"db.t"}` | [`TableSnapshot`]: how far a table's snapshot has come |
//! | `{"server":p,"schema":"db.t"}` | the table's columns at that place of the stream |

use serde::{Deserialize, Serialize};

use super::gtid::Gtids;

/// A place in the change stream, between two transactions or (`events > 0`) within one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The binary log's file.
    pub file: String,
    /// The place in the file where the next transaction begins.
    pub pos: u64,
    /// The transactions before this place, when the server numbers them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtids: Option<String>,
    /// Row events of the next transaction that were captured already.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub events: u64,
    /// Whether the snapshot is still under way: rows of tables that it has not reached are not
    /// captured from the stream.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub snapshot: bool,
    /// When the last captured change was made, in seconds since 1970.
    #[serde(default)]
    pub ts_sec: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Position {
    /// Its GTIDs in the server's form.
    pub fn gtid_set(&self, is_mariadb: bool) -> Gtids {
        Gtids::parse(self.gtids.as_deref(), is_mariadb)
    }

    /// Whether this place, on the same server, lies at `other` or after it. File names are compared
    /// by their number, which grows a digit when it must.
    pub fn has_reached(&self, other: &Self) -> bool {
        (file_number(&self.file), self.pos) >= (file_number(&other.file), other.pos)
    }

    /// The place for people.
    pub fn shown(&self) -> String {
        match &self.gtids {
            Some(gtids) => format!("{}:{} ({gtids})", self.file, self.pos),
            None => format!("{}:{}", self.file, self.pos),
        }
    }
}

fn file_number(file: &str) -> u64 {
    file.rsplit('.').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// How far the snapshot of one table has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum TableSnapshot {
    /// All rows up to `key` (SQL literals of the key's columns) are captured.
    Reading {
        /// The last key captured.
        key: Vec<String>,
        /// Rows captured.
        rows: u64,
    },
    /// A table without a key that was too large for one commit is being read into a topic of its
    /// own; none of its rows is visible yet.
    Staging,
    /// Its rows are being moved from there.
    Moving {
        /// The staging topic's partition that is being moved; those before it are.
        partition: i32,
        /// That partition's next offset.
        offset: i64,
        /// Rows moved.
        rows: u64,
    },
    /// All rows are captured.
    Done {
        /// How many.
        rows: u64,
    },
}

impl TableSnapshot {
    /// Rows captured so far.
    pub fn rows(&self) -> u64 {
        match self {
            Self::Reading { rows, .. } | Self::Moving { rows, .. } | Self::Done { rows } => *rows,
            Self::Staging => 0,
        }
    }
}

/// Names of a connector's source partitions.
#[derive(Clone, Debug)]
pub struct Partitions {
    prefix: String,
}

impl Partitions {
    /// The partitions of the connector with topic prefix `prefix`.
    pub fn new(prefix: &str) -> Self {
        Self { prefix: serde_json::Value::from(prefix).to_string() }
    }

    /// The stream's.
    pub fn stream(&self) -> String {
        format!("{{\"server\":{}}}", self.prefix)
    }

    /// The one of a table's snapshot.
    pub fn snapshot(&self, table: &str) -> String {
        self.table("snapshot", table)
    }

    /// The one of a table's columns.
    pub fn schema(&self, table: &str) -> String {
        self.table("schema", table)
    }

    /// The table that `partition` belongs to, if it is of kind `kind` (`snapshot`, `schema`).
    pub fn table_of(&self, kind: &str, partition: &str) -> Option<String> {
        let start = format!("{{\"server\":{},\"{kind}\":", self.prefix);
        let name = partition.strip_prefix(&start)?.strip_suffix('}')?;
        serde_json::from_str(name).ok()
    }

    fn table(&self, kind: &str, table: &str) -> String {
        let table = serde_json::Value::from(table);
        format!("{{\"server\":{},\"{kind}\":{table}}}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::{Partitions, Position};

    #[test]
    fn files_are_compared_by_number() {
        let at = |file: &str, pos| Position { file: file.into(), pos, ..Position::default() };
        assert!(at("bin.1000000", 4).has_reached(&at("bin.999999", 500)));
        assert!(!at("bin.000002", 4).has_reached(&at("bin.000002", 5)));
    }

    #[test]
    fn partitions_name_their_table() {
        let partitions = Partitions::new("a\"b");
        let snapshot = partitions.snapshot("db.t");
        assert_eq!(partitions.table_of("snapshot", &snapshot).as_deref(), Some("db.t"));
        assert_eq!(partitions.table_of("schema", &snapshot), None);
        assert_eq!(partitions.table_of("snapshot", &partitions.stream()), None);
    }
}
