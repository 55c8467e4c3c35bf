//! Follows the tables' columns along the stream: what the events at the present place mean.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use mysql_async::Conn;

use super::binlog::TableMap;
use super::catalog;
use super::ddl::{self, Statement, TableName, apply_to_table};
use super::source::Config;
use super::table::{Column, DataType, Table, TypeKind};
use crate::error::Result;

/// What a DDL statement did to captured tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The table is new or has other columns.
    Changed(String),
    /// The table is gone.
    Dropped(String),
    /// The table has another name.
    Renamed(String, String),
    /// The table has no rows any more.
    Truncated(String),
}

/// Row events of a table number and what to do with them.
#[derive(Debug)]
pub enum Plan {
    /// The table is not captured.
    Skip,
    /// Its rows are captured.
    Capture {
        /// `database.table`
        table: Arc<str>,
        /// The stored types.
        map: TableMap,
        /// Which columns are unsigned.
        unsigned: Vec<bool>,
    },
}

/// The captured tables at the present place of the stream.
#[derive(Debug, Default)]
pub struct Tracker {
    tables: BTreeMap<String, Table>,
    plans: HashMap<u64, Plan>,
}

impl Tracker {
    /// Starts with `tables`.
    pub fn new(tables: impl IntoIterator<Item = Table>) -> Self {
        let tables = tables.into_iter().map(|table| (table.full_name(), table)).collect();
        Self { tables, plans: HashMap::new() }
    }

