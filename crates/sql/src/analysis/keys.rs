//! What a query's result is keyed by, and whether the projection says so (spec sections 1.2 and 5.5).

use plan::logical::JoinMethod;

use super::grouping::label;
use super::joins::JoinStep;
use super::projection::Item;
use super::query::Analysis;
use crate::ast::{ColumnName, Expr, ExprKind, Identifier, Span};
use crate::error::{Error, Problem, Result};
use crate::format;
use crate::text::{all_of, one_of, quoted};

/// A key column of the result.
#[derive(Clone, Debug)]
pub struct KeyColumn {
    /// Projecting any of these projects the key.
    pub matches: Vec<Expr>,
    /// Its name when no item of the projection names it.
    pub name: String,
    /// Where it comes from.
    pub origin: KeyOrigin,
}

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// The source's key, unchanged.
    Source,
    /// PARTITION BY.
    PartitionBy,
    /// GROUP BY.
    GroupBy,
    /// A join, by one of its columns.
    Join,
    /// A join whose key no column supplies.
    Synthetic,
    /// The left table's primary key after a foreign-key join.
    ForeignKeyJoin,
}

/// The key columns of the result of `analysis`.
pub fn of(analysis: &Analysis) -> Vec<KeyColumn> {
    if let Some(exprs) = &analysis.group_by {
        return exprs
            .iter()
            .map(|expr| expression_key(expr, analysis, KeyOrigin::GroupBy))
            .collect();
    }
    if let Some(exprs) = &analysis.partition_by {
        return exprs
            .iter()
            .map(|expr| expression_key(expr, analysis, KeyOrigin::PartitionBy))
            .collect();
    }
    match analysis.joins.last() {
        Some(step) => join_keys(step, analysis),
        None => source_keys(analysis, KeyOrigin::Source),
    }
}

/// A PARTITION BY that leaves the key as it is still is what messages name.
pub fn note_partition_by(keys: &mut [KeyColumn]) {
    for key in keys.iter_mut().filter(|key| key.origin == KeyOrigin::Source) {
        key.origin = KeyOrigin::PartitionBy;
    }
}

fn source_keys(analysis: &Analysis, origin: KeyOrigin) -> Vec<KeyColumn> {
    let source = &analysis.scope.sources[0];
    let keys = source.definition.schema.key.iter();
    keys.map(|column| KeyColumn {
        matches: vec![column_expr(&source.alias, &column.name)],
        name: match analysis.scope.is_join() {
            true => format!("{}_{}", source.alias, column.name),
            false => column.name.clone(),
        },
        origin,
    })
    .collect()
}

fn join_keys(step: &JoinStep, analysis: &Analysis) -> Vec<KeyColumn> {
    if step.method == JoinMethod::ForeignKey {
        return source_keys(analysis, KeyOrigin::ForeignKeyJoin);
    }
    if let Some(synthetic) = &analysis.scope.synthetic_key {
        let name = synthetic.name.clone();
        let column = ColumnName { source: None, name: Identifier::synthetic(name.clone()) };
        let expr = Expr::new(ExprKind::Column(column), Span::default());
        return vec![KeyColumn { matches: vec![expr], name, origin: KeyOrigin::Synthetic }];
    }
    let matches: Vec<Expr> = step
        .equals_key
        .iter()
        .filter(|expr| matches!(expr.kind, ExprKind::Column(_)))
        .cloned()
        .collect();
    let name = matches.first().map_or("ROWKEY".to_owned(), joined_name);
    vec![KeyColumn { matches, name, origin: KeyOrigin::Join }]
}

/// `SOURCE_COLUMN` of a qualified column.
pub fn joined_name(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Column(ColumnName { source: Some(source), name }) => {
            format!("{}_{}", source.name, name.name)
        }
        ExprKind::Column(ColumnName { source: None, name }) => name.name.clone(),
        _ => "KSQL_COL_0".to_owned(),
    }
}

fn expression_key(expr: &Expr, analysis: &Analysis, origin: KeyOrigin) -> KeyColumn {
    let name = match &expr.kind {
        ExprKind::Column(name) if !analysis.scope.is_join() => name.name.name.clone(),
        ExprKind::Column(_) => joined_name(expr),
        ExprKind::Field { field, .. } => field.name.clone(),
        _ => String::new(),
    };
    KeyColumn { matches: vec![expr.clone()], name, origin }
}

/// A qualified column as an expression.
pub fn column_expr(source: &str, column: &str) -> Expr {
    let name = ColumnName {
        source: Some(Identifier::synthetic(source)),
        name: Identifier::synthetic(column),
    };
    Expr::new(ExprKind::Column(name), Span::default())
}

