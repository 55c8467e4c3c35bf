//! Table functions, PARTITION BY and the projection.

use functions::ArgumentType;
use plan::expression::{ColumnRef, Expr as Typed, ExprKind as TypedKind};
use plan::logical::{Layout, Node, Operator, TableCall};
use types::{Column, SourceKind, Value};

use super::names::InputNames;
use super::{Flow, Logical, ResultColumn, in_clause};
use crate::analysis::{Analysis, Clause, Item, Purpose, key_items};
use crate::ast::{Expr, ExprKind};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::expression::Typer;
use crate::serdes;
use crate::text::quoted;

/// Expressions that are already columns of the rows.
type Replacements = Vec<(Expr, Typed)>;

/// Runs the table functions of SELECT: the rows with their columns appended, and the calls as columns.
pub fn explode(
    flow: Flow,
    analysis: &Analysis,
    context: &Context<'_>,
) -> Result<(Flow, Replacements)> {
    if analysis.table_calls.is_empty() {
        return Ok((flow, Vec::new()));
    }
    let mut layout = flow.node.layout.clone();
    let (mut calls, mut replacements) = (Vec::new(), Vec::new());
    for (index, expr) in analysis.table_calls.iter().enumerate() {
        let (call, ty) = table_call(expr, &flow, analysis, context)?;
        let column = ColumnRef::Value(layout.value.len());
        layout.value.push(Column::new(format!("KSQL_SYNTH_{index}"), ty.clone()));
        replacements.push((expr.clone(), Typed::column(column, ty)));
        calls.push(call);
    }
    let operator = Operator::Explode { input: Box::new(flow.node), calls };
    Ok((Flow { node: Node { operator, layout }, bindings: flow.bindings }, replacements))
}

fn table_call(
    expr: &Expr,
    flow: &Flow,
    analysis: &Analysis,
    context: &Context<'_>,
) -> Result<(TableCall, types::SqlType)> {
    let ExprKind::Call(call) = &expr.kind else {
        return Err(Error::Internal("a table function that is no call".to_owned()));
    };
    let Some(function) = context.functions.table(&call.function.name) else {
        return Err(Error::Internal(format!("no table function {}", call.function.name)));
    };
    let names = InputNames::new(analysis, &flow.bindings);
    let mut typer = Typer::new(context.functions, context.catalog, &names);
    let mut arguments = Vec::with_capacity(call.arguments.len());
    for argument in &call.arguments {
        arguments.push(typer.infer(argument).map_err(|error| in_clause(error, Clause::Select))?);
    }
    let types: Vec<ArgumentType> = arguments
        .iter()
        .map(|typed| {
            typed.as_ref().map_or(ArgumentType::Null, |typed| ArgumentType::Sql(typed.ty.clone()))
        })
        .collect();
    let (wanted, returns) = function
        .resolve(&types)
        .map_err(|error| Error::invalid_at("function-arguments", error.to_string(), expr.span))?;
    let arguments = arguments
        .into_iter()
        .zip(wanted)
        .map(|(typed, ty)| match typed {
            Some(typed) => typed.cast_to(ty),
            None => Typed::literal(Value::Null, ty),
        })
        .collect();
    Ok((TableCall { function: function.name().to_owned(), arguments }, returns))
}

/// The projection of a query that does not aggregate, with its new key if it has PARTITION BY.
pub fn build(
    flow: Flow,
    replacements: Replacements,
    analysis: &Analysis,
    purpose: Purpose<'_>,
    context: &Context<'_>,
) -> Result<Logical> {
    let names = InputNames::new(analysis, &flow.bindings).with_replacements(replacements);
    match &analysis.partition_by {
        Some(exprs) => partitioned(flow.node, exprs, &names, analysis, purpose, context),
        None => top(flow.node, &names, analysis, purpose, context),
    }
}

/// The projection as the last node.
pub fn top(
    node: Node,
    names: &InputNames<'_>,
    analysis: &Analysis,
    purpose: Purpose<'_>,
    context: &Context<'_>,
) -> Result<Logical> {
    let split = split(analysis, purpose);
    let (value, columns) = projected(&split.values, names, context)?;
    let key_types = node.layout.key.iter().map(|column| column.ty.clone());
    let key: Vec<Column> = split
        .key_names
        .iter()
        .zip(key_types)
        .map(|(name, ty)| Column::new(name.clone(), ty))
        .collect();
    let layout = Layout { key, value: columns, ..node.layout.clone() };
    let operator = Operator::Project { input: Box::new(node), value };
    let root = Node { operator, layout };
    let columns = result_columns(analysis, &root.layout, &split);
    Ok(Logical { root, columns })
}