    /// All of them.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.values()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// The table called `name`.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(name)
    }

    /// Takes over a table's columns; tells whether they are other ones.
    pub fn set(&mut self, table: Table) -> bool {
        let name = table.full_name();
        let is_new = self.tables.get(&name) != Some(&table);
        if is_new {
            self.plans.clear();
            self.tables.insert(name, table);
        }
        is_new
    }

    /// Forgets table numbers, because the server may give them anew.
    pub fn forget_plans(&mut self) {
        self.plans.clear();
    }

    /// The plan of table number `table_id`.
    pub fn plan(&self, table_id: u64) -> Option<&Plan> {
        self.plans.get(&table_id)
    }

    /// Whether `map` needs a new plan.
    pub fn is_planned(&self, map: &TableMap) -> bool {
        match self.plans.get(&map.table_id) {
            Some(Plan::Capture { map: known, .. }) => known == map,
            Some(Plan::Skip) | None => false,
        }
    }

    /// Makes the plan for a table map. Columns that don't fit it are asked of the server, and guessed
    /// from the map when the server has moved on. Returns the table whose columns changed.
    ///
    /// # Errors
    /// When the server has to be asked and is lost.
    pub async fn plan_map(
        &mut self,
        map: TableMap,
        config: &Config,
        conn: &mut Option<Conn>,
    ) -> Result<Option<String>> {
        if !config.filter.table(&map.database, &map.table) {
            self.plans.insert(map.table_id, Plan::Skip);
            return Ok(None);
        }
        let name = format!("{}.{}", map.database, map.table);
        let mut changed = None;
        if !self.tables.get(&name).is_some_and(|table| fits(table, &map)) {
            let asked = ask(config, conn).await?.remove(&name);
            let known = self.tables.get(&name);
            let table = match asked.filter(|table| fits(table, &map)) {
                Some(table) => table,
                None => guess(&map, known),
            };
            tracing::warn!(table = %name, "columns were not those known; resolved anew");
            self.tables.insert(name.clone(), table);
            changed = Some(name.clone());
        }
        let table = &self.tables[&name];
        let unsigned = table.columns.iter().map(|column| column.data_type.is_unsigned).collect();
        self.plans.insert(map.table_id, Plan::Capture { table: name.into(), map, unsigned });
        Ok(changed)
    }

    /// Applies a statement executed in `database`. Never fails on what it can't read: the server is
    /// asked instead.
    ///
    /// # Errors
    /// When the server is lost.
    pub async fn apply(
        &mut self,
        text: &str,
        database: &str,
        config: &Config,
        conn: &mut Option<Conn>,
    ) -> Result<Vec<Effect>> {
        let statement = ddl::parse(text);
        if statement == Statement::Other {
            return Ok(Vec::new());
        }
        self.plans.clear();
        let mut effects = Vec::new();
        let mut unresolved = Vec::new();
        let full = |name: &TableName| {
            let of = name.database.as_deref().unwrap_or(database);
            config.filter.table(of, &name.table).then(|| format!("{of}.{}", name.table))
        };
        match statement {
            Statement::CreateTable { table, columns, primary_key, charset, like } => {
                let Some(name) = full(&table) else { return Ok(effects) };
                let database = table.database.unwrap_or_else(|| database.to_owned());
                let make = |def| Column::from_definition(def, charset.as_deref());
                let columns = columns.iter().map(make).collect();
                let made = Table { database, name: table.table, columns, primary_key, charset };
                let model = like.as_ref().and_then(full).and_then(|like| self.tables.get(&like));
                match created(made, model) {
                    Some(table) => {
                        self.tables.insert(name.clone(), table);
                        effects.push(Effect::Changed(name));
                    }
                    None => unresolved.push(name),
                }
            }
            Statement::AlterTable { table, actions } => {
                self.alter(&table, &actions, database, config, &mut effects, &mut unresolved);
            }
            Statement::DropTables(tables) => {
                for name in tables.iter().filter_map(full) {
                    self.tables.remove(&name);
                    effects.push(Effect::Dropped(name));
                }
            }
            Statement::RenameTables(renames) => {
                for (old, new) in renames {
                    self.rename(&old, &new, database, config, &mut effects, &mut unresolved);
                }
            }
            Statement::DropDatabase(dropped) => self.drop_database(&dropped, &mut effects),
            Statement::Unreadable => unresolved.extend(self.tables.keys().cloned()),
            Statement::Truncate(table) => effects.extend(full(&table).map(Effect::Truncated)),
            Statement::Other => {}
        }
        self.refine(&mut effects, unresolved, config, conn).await?;
        Ok(effects)
    }

    fn alter(
        &mut self,
        table: &TableName,
        actions: &[ddl::Action],
        database: &str,
        config: &Config,
        effects: &mut Vec<Effect>,
        unresolved: &mut Vec<String>,
    ) {
        let of = table.database.as_deref().unwrap_or(database);
        let name = format!("{of}.{}", table.table);
        if config.filter.table(of, &table.table) {
            match self.tables.get(&name).and_then(|known| apply_to_table(known, actions)) {
                Some(altered) => {
                    self.tables.insert(name.clone(), altered);
                    effects.push(Effect::Changed(name));
                }
                None => unresolved.push(name),
            }
        }
        for action in actions {
            if let ddl::Action::RenameTable(new) = action {
                let old = TableName { database: Some(of.to_owned()), table: table.table.clone() };
                self.rename(&old, new, database, config, effects, unresolved);
            }
        }
    }

    fn rename(
        &mut self,
        old: &TableName,
        new: &TableName,
        database: &str,
        config: &Config,
        effects: &mut Vec<Effect>,
        unresolved: &mut Vec<String>,
    ) {
        let (old_database, new_database) = (
            old.database.as_deref().unwrap_or(database),
            new.database.as_deref().unwrap_or(database),
        );
        let old_name = format!("{old_database}.{}", old.table);
        let new_name = format!("{new_database}.{}", new.table);
        let known = self.tables.remove(&old_name);
        match (known, config.filter.table(new_database, &new.table)) {
            (Some(mut table), true) => {
                table.database = new_database.to_owned();
                table.name = new.table.clone();
                self.tables.insert(new_name.clone(), table);
                effects.push(Effect::Renamed(old_name, new_name));
            }
            (Some(_), false) => effects.push(Effect::Dropped(old_name)),
            (None, true) => unresolved.push(new_name),
            (None, false) => {}
        }
    }

    fn drop_database(&mut self, dropped: &str, effects: &mut Vec<Effect>) {
        let of = |table: &Table| table.database.eq_ignore_ascii_case(dropped);
        let names: Vec<String> = self
            .tables
            .iter()
            .filter(|(_, table)| of(table))
            .map(|(name, _)| name.clone())
            .collect();
        for name in names {
            self.tables.remove(&name);
            effects.push(Effect::Dropped(name));
        }
    }

    /// Asks the server for what the text does not tell: character sets, and whole tables. Of a table
    /// that was read from the text nothing else is taken over, because the server may be further on
    /// than the stream.
    async fn refine(
        &mut self,
        effects: &mut Vec<Effect>,
        unresolved: Vec<String>,
        config: &Config,
        conn: &mut Option<Conn>,
    ) -> Result<()> {
        let changed = effects.iter().filter_map(|effect| match effect {
            Effect::Changed(name) | Effect::Renamed(_, name) => Some(name.clone()),
            Effect::Dropped(_) | Effect::Truncated(_) => None,
        });
        let changed: Vec<String> = changed.collect();
        if changed.is_empty() && unresolved.is_empty() {
            return Ok(());
        }
        let mut asked = ask(config, conn).await?;
        for name in changed {
            if let (Some(known), Some(server)) = (self.tables.get_mut(&name), asked.get(&name)) {
                complete(known, server);
            }
        }
        for name in unresolved {
            if let Some(server) = asked.remove(&name) {
                self.tables.insert(name.clone(), server);
                effects.push(Effect::Changed(name));
            }
        }
        Ok(())
    }
}

