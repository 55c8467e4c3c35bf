//! Primary keys as SQL: literals that name a row's place in key order, and comparisons by which the
//! server tells what lies behind it.

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use super::catalog::quoted;
use super::cell::{Cell, CivilDate};
use super::charset::Charset;
use super::connection::lost;
use super::table::{Column, Table, TypeKind};
use crate::error::Result;

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// Comparisons asked for in one statement.
const COMPARISONS_MAX: usize = 200;

/// The key of a row as literals, in the key's order.
pub fn literals(table: &Table, cells: &[Cell<'_>]) -> Vec<String> {
    let literal = |at: usize| self::literal(&cells[at], &table.columns[at]);
    table.key_indexes().into_iter().map(literal).collect()
}

fn literal(cell: &Cell<'_>, column: &Column) -> String {
    match cell {
        Cell::Int(value) => value.to_string(),
        Cell::UInt(value) => value.to_string(),
        Cell::Utf8(text) if column.data_type.kind == TypeKind::Decimal => {
            // Digits, a sign and a point: nothing in it needs quoting.
            String::from_utf8_lossy(text).into_owned()
        }
        Cell::Utf8(text) => format!("_utf8mb4 {}", hex(text)),
        Cell::Raw(bytes) if column.data_type.kind.is_text() => {
            let charset = column.data_type.charset.as_deref();
            let text = charset.map_or(Charset::Utf8, Charset::from_name).decode(bytes);
            format!("_utf8mb4 {}", hex(text.as_bytes()))
        }
        Cell::Raw(bytes) => padded(bytes, column),
        Cell::Date(date) => format!("CAST('{}' AS DATE)", date_text(*date)),
        Cell::DateTime(date, time) => datetime(*date, *time),
        Cell::Instant(micros) => datetime(
            CivilDate::from_epoch_day(micros.div_euclid(MICROS_PER_DAY)),
            micros.rem_euclid(MICROS_PER_DAY),
        ),
        // Keys of these types are not read in order, and key columns are never NULL.
        Cell::Null | Cell::Float(_) | Cell::Double(_) | Cell::Time(_) => "NULL".to_owned(),
    }
}

/// BINARY with the zeros at its end, which row images leave out.
fn padded(bytes: &[u8], column: &Column) -> String {
    let mut filled = bytes.to_vec();
    if column.data_type.kind == TypeKind::Binary {
        filled.resize(filled.len().max(column.data_type.length.unwrap_or(1) as usize), 0);
    }
    hex(&filled)
}

fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("x'{digits}'")
}

fn date_text(date: CivilDate) -> String {
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

fn datetime(date: CivilDate, micros: i64) -> String {
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let date = date_text(date);
    format!("CAST('{date} {hour:02}:{minute:02}:{second:02}.{fraction:06}' AS DATETIME(6))")
}

/// The key's columns in backticks, for ORDER BY.
pub fn order(table: &Table) -> String {
    names(table).join(", ")
}

/// The condition that a row lies after `key`.
pub fn after(table: &Table, key: &[String]) -> String {
    greater(&names(table), key)
}

fn names(table: &Table) -> Vec<String> {
    table.key_indexes().into_iter().map(|at| quoted(&table.columns[at].name)).collect()
}

/// `left > right`, written so that the server finds the range in the key's index, which it does not
/// for a comparison of rows.
fn greater(left: &[String], right: &[String]) -> String {
    let Some((first_left, rest_left)) = left.split_first() else { return "FALSE".to_owned() };
    let Some((first_right, rest_right)) = right.split_first() else { return "FALSE".to_owned() };
    if rest_left.is_empty() {
        return format!("{first_left} > {first_right}");
    }
    let rest = greater(rest_left, rest_right);
    format!(
        "({first_left} >= {first_right} AND ({first_left} > {first_right} OR ({first_left} = {first_right} AND {rest})))"
    )
}

/// Asks the server which of `keys` lie after `key`.
///
/// # Errors
/// When the connection is lost.
pub async fn which_after(
    conn: &mut Conn,
    table: &Table,
    key: &[String],
    keys: &[Vec<String>],
) -> Result<Vec<bool>> {
    let columns: Vec<&Column> = table.key_indexes().iter().map(|at| &table.columns[*at]).collect();
    let typed = |key: &[String]| -> Vec<String> {
        key.iter().zip(&columns).map(|(literal, column)| self::typed(literal, column)).collect()
    };
    let boundary = typed(key);
    let mut answers = Vec::with_capacity(keys.len());
    for some in keys.chunks(COMPARISONS_MAX) {
        let conditions: Vec<String> =
            some.iter().map(|candidate| greater(&typed(candidate), &boundary)).collect();
        let statement = format!("SELECT {}", conditions.join(", "));
        let row: Option<mysql_async::Row> =
            conn.query_first(statement).await.map_err(|error| lost("comparing keys", &error))?;
        let row = row.map(mysql_async::Row::unwrap).unwrap_or_default();
        answers.extend(row.iter().map(is_true));
    }
    answers.resize(keys.len(), false);
    Ok(answers)
}

fn is_true(value: &mysql_async::Value) -> bool {
    match value {
        mysql_async::Value::Bytes(text) => text.as_slice() == b"1",
        mysql_async::Value::Int(number) => *number == 1,
        mysql_async::Value::UInt(number) => *number == 1,
        _ => false,
    }
}

/// A literal that compares as the column does.
fn typed(literal: &str, column: &Column) -> String {
    let data_type = &column.data_type;
    match (&data_type.charset, &data_type.collation) {
        (Some(charset), Some(collation)) if data_type.kind.is_text() => {
            format!("CONVERT({literal} USING {charset}) COLLATE {collation}")
        }
        _ => literal.to_owned(),
    }
}