/// PARTITION BY under a projection: the values are computed first, while the old key is there, and with
/// them what the new key needs of the old values.
fn partitioned(
    node: Node,
    exprs: &[Expr],
    names: &InputNames<'_>,
    analysis: &Analysis,
    purpose: Purpose<'_>,
    context: &Context<'_>,
) -> Result<Logical> {
    let split = split(analysis, purpose);
    let (mut value, mut columns) = projected(&split.values, names, context)?;
    let kept = value.len();
    let (mut key, mut key_columns) = (Vec::new(), Vec::new());
    for (index, (expr, name)) in exprs.iter().zip(&split.key_names).enumerate() {
        let typed = Typer::new(context.functions, context.catalog, names).typed(expr)?;
        key_columns.push(Column::new(name.clone(), typed.ty.clone()));
        if reads_values(&typed) {
            key.push(Typed::column(ColumnRef::Value(value.len()), typed.ty.clone()));
            columns.push(Column::new(format!("KSQL_INTERNAL_KEY_{index}"), typed.ty.clone()));
            value.push(typed);
        } else {
            key.push(typed);
        }
    }
    serdes::check_key_columns(&key_columns)?;
    let has_helpers = value.len() > kept;
    let layout = Layout { value: columns, ..node.layout.clone() };
    let node = Node { operator: Operator::Project { input: Box::new(node), value }, layout };
    let layout =
        Layout { key: key_columns, kind: SourceKind::Stream, window: None, ..node.layout.clone() };
    let mut root = Node { operator: Operator::PartitionBy { input: Box::new(node), key }, layout };
    if has_helpers {
        let mut layout = root.layout.clone();
        layout.value.truncate(kept);
        let value = layout.value.iter().enumerate();
        let value = value
            .map(|(at, column)| Typed::column(ColumnRef::Value(at), column.ty.clone()))
            .collect();
        root = Node { operator: Operator::Project { input: Box::new(root), value }, layout };
    }
    let columns = result_columns(analysis, &root.layout, &split);
    Ok(Logical { root, columns })
}

/// Whether an expression needs more of a row than its key.
fn reads_values(expr: &Typed) -> bool {
    let mut reads = false;
    plan::expression::visit(expr, &mut |node| {
        if let TypedKind::Column(column) = &node.kind {
            reads |= matches!(column, ColumnRef::Value(_));
        }
    });
    reads
}

/// The projection split into key and value.
struct Split<'a> {
    /// Final names of the key columns.
    key_names: Vec<String>,
    /// For each key column the item that is it, in persistent queries.
    key_items: Vec<Option<usize>>,
    /// The items that are values.
    values: Vec<&'a Item>,
}

/// Persistent queries store an item as key or as value; the rows of push queries carry every item as value.
fn split<'a>(analysis: &'a Analysis, purpose: Purpose<'_>) -> Split<'a> {
    let persistent = matches!(purpose, Purpose::Persistent { .. });
    let key_items = key_items(analysis);
    let key_names = analysis
        .keys
        .iter()
        .zip(&key_items)
        .map(|(key, item)| match item {
            Some(item) => analysis.items[*item].name.clone(),
            None => key.name.clone(),
        })
        .collect();
    let is_value = |index: usize| !persistent || !key_items.contains(&Some(index));
    let values = analysis.items.iter().enumerate().filter(|(index, _)| is_value(*index));
    let values = values.map(|(_, item)| item).collect();
    Split { key_names, key_items, values }
}

fn projected(
    items: &[&Item],
    names: &InputNames<'_>,
    context: &Context<'_>,
) -> Result<(Vec<Typed>, Vec<Column>)> {
    let (mut value, mut columns) = (Vec::new(), Vec::new());
    for item in items {
        let mut typer = Typer::new(context.functions, context.catalog, names);
        let typed = typer.typed(&item.expr).map_err(|error| in_clause(error, Clause::Select))?;
        columns.push(Column::new(item.name.clone(), typed.ty.clone()));
        value.push(typed);
    }
    Ok((value, columns))
}

fn result_columns(analysis: &Analysis, layout: &Layout, split: &Split<'_>) -> Vec<ResultColumn> {
    let mut values = layout.value.iter();
    let is_value =
        |index: usize| split.values.iter().any(|item| std::ptr::eq(*item, &analysis.items[index]));
    (0..analysis.items.len())
        .filter_map(|index| {
            let key = split.key_items.iter().position(|item| *item == Some(index));
            let column = match (is_value(index), key) {
                (true, _) => values.next()?,
                (false, key) => layout.key.get(key?)?,
            };
            Some(ResultColumn { column: column.clone(), is_key: key.is_some() })
        })
        .collect()
}

/// Refuses results with two columns of one name.
pub fn check_duplicates(logical: &Logical) -> Result<()> {
    let mut seen: Vec<&str> = Vec::new();
    let keys = logical.columns.iter().filter(|column| column.is_key);
    let values = logical.columns.iter().filter(|column| !column.is_key);
    for result in keys.chain(values) {
        let Column { name, ty } = &result.column;
        if seen.contains(&name.as_str()) {
            let part = if result.is_key { "key" } else { "value" };
            let message =
                format!("Duplicate {part} columns found in schema: {} {ty}", quoted(name));
            return Err(Error::invalid("duplicate-column", message));
        }
        seen.push(name);
    }
    Ok(())
}
