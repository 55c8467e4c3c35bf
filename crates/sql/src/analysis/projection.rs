//! The projection: `*` expanded, every item named (spec section 1.2).

use std::collections::BTreeSet;

use types::SqlType;

use super::keys::{KeyOrigin, column_expr, items_of};
use super::query::{Analysis, Purpose};
use super::scope::{Clause, Scope, is_pseudo};
use crate::ast::{ColumnName, Expr, ExprKind, Identifier, Query, SelectItem, Span};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::expression::{Names, Typer};
use crate::text::quoted;

/// A column of the result.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is, qualified.
    pub expr: Expr,
    /// Its name.
    pub name: String,
    /// Whether it comes from a `*` without qualifier.
    pub from_star: bool,
    /// Its place.
    pub span: Span,
}

/// Makes names for items without alias.
struct Namer {
    taken: BTreeSet<String>,
    next_column: usize,
}

impl Namer {
    fn new(query: &Query, scope: &Scope) -> Self {
        let mut taken: BTreeSet<String> = scope.column_names().map(str::to_owned).collect();
        for item in &query.select {
            if let SelectItem::Expr { alias: Some(alias), .. } = item {
                taken.insert(alias.name.clone());
            }
        }
        Self { taken, next_column: 0 }
    }

    /// The next free `KSQL_COL_n`.
    fn column(&mut self) -> String {
        loop {
            let name = format!("KSQL_COL_{}", self.next_column);
            self.next_column += 1;
            if !self.taken.contains(&name) {
                return name;
            }
        }
    }

    /// `field`, or `field_n` with the first n that is free.
    fn field(&mut self, field: &str) -> String {
        let mut name = field.to_owned();
        let mut number = 0;
        while self.taken.contains(&name) {
            number += 1;
            name = format!("{field}_{number}");
        }
        self.taken.insert(name.clone());
        name
    }
}

/// The items of the projection.
///
/// # Errors
/// For unknown names and reserved aliases.
pub fn expand(
    query: &Query,
    scope: &Scope,
    purpose: Purpose<'_>,
    context: &Context<'_>,
) -> Result<Vec<Item>> {
    if matches!(purpose, Purpose::Persistent { .. }) {
        refuse_reserved_names(query, scope)?;
    }
    let mut namer = Namer::new(query, scope);
    let mut items = Vec::new();
    let is_push = matches!(purpose, Purpose::Push);
    for item in &query.select {
        match item {
            SelectItem::Expr { expr, alias } => {
                items.push(single(expr, alias.as_ref(), scope, &mut namer, context)?);
            }
            SelectItem::Fields(base) => fields(base, scope, &mut namer, context, &mut items)?,
            SelectItem::SourceColumns(qualifier) => {
                source_columns(
                    scope.source(qualifier)?,
                    query,
                    scope,
                    is_push,
                    false,
                    qualifier.span,
                    &mut items,
                );
            }
            SelectItem::AllColumns(star) => {
                if let Some(key) = &scope.synthetic_key {
                    let column =
                        ColumnName { source: None, name: Identifier::synthetic(key.name.clone()) };
                    let expr = Expr::new(ExprKind::Column(column), star.span);
                    items.push(Item {
                        expr,
                        name: key.name.clone(),
                        from_star: true,
                        span: star.span,
                    });
                }
                for source in 0..scope.sources.len() {
                    source_columns(source, query, scope, is_push, true, star.span, &mut items);
                }
            }
        }
    }
    Ok(items)
}

fn single(
    written: &Expr,
    alias: Option<&Identifier>,
    scope: &Scope,
    namer: &mut Namer,
    context: &Context<'_>,
) -> Result<Item> {
    let expr = scope.qualify(written, Clause::Select, context.functions)?;
    let name = match (alias, &expr.kind) {
        (Some(alias), _) => alias.name.clone(),
        (None, ExprKind::Column(column)) => match &column.source {
            Some(source) if scope.is_shared(&column.name.name) => {
                format!("{}_{}", source.name, column.name.name)
            }
            _ => column.name.name.clone(),
        },
        (None, ExprKind::Field { field, .. }) => namer.field(&field.name),
        (None, _) => namer.column(),
    };
    Ok(Item { expr, name, from_star: false, span: written.span })
}

/// `struct->*`: one item per field.
fn fields(
    base: &Expr,
    scope: &Scope,
    namer: &mut Namer,
    context: &Context<'_>,
    items: &mut Vec<Item>,
) -> Result<()> {
    let qualified = scope.qualify(base, Clause::Select, context.functions)?;
    let names = DeclaredTypes { scope };
    let typed = Typer::new(context.functions, context.catalog, &names).typed(&qualified)?;
    let SqlType::Struct(fields) = typed.ty else {
        let message = format!("Expected STRUCT type, got: {}", typed.ty);
        return Err(Error::invalid_at("not-a-struct", message, base.span));
    };
    for field in fields {
        let kind = ExprKind::Field {
            base: Box::new(qualified.clone()),
            field: Identifier::synthetic(field.name.clone()),
        };
        let expr = Expr::new(kind, base.span);
        let name = namer.field(&field.name);
        items.push(Item { expr, name, from_star: false, span: base.span });
    }
    Ok(())
}

