//! The bottom of the tree: sources, and their joins (spec section 5).
//!
//! Each side of a join carries the columns that are used above it, pseudo columns as ordinary values.
//! A side that is joined on something other than its key gets a new key first.

use std::collections::BTreeSet;

use plan::expression::{ColumnRef, Expr as Typed};
use plan::logical::{Join, JoinMethod, Layout, Node, Operator, Source};
use types::{Column, SourceKind};

use super::Flow;
use super::names::{Bindings, InputNames};
use crate::analysis::{Analysis, JoinStep, Place, Pseudo};
use crate::ast::{Expr, ExprKind};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::expression::Typer;
use crate::format;
use crate::rewrite;
use crate::serdes;

/// The rows of FROM.
pub fn build(analysis: &Analysis, context: &Context<'_>) -> Result<Flow> {
    if analysis.joins.is_empty() {
        return Ok(source(0, analysis));
    }
    let used = used_columns(analysis);
    let mut left = side(0, analysis, &used);
    for (index, step) in analysis.joins.iter().enumerate() {
        let right = side(index + 1, analysis, &used);
        left = join(left, right, index, step, analysis, &used, context)?;
    }
    Ok(left)
}

fn source(index: usize, analysis: &Analysis) -> Flow {
    let definition = &analysis.scope.sources[index].definition;
    let layout = definition.layout();
    let operator = Operator::Source(Source {
        name: definition.name.clone(),
        topic: definition.topic.clone(),
        key_serde: definition.key_serde.clone(),
        value_serde: definition.value_serde.clone(),
        timestamp: definition.timestamp_column(),
        headers: definition.schema.headers.iter().map(|(_, header)| header.clone()).collect(),
    });
    let bindings = Bindings::of_source(index, &layout);
    Flow { node: Node { operator, layout }, bindings }
}

/// Every source column that anything above the sources refers to.
fn used_columns(analysis: &Analysis) -> BTreeSet<(usize, Place)> {
    let mut used = BTreeSet::new();
    let mut note = |expr: &Expr| {
        rewrite::visit(expr, &mut |node| {
            if let ExprKind::Column(name) = &node.kind {
                used.extend(analysis.scope.place(name).map(|(source, place, _)| (source, place)));
            }
            true
        });
    };
    analysis.items.iter().for_each(|item| note(&item.expr));
    analysis.filter.iter().chain(&analysis.having).for_each(&mut note);
    analysis.group_by.iter().chain(&analysis.partition_by).flatten().for_each(&mut note);
    for step in &analysis.joins {
        note(&step.left_on);
        note(&step.right_on);
    }
    used
}

/// A source as a side of a join: streams carry the used columns only, and pseudo columns that are used
/// become values.
fn side(index: usize, analysis: &Analysis, used: &BTreeSet<(usize, Place)>) -> Flow {
    let flow = source(index, analysis);
    let layout = flow.node.layout.clone();
    let pseudo: Vec<Pseudo> = used
        .iter()
        .filter_map(|(source, place)| match place {
            Place::Pseudo(pseudo) if *source == index => Some(*pseudo),
            _ => None,
        })
        .collect();
    let keeps = |place: usize| {
        layout.kind == SourceKind::Table || used.contains(&(index, Place::Value(place)))
    };
    let mut kept: Vec<usize> = (0..layout.value.len()).filter(|place| keeps(*place)).collect();
    if kept.is_empty() && pseudo.is_empty() && !layout.value.is_empty() {
        // Some formats can't tell a record without columns from one without value.
        kept.push(0);
    }
    if pseudo.is_empty() && kept.len() == layout.value.len() {
        return flow;
    }
    let mut bindings = Bindings::default();
    for key in 0..layout.key.len() {
        bindings.bind(index, Place::Key(key), ColumnRef::Key(key));
    }
    let (mut value, mut columns) = (Vec::new(), Vec::new());
    for place in kept {
        let column = layout.value[place].clone();
        bindings.bind(index, Place::Value(place), ColumnRef::Value(value.len()));
        value.push(Typed::column(ColumnRef::Value(place), column.ty.clone()));
        columns.push(column);
    }
    for pseudo in pseudo {
        let place = Place::Pseudo(pseudo);
        let reference =
            flow.bindings.column(index, place).expect("sources bind every pseudo column");
        bindings.bind(index, place, ColumnRef::Value(value.len()));
        value.push(Typed::column(reference, pseudo.ty()));
        columns.push(Column::new(pseudo.name(), pseudo.ty()));
    }
    let layout = Layout { value: columns, ..layout };
    let operator = Operator::Project { input: Box::new(flow.node), value };
    Flow { node: Node { operator, layout }, bindings }
}

fn join(
    left: Flow,
    right: Flow,
    index: usize,
    step: &JoinStep,
    analysis: &Analysis,
    used: &BTreeSet<(usize, Place)>,
    context: &Context<'_>,
) -> Result<Flow> {
    let left_on = typed(&step.left_on, &left.bindings, analysis, context)?;
    let right_on = typed(&step.right_on, &right.bindings, analysis, context)?;
    check_types(step, &left_on, &right_on)?;
    let ty = left_on.ty.clone();
    let name = key_name(&step.left_on, index, analysis);
    serdes::check_key_columns(&[Column::new(name.clone(), ty.clone())])?;
    let left = keyed(left, step.rekey_left, left_on, &step.left_on, index, analysis, used);
    let right = keyed(right, step.rekey_right, right_on, &step.right_on, index, analysis, used);
    let (left_layout, right_layout) = (&left.0.node.layout, &right.0.node.layout);
    let mut bindings =
        Bindings::joined((&left.0.bindings, left_layout), (&right.0.bindings, right_layout));
    let key = match step.method {
        JoinMethod::ForeignKey => left_layout.key.clone(),
        _ => vec![Column::new(name, ty.clone())],
    };
    if step.equals_key.is_empty() || analysis.scope.synthetic_key.is_some() {
        bindings.synthetic = Some((ColumnRef::Key(0), ty));
    }
    let layout = joined_layout(left_layout, right_layout, key, index, step, analysis);
    let operator = Operator::Join(Join {
        left_on: left.1,
        right_on: right.1,
        left: Box::new(left.0.node),
        right: Box::new(right.0.node),
        kind: step.kind,
        within: step.within,
        method: step.method,
    });
    Ok(Flow { node: Node { operator, layout }, bindings })
}

