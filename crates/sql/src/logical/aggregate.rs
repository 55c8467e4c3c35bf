//! GROUP BY: grouping, aggregate calls, HAVING and the projection above them.

use functions::{AggregateResolution, ArgumentType};
use plan::expression::{ColumnRef, Expr as Typed, ExprKind as TypedKind};
use plan::logical::{Aggregate, AggregateCall, Layout, Node, Operator};
use types::{Column, Format, SourceKind, Value};

use super::names::InputNames;
use super::{Flow, Logical, filtered, in_clause, predicate, project};
use crate::analysis::{Analysis, Clause, Purpose};
use crate::ast::{Expr, ExprKind};
use crate::context::{Context, Part};
use crate::error::{Error, Result};
use crate::expression::{Typer, literal_value};
use crate::serdes;
use crate::text::all_of;

/// The aggregated query over the rows of `flow`.
pub fn build(
    flow: Flow,
    group_by: &[Expr],
    analysis: &Analysis,
    purpose: Purpose<'_>,
    context: &Context<'_>,
) -> Result<Logical> {
    let grouping = group_by
        .iter()
        .map(|expr| input_typed(expr, Clause::GroupBy, &flow, analysis, context))
        .collect::<Result<Vec<Typed>>>()?;
    let node = aggregate(&flow, grouping, analysis, context)?;
    let replacements = replacements(&node.layout, group_by, analysis);
    let names = InputNames::new(analysis, &flow.bindings)
        .with_replacements(replacements)
        .with_window_bounds(analysis.window.is_some());
    let node = match &analysis.having {
        Some(having) => {
            let predicate = predicate(having, Clause::Having, &names, context)?;
            filtered(node, predicate)
        }
        None => node,
    };
    project::top(node, &names, analysis, purpose, context)
}

fn input_typed(
    expr: &Expr,
    clause: Clause,
    flow: &Flow,
    analysis: &Analysis,
    context: &Context<'_>,
) -> Result<Typed> {
    let names = InputNames::new(analysis, &flow.bindings);
    let mut typer = Typer::new(context.functions, context.catalog, &names);
    typer.typed(expr).map_err(|error| in_clause(error, clause))
}

fn aggregate(
    flow: &Flow,
    grouping: Vec<Typed>,
    analysis: &Analysis,
    context: &Context<'_>,
) -> Result<Node> {
    let input = &flow.node.layout;
    let (mut calls, mut value, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for (index, call) in analysis.aggregates.iter().enumerate() {
        let (call, resolution) = aggregate_call(call, flow, analysis, context)?;
        if !resolution.can_undo && !refused.contains(&call.function) {
            refused.push(call.function.clone());
        }
        value.push(Column::new(format!("KSQL_AGG_VARIABLE_{index}"), resolution.returns));
        calls.push(call);
    }
    if input.kind == SourceKind::Table && !refused.is_empty() {
        return Err(not_for_tables(&refused));
    }
    check_storable(&value, analysis)?;
    let keeps_key = input.kind == SourceKind::Stream
        && input.window.is_none()
        && grouping.len() == input.key.len()
        && grouping
            .iter()
            .enumerate()
            .all(|(index, expr)| expr.kind == TypedKind::Column(ColumnRef::Key(index)));
    let key = key_columns(&grouping, analysis);
    let window = analysis.result_window();
    let layout = Layout { kind: SourceKind::Table, key, value, window };
    let operator = Operator::Aggregate(Aggregate {
        input: Box::new(flow.node.clone()),
        group_by: grouping,
        calls,
        window: analysis.window,
        emit: analysis.emit,
        keeps_key,
    });
    Ok(Node { operator, layout })
}

fn key_columns(grouping: &[Typed], analysis: &Analysis) -> Vec<Column> {
    let names = analysis.keys.iter().map(|key| key.name.clone());
    grouping.iter().zip(names).map(|(expr, name)| Column::new(name, expr.ty.clone())).collect()
}

/// Results travel through internal topics in the source's value format, which must be able to hold them.
fn check_storable(results: &[Column], analysis: &Analysis) -> Result<()> {
    let serde = &analysis.scope.sources[0].definition.value_serde;
    if serde.format == Format::Kafka || serdes::check(Part::Value, serde, results).is_ok() {
        return Ok(());
    }
    let message = "One of the functions used in the statement has an intermediate type that the value \
                   format can not handle. Please remove the function or change the format.";
    Err(Error::invalid("intermediate-type", message))
}

fn not_for_tables(functions: &[String]) -> Error {
    let plural = if functions.len() > 1 { "s" } else { "" };
    let message = format!(
        "The aggregation function{plural} {} cannot be applied to a table source, only to a stream source.",
        all_of(functions)
    );
    Error::invalid("aggregate-on-table", message)
}

/// Types and resolves one aggregate call.
fn aggregate_call(
    call: &Expr,
    flow: &Flow,
    analysis: &Analysis,
    context: &Context<'_>,
) -> Result<(AggregateCall, AggregateResolution)> {
    let ExprKind::Call(inner) = &call.kind else {
        return Err(Error::Internal("an aggregate that is no call".to_owned()));
    };
    let Some(function) = context.functions.aggregate(&inner.function.name) else {
        return Err(Error::Internal(format!("no aggregate {}", inner.function.name)));
    };
    let names = InputNames::new(analysis, &flow.bindings);
    let mut typer = Typer::new(context.functions, context.catalog, &names);
    let mut arguments = Vec::with_capacity(inner.arguments.len());
    let mut constants = Vec::with_capacity(inner.arguments.len());
    for argument in &inner.arguments {
        arguments.push(typer.infer(argument).map_err(|error| in_clause(error, Clause::Select))?);
        constants.push(match &argument.kind {
            ExprKind::Literal(literal) => Some(literal_value(literal)),
            _ => None,
        });
    }
    let types: Vec<ArgumentType> = arguments
        .iter()
        .map(|typed| {
            typed.as_ref().map_or(ArgumentType::Null, |typed| ArgumentType::Sql(typed.ty.clone()))
        })
        .collect();
    let resolution = function
        .resolve(&types, &constants)
        .map_err(|error| Error::invalid_at("function-arguments", error.to_string(), call.span))?;
    let columns = arguments
        .into_iter()
        .zip(&resolution.arguments)
        .map(|(typed, ty)| match typed {
            Some(typed) => typed.cast_to(ty.clone()),
            None => Typed::literal(Value::Null, ty.clone()),
        })
        .collect();
    let first_constant = constants.len() - resolution.constants.min(constants.len());
    let mut constants: Vec<Value> = constants.into_iter().skip(first_constant).flatten().collect();
    if function.is_limited() {
        constants.extend(context.properties.function_limit(function.name())?.map(Value::Integer));
    }
    let function = function.name().to_owned();
    Ok((AggregateCall { function, arguments: columns, constants }, resolution))
}

/// Grouping expressions and aggregate calls as columns of the aggregate's rows.
fn replacements(layout: &Layout, group_by: &[Expr], analysis: &Analysis) -> Vec<(Expr, Typed)> {
    let column = |reference, column: &Column| Typed::column(reference, column.ty.clone());
    let groups = group_by.iter().zip(&layout.key).enumerate();
    let groups = groups.map(|(at, (expr, key))| (expr.clone(), column(ColumnRef::Key(at), key)));
    let calls = analysis.aggregates.iter().zip(&layout.value).enumerate();
    let calls =
        calls.map(|(at, (expr, value))| (expr.clone(), column(ColumnRef::Value(at), value)));
    groups.chain(calls).collect()
}
