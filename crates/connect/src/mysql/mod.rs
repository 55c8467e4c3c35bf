//! Change capture from MySQL and MariaDB: a consistent snapshot, then the binary log's row events,
//! as Debezium's events.
//!
//! # How nothing is repeated and nothing lost
//!
//! The snapshot is one transaction that sees the database at an exactly known place of the binary
//! log. Tables with a primary key are read in key order; every commit carries the last key read.
//! After a restart in the middle a *new* transaction sees the database at a later place. The stream
//! is then captured from the old place to the new one, but only for rows that the old snapshot had
//! reached: rows of finished tables, and rows up to the last key of the unfinished one (the server
//! compares keys, so its collations hold). Rows beyond are read in the new transaction. So each row
//! appears exactly once, as of a known place, and every later change of it follows.
//!
//! Tables without a usable key have no "up to here". Small ones go into one commit. Larger ones are
//! first read whole into a staging topic and then moved from there, which can be resumed by offset;
//! a restart while reading throws the staging topic away and reads the table again.
//!
//! When a table's key is altered while it is being read, the last key read tells nothing any more: the
//! table is read from its beginning, with other record keys than before.
//!
//! Tables of engines without transactions (MyISAM) are outside the transaction's view: rows changed
//! while they are read may be seen twice or not at all, as with any tool that does not lock them.

mod binlog;
mod catalog;
mod cell;
mod charset;
mod check;
mod connection;
mod ddl;
mod envelope;
mod failure;
mod filter;
mod gtid;
mod heartbeat;
mod keys;
mod mapping;
mod masks;
mod message_keys;
mod options;
mod output;
mod outputs;
mod place;
mod position;
mod preparation;
mod read_ahead;
mod session;
mod snapshot;
mod source;
mod staging;
mod statement_format;
mod stream;
mod table;
mod tracker;

use crate::api::{Plugin, PluginKind};
use crate::config::OptionDef;
use crate::convert::CONVERTER_OPTIONS;
use crate::runtime::WORKER_OPTIONS;
use crate::transform::TRANSFORM_OPTIONS;

const ALL_OPTIONS: &[&[OptionDef]] = &[
    options::OPTIONS,
    options::COMPATIBILITY,
    WORKER_OPTIONS,
    CONVERTER_OPTIONS,
    TRANSFORM_OPTIONS,
];

/// Debezium's MySQL connector.
pub const MYSQL: Plugin = Plugin {
    class: "io.debezium.connector.mysql.MySqlConnector",
    kind: PluginKind::Source,
    version: env!("CARGO_PKG_VERSION"),
    options: ALL_OPTIONS,
    open: |name, settings| source::open(name, settings, "mysql"),
};

/// Debezium's MariaDB connector.
pub const MARIADB: Plugin = Plugin {
    class: "io.debezium.connector.mariadb.MariaDbConnector",
    kind: PluginKind::Source,
    version: env!("CARGO_PKG_VERSION"),
    options: ALL_OPTIONS,
    open: |name, settings| source::open(name, settings, "mariadb"),
};
