//! Statements in the change stream that change rows: their rows are not in it. The stream hands over
//! every statement that may be one; what would be lost to captured tables is an error.

use super::ddl::{TableName, Writes, writes};
use super::place::Place;
use super::position::TableSnapshot;
use super::source::Run;
use crate::error::{Error, Result};

impl Run<'_> {
    /// Whether `text`, executed in `database`, changes rows as a statement.
    ///
    /// # Errors
    /// `StatementFormat` when they are, or may be, rows of captured tables and
    /// `event.processing.failure.handling.mode` does not let it pass.
    pub fn statement(&self, text: &str, database: &str, place: &Place) -> Result<bool> {
        let tables = match writes(text) {
            Writes::Nothing => return Ok(false),
            Writes::Unreadable => Some("a table that its text does not tell".to_owned()),
            Writes::Tables(tables) => self.lost_tables(&tables, database, place),
        };
        if let Some(tables) = tables {
            let at = &place.position;
            let error = Error::StatementFormat { tables, place: format!("{}:{}", at.file, at.pos) };
            self.config.on_failure.judge(Err(error), at)?;
        }
        Ok(true)
    }

    /// The captured ones among `tables`, except those that the snapshot has still to read.
    fn lost_tables(&self, tables: &[TableName], database: &str, place: &Place) -> Option<String> {
        let lost = tables.iter().filter_map(|table| {
            let of = table.database.as_deref().unwrap_or(database);
            let name = format!("{of}.{}", table.table);
            let is_ahead = matches!(self.snapshots.get(&name), None | Some(TableSnapshot::Staging));
            let is_lost =
                self.config.filter.table(of, &table.table) && !(place.is_catching_up && is_ahead);
            is_lost.then_some(name)
        });
        let lost: Vec<String> = lost.collect();
        (!lost.is_empty()).then(|| lost.join(", "))
    }
}