/// A new table, with the columns of its model if it has one; nothing when its columns are not known.
fn created(made: Table, model: Option<&Table>) -> Option<Table> {
    match model {
        Some(model) => Some(Table { database: made.database, name: made.name, ..model.clone() }),
        None => (!made.columns.is_empty()).then_some(made),
    }
}

async fn ask(config: &Config, conn: &mut Option<Conn>) -> Result<HashMap<String, Table>> {
    let mut open = match conn.take() {
        Some(open) => open,
        None => config.server.connect().await?,
    };
    // A connection that failed, perhaps for being idle too long, is not kept: the next call opens
    // another one.
    let tables = match catalog::read(&mut open, &config.filter).await {
        Ok(tables) => tables,
        Err(_) => {
            open = config.server.connect().await?;
            catalog::read(&mut open, &config.filter).await?
        }
    };
    *conn = Some(open);
    Ok(tables.into_iter().map(|table| (table.full_name(), table)).collect())
}

/// Fills in character sets that the statement left to defaults, and MariaDB's alias JSON.
fn complete(known: &mut Table, server: &Table) {
    for column in &mut known.columns {
        let Some(at) = server.column_index(&column.name) else { continue };
        let (mine, theirs) = (&mut column.data_type, &server.columns[at].data_type);
        if mine.kind == TypeKind::Json && theirs.kind == TypeKind::LongText {
            *mine = theirs.clone();
        }
        if mine.kind == theirs.kind
            && mine.charset.as_ref().is_none_or(|c| Some(c) == theirs.charset.as_ref())
        {
            mine.charset.clone_from(&theirs.charset);
            mine.collation.clone_from(&theirs.collation);
        }
    }
}

/// Whether the columns can be those of the stored types.
fn fits(table: &Table, map: &TableMap) -> bool {
    let named = |names: &Vec<String>| {
        names
            .iter()
            .zip(&table.columns)
            .all(|(name, column)| column.name.eq_ignore_ascii_case(name))
    };
    table.columns.len() == map.types.len()
        && map.names.as_ref().is_none_or(named)
        && table.columns.iter().zip(&map.types).all(|(column, (code, metadata))| {
            is_stored_as(column.data_type.kind, *code, metadata[0])
        })
}

