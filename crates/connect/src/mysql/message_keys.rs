//! `message.key.columns`: tables whose records have another key than the primary key. One entry per
//! table, `database.table:column,column`, the table as a regular expression, entries separated by
//! semicolons.

use super::table::Table;
use crate::error::{Error, Result};
use crate::pattern::Patterns;

const PROPERTY: &str = "message.key.columns";

/// The entries, in order; the first that matches a table holds.
#[derive(Clone, Debug, Default)]
pub struct MessageKeys(Vec<(Patterns, Vec<String>)>);

impl MessageKeys {
    /// The entries of `list`.
    ///
    /// # Errors
    /// `Config` for an entry in another shape.
    pub fn try_new(list: &str) -> Result<Self> {
        let entries = list.split(';').map(str::trim).filter(|entry| !entry.is_empty());
        Ok(Self(entries.map(entry).collect::<Result<_>>()?))
    }

    /// Positions of the key's columns in `table`; `None` when its primary key holds. Columns that the
    /// table does not have are left out.
    pub fn indexes(&self, table: &Table) -> Option<Vec<usize>> {
        let name = table.full_name();
        let (_, columns) = self.0.iter().find(|(tables, _)| tables.matches(&name))?;
        Some(columns.iter().filter_map(|column| table.column_index(column)).collect())
    }
}

fn entry(text: &str) -> Result<(Patterns, Vec<String>)> {
    let wrong = || {
        let expected = "'database.table:column,column' is expected, entries separated by ';'";
        Error::property(PROPERTY, format!("'{text}' is not valid; {expected}"))
    };
    let (table, columns) = text.rsplit_once(':').ok_or_else(wrong)?;
    let columns: Vec<String> = columns.split(',').map(|column| column.trim().to_owned()).collect();
    if table.trim().is_empty() || columns.iter().any(String::is_empty) {
        return Err(wrong());
    }
    Ok((Patterns::try_new(PROPERTY, &table.replace(',', "\\,"))?, columns))
}

#[cfg(test)]
mod tests {
    use super::MessageKeys;
    use crate::mysql::table::{Column, DataType, Table};

    #[test]
    fn the_first_entry_that_matches_holds() {
        let column = |name: &str| Column {
            name: name.to_owned(),
            data_type: DataType::default(),
            is_nullable: false,
            default: None,
        };
        let table = Table {
            database: "shop".to_owned(),
            name: "orders".to_owned(),
            columns: ["id", "city", "day"].map(column).to_vec(),
            primary_key: vec!["id".to_owned()],
            charset: None,
        };
        let keys = MessageKeys::try_new("shop.customers:id; shop.o.*:day,city; .*:id").unwrap();
        assert_eq!(keys.indexes(&table), Some(vec![2, 1]));
        assert_eq!(MessageKeys::try_new("").unwrap().indexes(&table), None);
        for wrong in ["shop.orders", ":a", "t:", "t:a,,b"] {
            let error = MessageKeys::try_new(wrong).unwrap_err().to_string();
            assert!(error.contains("is expected"), "{error}");
        }
    }
}
