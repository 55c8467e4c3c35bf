//! The binary log's events, decoded by hand from their bytes: table maps, row images, MariaDB's own
//! events, compressed ones, binary JSON. Pure functions of bytes; what is malformed is an error.

mod column;
mod compressed;
mod events;
mod json;
mod reader;
mod rows;
mod table_map;
#[cfg(test)]
mod tests;

pub use events::{Kind, load_parts, mariadb_gtid, query_parts};
pub use rows::{ChangeKind, RowsEvent};
pub use table_map::TableMap;