/// Types of declared columns, for `->*` before any plan exists.
struct DeclaredTypes<'a> {
    scope: &'a Scope,
}

impl Names for DeclaredTypes<'_> {
    fn column(&self, name: &ColumnName, span: Span) -> Result<plan::expression::Expr> {
        let Some((_, _, ty)) = self.scope.place(name) else {
            let message = format!("SELECT column '{}' cannot be resolved.", name.name.name);
            return Err(Error::invalid_at("unknown-column", message, span));
        };
        Ok(plan::expression::Expr::column(plan::expression::ColumnRef::RowTime, ty))
    }
}

/// The columns of one source: key, value and header columns; over PARTITION BY the key columns come
/// last, and in joins over PARTITION BY the pseudo columns come too, as ksqlDB has it. The bounds of a
/// windowed source's windows are columns in joins and in push queries.
fn source_columns(
    source: usize,
    query: &Query,
    scope: &Scope,
    is_push: bool,
    from_star: bool,
    span: Span,
    items: &mut Vec<Item>,
) {
    let alias = &scope.sources[source].alias;
    let definition = &scope.sources[source].definition;
    let keys: Vec<&str> = definition.schema.key.iter().map(|column| column.name.as_str()).collect();
    let values: Vec<&str> = definition.value_columns().map(|column| column.name.as_str()).collect();
    let bounds: &[&str] = match definition.window {
        Some(_) if scope.is_join() || is_push => &["WINDOWSTART", "WINDOWEND"],
        _ => &[],
    };
    let names: Vec<&str> = match (&query.partition_by, scope.is_join()) {
        (Some(_), true) => {
            let pseudo: &[&str] = &["ROWTIME", "ROWPARTITION", "ROWOFFSET"];
            [values.as_slice(), pseudo, bounds, keys.as_slice()].concat()
        }
        (Some(_), false) => [values, keys].concat(),
        (None, _) => [keys.as_slice(), bounds, values.as_slice()].concat(),
    };
    for column in names {
        let mut expr = column_expr(alias, column);
        expr.span = span;
        let name = match scope.is_join() {
            true => format!("{alias}_{column}"),
            false => column.to_owned(),
        };
        items.push(Item { expr, name, from_star, span });
    }
}

/// Names the key columns that no column names, and adds those of PARTITION BY to a `*`.
pub fn add_keys_of_star(query: &Query, analysis: &mut Analysis) {
    let mut namer = Namer::new(query, &analysis.scope);
    let used: Vec<String> = analysis.items.iter().map(|item| item.name.clone()).collect();
    namer.taken.extend(used);
    let has_star = analysis.items.iter().any(|item| item.from_star);
    let found = items_of(analysis);
    let mut added = Vec::new();
    for (key, item) in analysis.keys.iter_mut().zip(found) {
        match item {
            Some(index) if key.name.is_empty() => key.name.clone_from(&analysis.items[index].name),
            Some(_) => {}
            None => {
                if key.name.is_empty() {
                    key.name = namer.column();
                }
                if has_star && key.origin == KeyOrigin::PartitionBy {
                    let expr = key.matches[0].clone();
                    added.push(Item {
                        span: expr.span,
                        expr,
                        name: key.name.clone(),
                        from_star: true,
                    });
                }
            }
        }
    }
    analysis.items.splice(0..0, added);
}

/// Pseudo columns must get another name, and no other column may get theirs.
fn refuse_reserved_names(query: &Query, scope: &Scope) -> Result<()> {
    for item in &query.select {
        let SelectItem::Expr { expr, alias } = item else { continue };
        let Some(alias) = alias else {
            match &expr.kind {
                ExprKind::Column(name) if !scope.is_join() && is_pseudo(&name.name.name) => {
                    return Err(reserved(&name.name.name, expr.span));
                }
                _ => continue,
            }
        };
        let is_itself = matches!(&expr.kind, ExprKind::Column(column) if column.name == *alias);
        if is_pseudo(&alias.name) && !is_itself {
            let message = format!(
                "{} is a reserved column name. You cannot use it as an alias for a column.",
                quoted(&alias.name)
            );
            return Err(Error::invalid_at("reserved-alias", message, alias.span));
        }
    }
    Ok(())
}

/// Refuses pseudo columns that keep their name in a result that is stored.
///
/// # Errors
/// Naming the first one.
pub fn check_reserved(items: &[Item]) -> Result<()> {
    match items.iter().find(|item| is_pseudo(&item.name) && !item.from_star) {
        None => Ok(()),
        Some(item) => Err(reserved(&item.name, item.span)),
    }
}

fn reserved(name: &str, span: Span) -> Error {
    let message = format!(
        "Reserved column name in select: {}. Please remove or alias the column.",
        quoted(name)
    );
    Error::invalid_at("reserved-column", message, span)
}
