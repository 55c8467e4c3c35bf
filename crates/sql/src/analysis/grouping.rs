//! GROUP BY, aggregate calls and table function calls (spec sections 1.2, 3.2 and 3.3).

use types::SourceKind;

use super::query::{Analysis, Purpose, refuse_functions};
use super::scope::Clause;
use crate::ast::{ColumnName, Expr, ExprKind, Identifier, Literal, Query, Span};
use crate::context::Context;
use crate::error::{Error, Problem, Result};
use crate::format;
use crate::rewrite;

/// Finds grouping, aggregates and table functions, checks them and notes them in `analysis`.
///
/// # Errors
/// When a rule about them is broken.
pub fn analyze(
    query: &Query,
    analysis: &mut Analysis,
    purpose: Purpose<'_>,
    context: &Context<'_>,
) -> Result<()> {
    if let Some(filter) = &analysis.filter {
        refuse_functions(filter, Clause::Where, context)?;
    }
    analysis.table_calls = table_calls(analysis, context)?;
    analysis.aggregates = aggregates(analysis, context)?;
    let group_by = match &query.group_by {
        Some(written) => Some(grouping(&written.node, written.span, analysis, context)?),
        None => None,
    };
    if group_by.is_none() && analysis.aggregates.is_empty() {
        check_window(query)?;
        if let Some(having) = &analysis.having {
            let message = "HAVING requires a GROUP BY clause.";
            return Err(Error::invalid_at("having-without-group-by", message, having.span));
        }
        return Ok(());
    }
    if analysis.aggregates.is_empty() {
        let message =
            "GROUP BY requires aggregate functions in either the SELECT or HAVING clause.";
        let span = query.group_by.as_ref().map(|written| written.span).unwrap_or_default();
        return Err(Error::invalid_at("no-aggregate", message, span));
    }
    if let Some(call) = analysis.table_calls.first() {
        let message = "Table functions cannot be used with aggregations.";
        return Err(Error::invalid_at("table-function-aggregate", message, call.span));
    }
    let grouping = group_by.clone().unwrap_or_default();
    check_projection(analysis, &grouping, context)?;
    if group_by.is_none() {
        check_window(query)?;
        check_ungrouped(analysis, purpose)?;
    }
    let constant = || vec![Expr::new(ExprKind::Literal(Literal::Integer(0)), Span::default())];
    analysis.group_by = Some(group_by.unwrap_or_else(constant));
    Ok(())
}

/// Only groups have windows.
fn check_window(query: &Query) -> Result<()> {
    match &query.window {
        None => Ok(()),
        Some(window) => {
            let message = "WINDOW clause requires a GROUP BY clause.";
            Err(Error::invalid_at("window-without-group-by", message, window.span))
        }
    }
}

fn grouping(
    written: &[Expr],
    span: Span,
    analysis: &Analysis,
    context: &Context<'_>,
) -> Result<Vec<Expr>> {
    if written.is_empty() {
        return Err(Error::invalid_at(
            "group-by-empty",
            "GROUP BY requires at least one expression.",
            span,
        ));
    }
    let mut exprs: Vec<Expr> = Vec::with_capacity(written.len());
    for expr in written {
        let qualified = analysis.scope.qualify(expr, Clause::GroupBy, context.functions)?;
        refuse_functions(&qualified, Clause::GroupBy, context)?;
        if exprs.contains(&qualified) {
            let message =
                format!("Duplicate GROUP BY expression: {}", format::expression(&qualified));
            return Err(Error::invalid_at("duplicate-group-by", message, expr.span));
        }
        exprs.push(qualified);
    }
    Ok(exprs)
}

/// The distinct aggregate calls of SELECT and HAVING, in order.
fn aggregates(analysis: &Analysis, context: &Context<'_>) -> Result<Vec<Expr>> {
    let mut found: Vec<Expr> = Vec::new();
    let selected = analysis.items.iter().map(|item| &item.expr);
    for expr in selected.chain(&analysis.having) {
        let mut nested = None;
        rewrite::visit(expr, &mut |node| {
            if !is_aggregate(node, context) {
                return true;
            }
            let inside = rewrite::children(node);
            let is_aggregate = |inner: &Expr| is_aggregate(inner, context);
            if inside.into_iter().any(|inner| rewrite::any(inner, &is_aggregate)) {
                nested.get_or_insert(node);
            }
            if !found.contains(node) {
                found.push(node.clone());
            }
            false
        });
        if let Some(node) = nested {
            let message =
                format!("Aggregate functions can not be nested: {}", label(node, analysis));
            return Err(Error::invalid_at("nested-aggregate", message, node.span));
        }
    }
    Ok(found)
}

fn is_aggregate(expr: &Expr, context: &Context<'_>) -> bool {
    let ExprKind::Call(call) = &expr.kind else { return false };
    context.functions.aggregate(&call.function.name).is_some()
}

