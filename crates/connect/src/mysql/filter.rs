//! Which databases, tables and columns are captured.

use crate::config::Settings;
use crate::error::Result;
use crate::pattern::Patterns;

/// The server's own databases are never captured.
const SYSTEM_DATABASES: [&str; 4] = ["mysql", "information_schema", "performance_schema", "sys"];

/// The include and exclude lists.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    databases: Lists,
    tables: Lists,
    columns: Lists,
    shown: String,
}

#[derive(Clone, Debug, Default)]
struct Lists {
    include: Patterns,
    exclude: Patterns,
}

impl Filter {
    /// The lists of `settings`.
    ///
    /// # Errors
    /// `Config` for an expression that does not compile.
    pub fn try_new(settings: &Settings) -> Result<Self> {
        Ok(Self {
            databases: Lists::try_new(settings, "database")?,
            tables: Lists::try_new(settings, "table")?,
            columns: Lists::try_new(settings, "column")?,
            shown: shown(settings),
        })
    }

    /// The lists of databases and tables as given; empty when there are none.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether tables of `database` may be captured.
    pub fn database(&self, database: &str) -> bool {
        let is_system = SYSTEM_DATABASES.iter().any(|name| name.eq_ignore_ascii_case(database));
        !is_system && self.databases.accept(&[database])
    }

    /// Whether `table` of `database` is captured.
    pub fn table(&self, database: &str, table: &str) -> bool {
        self.database(database) && self.tables.accept(&[&format!("{database}.{table}")])
    }

    /// Whether a column is captured.
    pub fn column(&self, database: &str, table: &str, column: &str) -> bool {
        self.columns.accept(&[&format!("{database}.{table}.{column}")])
    }

    /// Whether the lists name databases or tables, so that finding none is a mistake.
    pub fn is_selective(&self) -> bool {
        !(self.databases.include.is_empty() && self.tables.include.is_empty())
    }
}

fn shown(settings: &Settings) -> String {
    let lists = ["database", "table"].into_iter().flat_map(|noun| {
        ["include", "exclude"].into_iter().filter_map(move |which| {
            let property = format!("{noun}.{which}.list");
            settings.optional(&property).map(|list| format!("{property}={list}"))
        })
    });
    lists.collect::<Vec<_>>().join(", ")
}

impl Lists {
    fn try_new(settings: &Settings, noun: &str) -> Result<Self> {
        let list = |which: &str| {
            let property = format!("{noun}.{which}.list");
            Patterns::try_new(&property, settings.text(&property))
        };
        Ok(Self { include: list("include")?, exclude: list("exclude")? })
    }

    fn accept(&self, names: &[&str]) -> bool {
        names.iter().all(|name| {
            (self.include.is_empty() || self.include.matches(name)) && !self.exclude.matches(name)
        })
    }
}