/// For each key column the item of the projection that is it: the first of what equals the key that is
/// projected, left sources of a join before right ones.
pub fn items_of(analysis: &Analysis) -> Vec<Option<usize>> {
    let item_of = |wanted: &Expr| analysis.items.iter().position(|item| item.expr == *wanted);
    analysis.keys.iter().map(|key| key.matches.iter().find_map(item_of)).collect()
}

/// Checks that a persistent query projects every key column once and something besides.
///
/// # Errors
/// Naming what is missing or doubled.
pub fn check(analysis: &Analysis, sink: &str) -> Result<()> {
    let found = items_of(analysis);
    if found.iter().any(Option::is_none) {
        return Err(missing(analysis, &found, sink));
    }
    for (key, first) in analysis.keys.iter().zip(&found) {
        let Some(first) = first.map(|index| &analysis.items[index]) else { continue };
        let again: Vec<&Item> =
            analysis.items.iter().filter(|item| item.expr == first.expr).collect();
        if again.len() > 1 {
            return Err(doubled(key, &again));
        }
    }
    if analysis.items.len() == found.len() {
        return Err(Error::invalid(
            "no-value-columns",
            "The projection contains no value columns.",
        ));
    }
    Ok(())
}

fn doubled(key: &KeyColumn, items: &[&Item]) -> Error {
    let message = match key.origin {
        KeyOrigin::GroupBy => {
            let names: Vec<String> = items.iter().map(|item| quoted(&item.name)).collect();
            format!("The projection contains a key column more than once: {}.", all_of(&names))
        }
        _ => {
            let mut names: Vec<String> = items.iter().map(|item| item.name.clone()).collect();
            names.sort();
            let key = match (key.origin, key.name.as_str()) {
                (KeyOrigin::Join, _) => joined_name(&items[0].expr),
                (_, "") => items[0].name.clone(),
                (_, name) => name.to_owned(),
            };
            format!(
                "The projection contains a key column ({}) more than once, aliased as: {}.",
                quoted(&key),
                all_of(&names)
            )
        }
    };
    Problem::new("key-twice", message)
        .detail("Each key column must only be in the projection once. If you intended to copy the key into the value, then consider using the AS_VALUE function to indicate which key reference should be copied.")
        .invalid()
}

fn missing(analysis: &Analysis, found: &[Option<usize>], sink: &str) -> Error {
    let first = &analysis.keys[found.iter().position(Option::is_none).unwrap_or_default()];
    if first.origin == KeyOrigin::ForeignKeyJoin {
        return missing_foreign(analysis, first);
    }
    let keys: Vec<&KeyColumn> = match first.origin {
        KeyOrigin::GroupBy => analysis
            .keys
            .iter()
            .zip(found)
            .filter(|(_, item)| item.is_none())
            .map(|(key, _)| key)
            .collect(),
        _ => analysis.keys.iter().collect(),
    };
    let words = match first.origin {
        KeyOrigin::GroupBy => "grouping expression",
        KeyOrigin::PartitionBy => "partitioning expression",
        KeyOrigin::Join | KeyOrigin::Synthetic => "join expression",
        KeyOrigin::Source | KeyOrigin::ForeignKeyJoin => "key column",
    };
    let texts: Vec<String> = match first.origin {
        KeyOrigin::Join => first.matches.iter().map(format::expression).collect(),
        KeyOrigin::PartitionBy => {
            keys.iter().map(|key| format::expression(&key.matches[0])).collect()
        }
        _ => keys.iter().map(|key| label(&key.matches[0], analysis)).collect(),
    };
    let (listed, example) = match first.origin {
        KeyOrigin::Join => (one_of(&texts), texts.first().cloned().unwrap_or_default()),
        _ => (all_of(&texts), texts.join(", ")),
    };
    let plural = if texts.len() > 1 { "s" } else { "" };
    let mut message = format!(
        "Key missing from projection (ie, SELECT). See https://cnfl.io/2LV7ouS.\nThe query used to \
         build {} must include the {words}{plural} {listed} in its projection (eg, SELECT {example}...).",
        quoted(sink)
    );
    if first.origin == KeyOrigin::Synthetic {
        message.push_str(&format!(
            "\n{} was added as a synthetic key column because the join criteria did not match any \
             source column. This expression must be included in the projection and may be aliased.",
            first.name
        ));
    }
    Error::invalid("key-missing", message)
}

fn missing_foreign(analysis: &Analysis, key: &KeyColumn) -> Error {
    let source = &analysis.scope.sources[0];
    let column = match &key.matches[0].kind {
        ExprKind::Column(name) => name.name.name.clone(),
        _ => key.name.clone(),
    };
    let message = format!(
        "Primary key column missing in projection. For foreign-key table-table joins, the projection \
         must include all primary key columns from the left input table ({}). Missing column: {}.",
        quoted(&source.alias),
        quoted(&column)
    );
    Error::invalid("key-missing", message)
}