fn typed(
    expr: &Expr,
    bindings: &Bindings,
    analysis: &Analysis,
    context: &Context<'_>,
) -> Result<Typed> {
    let names = InputNames::new(analysis, bindings);
    Typer::new(context.functions, context.catalog, &names).typed(expr)
}

fn check_types(step: &JoinStep, left: &Typed, right: &Typed) -> Result<()> {
    if left.ty == right.ty {
        return Ok(());
    }
    let (first, second) = &step.condition;
    let (first_type, second_type) =
        if *first == step.left_on { (&left.ty, &right.ty) } else { (&right.ty, &left.ty) };
    let message = format!(
        "Invalid join condition: types don't match. Got {}{{{first_type}}} = {}{{{second_type}}}.",
        format::expression(first),
        format::expression(second)
    );
    Err(Error::invalid_at("join-types", message, first.span.to(second.span)))
}

/// Name of the key of the join's result.
fn key_name(on: &Expr, index: usize, analysis: &Analysis) -> String {
    let is_last = index + 1 == analysis.joins.len();
    match (&analysis.scope.synthetic_key, &on.kind) {
        (Some(key), _) if is_last => key.name.clone(),
        (_, ExprKind::Column(name)) => match &name.source {
            Some(source) => format!("{}_{}", source.name, name.name.name),
            None => name.name.name.clone(),
        },
        _ => "ROWKEY".to_owned(),
    }
}

/// The side keyed by the join expression, and that expression over its rows.
fn keyed(
    flow: Flow,
    rekey: bool,
    on: Typed,
    expr: &Expr,
    index: usize,
    analysis: &Analysis,
    used: &BTreeSet<(usize, Place)>,
) -> (Flow, Typed) {
    if !rekey {
        return (flow, on);
    }
    let flow = with_keys_as_values(flow, used);
    let ty = on.ty.clone();
    let key = vec![Column::new(key_name(expr, index, analysis), ty.clone())];
    let layout = Layout { key, window: None, ..flow.node.layout.clone() };
    let operator = Operator::PartitionBy { input: Box::new(flow.node), key: vec![on] };
    let node = Node { operator, layout };
    (Flow { node, bindings: flow.bindings }, Typed::column(ColumnRef::Key(0), ty))
}

/// The same rows with the key columns that are used as values too.
fn with_keys_as_values(flow: Flow, used: &BTreeSet<(usize, Place)>) -> Flow {
    let layout = flow.node.layout.clone();
    let mut bindings = flow.bindings.clone();
    let mut value: Vec<Typed> = layout
        .value
        .iter()
        .enumerate()
        .map(|(at, column)| Typed::column(ColumnRef::Value(at), column.ty.clone()))
        .collect();
    let mut columns = layout.value.clone();
    for (source, place) in used {
        let Some(ColumnRef::Key(at)) = flow.bindings.column(*source, *place) else { continue };
        let column = &layout.key[at];
        bindings.bind(*source, *place, ColumnRef::Value(value.len()));
        value.push(Typed::column(ColumnRef::Key(at), column.ty.clone()));
        columns.push(column.clone());
    }
    if columns.len() == layout.value.len() {
        return flow;
    }
    let layout = Layout { value: columns, ..layout };
    let operator = Operator::Project { input: Box::new(flow.node), value };
    Flow { node: Node { operator, layout }, bindings }
}

fn joined_layout(
    left: &Layout,
    right: &Layout,
    key: Vec<Column>,
    index: usize,
    step: &JoinStep,
    analysis: &Analysis,
) -> Layout {
    let kind = match step.method {
        JoinMethod::StreamStream | JoinMethod::StreamTable => SourceKind::Stream,
        JoinMethod::TableTable | JoinMethod::ForeignKey => SourceKind::Table,
    };
    let alias = |source: usize| Some(analysis.scope.sources[source].alias.as_str());
    let left_alias = if index == 0 { alias(0) } else { None };
    let mut value =
        side_columns(left, left_alias, step.rekey_left, &format!("KSQL_JOIN_KEY_{}", 2 * index));
    value.extend(side_columns(
        right,
        alias(index + 1),
        step.rekey_right,
        &format!("KSQL_JOIN_KEY_{}", 2 * index + 1),
    ));
    Layout { kind, key, value, window: left.window }
}

/// The columns of one side in a join's layout. Names stay unique: keys that copy another column get one
/// of their own.
fn side_columns(
    layout: &Layout,
    alias: Option<&str>,
    rekeyed: bool,
    own_name: &str,
) -> Vec<Column> {
    let prefixed = |column: &Column| match alias {
        Some(alias) => Column::new(format!("{alias}_{}", column.name), column.ty.clone()),
        None => column.clone(),
    };
    let keys = layout.key.iter().map(|column| match alias {
        Some(_) if !rekeyed => prefixed(column),
        _ => Column::new(own_name, column.ty.clone()),
    });
    keys.chain(layout.value.iter().map(prefixed)).collect()
}
