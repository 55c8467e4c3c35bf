//! Applies ALTER TABLE to a known table.

use super::statement::{Action, ColumnDef, Place};
use crate::mysql::table::{Column, Table};

/// The table after `actions`; `None` when they don't fit it, so that the server must be asked.
pub fn apply_to_table(table: &Table, actions: &[Action]) -> Option<Table> {
    let mut altered = table.clone();
    for action in actions {
        apply(&mut altered, action)?;
    }
    Some(altered)
}

fn apply(table: &mut Table, action: &Action) -> Option<()> {
    match action {
        Action::Add(def, place) => insert(table, table.columns.len(), def, place),
        Action::Drop(name) => remove(table, name),
        Action::Change(old, def, place) => change(table, old, def, place),
        Action::RenameColumn(old, new) => rename(table, old, new),
        Action::RenameTable(_) => Some(()),
        Action::AddPrimaryKey(names) => set_key(table, names),
        Action::DropPrimaryKey => {
            table.primary_key.clear();
            Some(())
        }
        Action::ConvertCharset(charset) => {
            convert(table, charset);
            Some(())
        }
    }
}

fn insert(table: &mut Table, at: usize, def: &ColumnDef, place: &Place) -> Option<()> {
    let at = match place {
        Place::Unchanged => at,
        Place::First => 0,
        Place::After(name) => table.column_index(name)? + 1,
    };
    table.columns.insert(at, Column::from_definition(def, table.charset.as_deref()));
    Some(())
}

fn remove(table: &mut Table, name: &str) -> Option<()> {
    table.columns.remove(table.column_index(name)?);
    table.primary_key.retain(|key| !key.eq_ignore_ascii_case(name));
    Some(())
}

fn change(table: &mut Table, old: &str, def: &ColumnDef, place: &Place) -> Option<()> {
    let at = table.column_index(old)?;
    table.columns.remove(at);
    rename_in_key(table, old, &def.name);
    insert(table, at, def, place)
}

fn rename(table: &mut Table, old: &str, new: &str) -> Option<()> {
    let at = table.column_index(old)?;
    table.columns[at].name = new.to_owned();
    rename_in_key(table, old, new);
    Some(())
}

fn rename_in_key(table: &mut Table, old: &str, new: &str) {
    for key in table.primary_key.iter_mut().filter(|key| key.eq_ignore_ascii_case(old)) {
        *key = new.to_owned();
    }
}

fn set_key(table: &mut Table, names: &[String]) -> Option<()> {
    for name in names {
        let at = table.column_index(name)?;
        table.columns[at].is_nullable = false;
    }
    table.primary_key = names.to_vec();
    Some(())
}

fn convert(table: &mut Table, charset: &str) {
    table.charset = Some(charset.to_owned());
    for column in table.columns.iter_mut().filter(|column| column.data_type.kind.is_text()) {
        column.data_type.charset = Some(charset.to_owned());
        column.data_type.collation = None;
    }
}