fn is_table_call(expr: &Expr, context: &Context<'_>) -> bool {
    let ExprKind::Call(call) = &expr.kind else { return false };
    context.functions.table(&call.function.name).is_some()
}

/// The distinct table function calls of SELECT, in order.
fn table_calls(analysis: &Analysis, context: &Context<'_>) -> Result<Vec<Expr>> {
    let mut found: Vec<Expr> = Vec::new();
    for item in &analysis.items {
        let mut misplaced = None;
        rewrite::visit(&item.expr, &mut |node| {
            let is_table_call = |inner: &Expr| is_table_call(inner, context);
            if matches!(node.kind, ExprKind::Case(_)) && rewrite::any(node, &is_table_call) {
                misplaced.get_or_insert((node.span, "Table functions can't be used in CASE."));
                return false;
            }
            if !is_table_call(node) {
                return true;
            }
            if rewrite::children(node).into_iter().any(|inner| rewrite::any(inner, &is_table_call))
            {
                misplaced.get_or_insert((node.span, "Table functions can't be nested."));
            }
            if !found.contains(node) {
                found.push(node.clone());
            }
            false
        });
        if let Some((span, message)) = misplaced {
            return Err(Error::invalid_at("misplaced-table-function", message, span));
        }
    }
    if let Some(having) = &analysis.having
        && rewrite::any(having, &|node| is_table_call(node, context))
    {
        let message = "HAVING does not support table functions.";
        return Err(Error::invalid_at("misplaced-table-function", message, having.span));
    }
    let tables =
        analysis.scope.sources.iter().any(|source| source.definition.kind == SourceKind::Table);
    if let (Some(call), true) = (found.first(), tables && !analysis.scope.is_join()) {
        let message = "Table source is not supported with table functions";
        return Err(Error::invalid_at("table-function-on-table", message, call.span));
    }
    Ok(found)
}

/// Everything outside aggregates must be built from grouping expressions and constants.
fn check_projection(analysis: &Analysis, grouping: &[Expr], context: &Context<'_>) -> Result<()> {
    let mut offending = Vec::new();
    for item in &analysis.items {
        if !is_grouped(&item.expr, grouping, context) {
            offending.push(label(&item.expr, analysis));
        }
    }
    if !offending.is_empty() {
        let message = format!(
            "Non-aggregate SELECT expression(s) not part of GROUP BY: {}",
            offending.join(", ")
        );
        let advice = "Either add the column(s) to the GROUP BY or remove them from the SELECT.";
        return Err(Problem::new("not-grouped", message).detail(advice).invalid());
    }
    match &analysis.having {
        Some(having) if !is_grouped(having, grouping, context) => {
            let message = format!(
                "Non-aggregate HAVING expression not part of GROUP BY: {}",
                label(having, analysis)
            );
            Err(Problem::new("not-grouped", message)
                .detail("Consider switching the HAVING clause to a WHERE clause before the GROUP BY for simple filtering.")
                .invalid())
        }
        _ => Ok(()),
    }
}

fn is_grouped(expr: &Expr, grouping: &[Expr], context: &Context<'_>) -> bool {
    if grouping.contains(expr) || is_aggregate(expr, context) {
        return true;
    }
    match &expr.kind {
        // Names without source are lambda parameters and the window bounds of this aggregation.
        ExprKind::Column(ColumnName { source, .. }) => source.is_none(),
        _ => rewrite::children(expr).into_iter().all(|inner| is_grouped(inner, grouping, context)),
    }
}

/// Aggregates without GROUP BY: push queries only.
fn check_ungrouped(analysis: &Analysis, purpose: Purpose<'_>) -> Result<()> {
    let Purpose::Persistent { statement, .. } = purpose else { return Ok(()) };
    let calls: Vec<String> = analysis
        .aggregates
        .iter()
        .map(|call| {
            let star = matches!(&call.kind, ExprKind::Call(inner) if inner.arguments.is_empty());
            let text = label(call, analysis);
            match (star, text.find('(')) {
                (true, Some(at)) => format!("{}(ROWTIME)", &text[..at]),
                _ => text,
            }
        })
        .collect();
    let message = format!(
        "{statement} statement does not support aggregate function [{}] without a GROUP BY clause.",
        calls.join(", ")
    );
    Err(Error::invalid("aggregate-without-group-by", message))
}

/// The text of `expr` as the user knows its columns: bare for one source, qualified for joins.
pub fn label(expr: &Expr, analysis: &Analysis) -> String {
    if analysis.scope.is_join() {
        return format::expression(expr);
    }
    let bare = rewrite::replace(expr, &mut |node| {
        let ExprKind::Column(name) = &node.kind else { return Ok::<_, Error>(None) };
        let name = Identifier::synthetic(name.name.name.clone());
        let column = ColumnName { source: None, name };
        Ok(Some(Expr::new(ExprKind::Column(column), node.span)))
    });
    format::expression(&bare.expect("dropping qualifiers never fails"))
}