fn is_stored_as(kind: TypeKind, code: u8, metadata: u8) -> bool {
    use TypeKind as K;
    // ENUM and SET hide behind STRING, their own code in the metadata.
    let code = if code == 254 && matches!(metadata, 247 | 248) { metadata } else { code };
    match kind {
        K::TinyInt => code == 1,
        K::SmallInt => code == 2,
        K::MediumInt => code == 9,
        K::Int => code == 3,
        K::BigInt => code == 8,
        K::Decimal => code == 246,
        K::Float => code == 4,
        K::Double => code == 5,
        K::Bit => code == 16,
        K::Char | K::Binary | K::Inet4 | K::Inet6 | K::Uuid => code == 254,
        K::VarChar | K::VarBinary => matches!(code, 15 | 141 | 253 | 254),
        K::TinyText | K::Text | K::MediumText | K::LongText => matches!(code, 140 | 249..=252),
        K::TinyBlob | K::Blob | K::MediumBlob | K::LongBlob => matches!(code, 140 | 249..=252),
        K::Enum => code == 247,
        K::Set => code == 248,
        // MariaDB's JSON is a LONGTEXT.
        K::Json => matches!(code, 245 | 252),
        K::Date => matches!(code, 10 | 14),
        K::Time => matches!(code, 11 | 19),
        K::DateTime => matches!(code, 12 | 18),
        K::Timestamp => matches!(code, 7 | 17),
        K::Year => code == 13,
        K::Point | K::Geometry => code == 255,
        K::Unknown => true,
    }
}

/// Columns made of what the map tells, with names taken over from `known` where it has any.
fn guess(map: &TableMap, known: Option<&Table>) -> Table {
    let column = |(at, (code, metadata)): (usize, &(u8, [u8; 2]))| {
        let named = map.names.as_ref().and_then(|names| names.get(at)).cloned();
        let old = known.and_then(|table| table.columns.get(at));
        let name = named.or_else(|| old.map(|column| column.name.clone()));
        let data_type = match old.filter(|o| is_stored_as(o.data_type.kind, *code, metadata[0])) {
            Some(column) => column.data_type.clone(),
            None => stored_type(*code, *metadata),
        };
        Column {
            name: name.unwrap_or_else(|| format!("column_{}", at + 1)),
            data_type,
            is_nullable: true,
            default: None,
        }
    };
    let columns: Vec<Column> = map.types.iter().enumerate().map(column).collect();
    let known_key = known.map(|table| table.primary_key.clone()).unwrap_or_default();
    let has = |name: &String| columns.iter().any(|c| c.name.eq_ignore_ascii_case(name));
    let primary_key = if known_key.iter().all(has) { known_key } else { Vec::new() };
    Table {
        database: map.database.clone(),
        name: map.table.clone(),
        columns,
        primary_key,
        charset: None,
    }
}

fn stored_type(code: u8, metadata: [u8; 2]) -> DataType {
    let kind = match code {
        1 => TypeKind::TinyInt,
        2 => TypeKind::SmallInt,
        3 => TypeKind::Int,
        4 => TypeKind::Float,
        5 => TypeKind::Double,
        7 | 17 => TypeKind::Timestamp,
        8 => TypeKind::BigInt,
        9 => TypeKind::MediumInt,
        10 | 14 => TypeKind::Date,
        11 | 19 => TypeKind::Time,
        12 | 18 => TypeKind::DateTime,
        13 => TypeKind::Year,
        15 | 253 | 254 => TypeKind::VarChar,
        16 => TypeKind::Bit,
        245 => TypeKind::Json,
        246 => TypeKind::Decimal,
        255 => TypeKind::Geometry,
        _ => TypeKind::Blob,
    };
    let (length, scale) = match kind {
        TypeKind::Decimal => (Some(u32::from(metadata[0])), Some(u32::from(metadata[1]))),
        TypeKind::Bit => (Some(u32::from(metadata[0]) + 8 * u32::from(metadata[1])), None),
        TypeKind::Time | TypeKind::DateTime | TypeKind::Timestamp => {
            (Some(u32::from(metadata[0])), None)
        }
        _ => (None, None),
    };
    DataType { kind, length, scale, ..DataType::default() }
}
