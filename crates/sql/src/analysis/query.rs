//! One query clause from beginning to end.

use plan::logical::{Emit, Window};
use types::{SourceKind, WindowKind};

use super::grouping;
use super::joins::{self, JoinStep};
use super::keys::{self, KeyColumn};
use super::projection::{self, Item};
use super::scope::{Clause, Scope, ScopeSource, lookup};
use super::window;
use crate::ast::{self, Expr, ExprKind, Literal, Query};
use crate::context::Context;
use crate::error::{Error, Result};

/// What a query is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// CREATE ... AS SELECT and INSERT INTO ... SELECT, with the name of the sink.
    Persistent {
        /// Stream or table written to.
        sink: &'a str,
        /// The statement's words for messages: `CREATE TABLE AS SELECT`.
        statement: &'a str,
    },
    /// A bare SELECT with EMIT.
    Push,
}

/// A query whose names are known and whose shape is allowed.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The sources.
    pub scope: Scope,
    /// How each source but the first is joined.
    pub joins: Vec<JoinStep>,
    /// WHERE.
    pub filter: Option<Expr>,
    /// The projection in the order written, `*` expanded.
    pub items: Vec<Item>,
    /// GROUP BY, or the constant that stands for it when a push query aggregates everything.
    pub group_by: Option<Vec<Expr>>,
    /// PARTITION BY, unless it leaves the key as it is; empty for PARTITION BY NULL.
    pub partition_by: Option<Vec<Expr>>,
    /// HAVING.
    pub having: Option<Expr>,
    /// The distinct aggregate calls of SELECT and HAVING.
    pub aggregates: Vec<Expr>,
    /// The distinct table function calls of SELECT.
    pub table_calls: Vec<Expr>,
    /// WINDOW.
    pub window: Option<Window>,
    /// EMIT; CHANGES when it was not written.
    pub emit: Emit,
    /// What the result is keyed by.
    pub keys: Vec<KeyColumn>,
}

impl Analysis {
    /// Whether rows are grouped.
    pub fn is_aggregate(&self) -> bool {
        self.group_by.is_some()
    }

    /// How the keys of the result carry windows: the aggregation's, else those of the first source as
    /// long as its key is kept.
    pub fn result_window(&self) -> Option<WindowKind> {
        match (&self.window, &self.group_by, &self.partition_by) {
            (Some(window), ..) => Some(super::window::kind(window)),
            (None, None, None) => self.scope.sources[0].definition.window,
            _ => None,
        }
    }

    /// Whether the result is a stream or a table.
    pub fn result_kind(&self) -> SourceKind {
        let streams =
            self.scope.sources.iter().any(|source| source.definition.kind == SourceKind::Stream);
        match streams && !self.is_aggregate() {
            true => SourceKind::Stream,
            false => SourceKind::Table,
        }
    }
}

/// Analyses `query`.
///
/// # Errors
/// When names are unknown or a rule of spec sections 1.2, 3.2, 4 or 5 is broken.
pub fn analyze(query: &Query, purpose: Purpose<'_>, context: &Context<'_>) -> Result<Analysis> {
    let mut scope = scope_of(query, context)?;
    check_sources(&scope, purpose)?;
    let joins = joins::analyze(query, &mut scope, context)?;
    let qualify = |expr: &Expr, clause| scope.qualify(expr, clause, context.functions);
    let items = projection::expand(query, &scope, purpose, context)?;
    let filter = query.filter.as_ref().map(|expr| qualify(expr, Clause::Where)).transpose()?;
    let having = query.having.as_ref().map(|expr| qualify(expr, Clause::Having)).transpose()?;
    let emit = match &query.emit {
        Some(emit) if emit.node == ast::Emit::Final => Emit::Final,
        _ => Emit::Changes,
    };
    let mut analysis = Analysis {
        joins,
        filter,
        items,
        group_by: None,
        partition_by: None,
        having,
        aggregates: Vec::new(),
        table_calls: Vec::new(),
        window: query.window.as_ref().map(|window| window::resolve(window, emit)).transpose()?,
        emit,
        keys: Vec::new(),
        scope,
    };
    check_clauses(query)?;
    check_functions(&analysis, context)?;
    grouping::analyze(query, &mut analysis, purpose, context)?;
    analysis.partition_by = partition_by(query, &analysis, context)?;
    check_emit(query, &analysis)?;
    analysis.keys = keys::of(&analysis);
    projection::add_keys_of_star(query, &mut analysis);
    if query.partition_by.is_some() {
        keys::note_partition_by(&mut analysis.keys);
    }
    if matches!(purpose, Purpose::Persistent { .. }) {
        projection::check_reserved(&analysis.items)?;
    }
    Ok(analysis)
}

fn scope_of(query: &Query, context: &Context<'_>) -> Result<Scope> {
    let references =
        std::iter::once(&query.from.source).chain(query.from.joins.iter().map(|join| &join.source));
    let mut sources: Vec<ScopeSource> = Vec::new();
    for reference in references {
        let definition = lookup(context.catalog, &reference.name)?;
        let alias = reference.qualifier().name.clone();
        if let Some(earlier) = sources.iter().find(|known| known.definition.name == definition.name)
        {
            let name = &definition.name;
            let message = match sources.len() {
                1 => format!(
                    "Can not join '{}' to '{name}': self joins are not yet supported.",
                    earlier.definition.name
                ),
                _ => format!(
                    "N-way joins do not support multiple occurrences of the same source. Source: '{name}'."
                ),
            };
            return Err(Error::invalid_at("self-join", message, reference.name.span));
        }
        sources.push(ScopeSource { alias, definition: definition.clone() });
    }
    Ok(Scope { sources, synthetic_key: None, windowed_aggregate: query.window.is_some() })
}

fn check_sources(scope: &Scope, purpose: Purpose<'_>) -> Result<()> {
    let windowed_table = scope.sources.iter().any(|source| {
        source.definition.kind == SourceKind::Table && source.definition.window.is_some()
    });
    if windowed_table && matches!(purpose, Purpose::Persistent { .. }) {
        let message = "KSQL does not support persistent queries on windowed tables.";
        return Err(Error::invalid("windowed-table", message));
    }
    Ok(())
}

fn check_clauses(query: &Query) -> Result<()> {
    if let (Some(_), Some(partition)) = (&query.group_by, &query.partition_by) {
        let message = "Only one of PARTITION BY and GROUP BY can be used in a query.";
        return Err(Error::invalid_at("partition-and-group", message, partition.span));
    }
    Ok(())
}

/// The PARTITION BY expressions; `None` when there are none or they are the key already.
fn partition_by(
    query: &Query,
    analysis: &Analysis,
    context: &Context<'_>,
) -> Result<Option<Vec<Expr>>> {
    let Some(written) = &query.partition_by else { return Ok(None) };
    if analysis.result_kind() == SourceKind::Table {
        let message = "PARTITION BY is not supported for tables.\nTables must always be keyed by their PRIMARY KEY.";
        return Err(Error::invalid_at("partition-by-table", message, written.span));
    }
    let mut exprs: Vec<Expr> = Vec::with_capacity(written.node.len());
    for expr in &written.node {
        let qualified = analysis.scope.qualify(expr, Clause::PartitionBy, context.functions)?;
        refuse_functions(&qualified, Clause::PartitionBy, context)?;
        if exprs.contains(&qualified) {
            let message = format!(
                "Duplicate PARTITION BY expression: {}",
                crate::format::expression(&qualified)
            );
            return Err(Error::invalid_at("duplicate-partition-by", message, expr.span));
        }
        exprs.push(qualified);
    }
    let is_null = |expr: &Expr| matches!(expr.kind, ExprKind::Literal(Literal::Null));
    if exprs.iter().any(is_null) {
        if exprs.len() > 1 {
            let message = "Cannot PARTITION BY multiple columns including NULL";
            return Err(Error::invalid_at("partition-by-null", message, written.span));
        }
        return Ok(Some(Vec::new()));
    }
    if exprs.is_empty() {
        return Err(Error::invalid_at(
            "partition-by-empty",
            "PARTITION BY needs an expression.",
            written.span,
        ));
    }
    if is_present_key(&exprs, analysis) {
        return Ok(None);
    }
    if analysis.scope.sources.iter().any(|source| source.definition.window.is_some()) {
        let message = "Implicit repartitioning of windowed sources is not supported. See \
                       https://github.com/confluentinc/ksql/issues/4385.";
        return Err(Error::invalid_at("partition-windowed", message, written.span));
    }
    Ok(Some(exprs))
}

/// Refuses calls of functions nobody knows, before anything is said about what the known ones may do.
fn check_functions(analysis: &Analysis, context: &Context<'_>) -> Result<()> {
    let selected = analysis.items.iter().map(|item| &item.expr);
    for expr in selected.chain(&analysis.filter).chain(&analysis.having) {
        let mut unknown = None;
        crate::rewrite::visit(expr, &mut |node| {
            if let ExprKind::Call(call) = &node.kind {
                let name = &call.function.name;
                let functions = context.functions;
                let is_known = functions.scalar(name).is_some()
                    || functions.aggregate(name).is_some()
                    || functions.table(name).is_some();
                if !is_known {
                    unknown.get_or_insert(&call.function);
                }
            }
            true
        });
        if let Some(function) = unknown {
            let message = functions::Error::Unknown(function.name.clone()).to_string();
            return Err(Error::invalid_at("unknown-function", message, function.span));
        }
    }
    Ok(())
}

/// Whether `exprs` are exactly what rows are keyed by before PARTITION BY.
fn is_present_key(exprs: &[Expr], analysis: &Analysis) -> bool {
    let present = keys::of(analysis);
    present.len() == exprs.len()
        && present.iter().zip(exprs).all(|(key, expr)| key.matches.contains(expr))
}

/// Refuses aggregate and table functions where they have no meaning.
pub(super) fn refuse_functions(expr: &Expr, clause: Clause, context: &Context<'_>) -> Result<()> {
    let mut found = None;
    crate::rewrite::visit(expr, &mut |node| {
        if let ExprKind::Call(call) = &node.kind {
            let name = &call.function.name;
            if context.functions.aggregate(name).is_some() {
                found.get_or_insert((name.to_uppercase(), "aggregate", node.span));
            } else if context.functions.table(name).is_some() {
                found.get_or_insert((name.to_uppercase(), "table", node.span));
            }
        }
        true
    });
    match found {
        None => Ok(()),
        Some((name, kind, span)) => {
            let article = if kind == "aggregate" { "an" } else { "a" };
            let message = format!(
                "{} does not support {kind} functions: {name} is {article} {kind} function.",
                clause.words()
            );
            Err(Error::invalid_at("misplaced-function", message, span))
        }
    }
}

fn check_emit(query: &Query, analysis: &Analysis) -> Result<()> {
    let Some(emit) = &query.emit else { return Ok(()) };
    if analysis.emit == Emit::Final && (analysis.window.is_none() || !analysis.is_aggregate()) {
        let message = "EMIT FINAL is only supported for windowed aggregations.";
        return Err(Error::invalid_at("emit-final", message, emit.span));
    }
    Ok(())
}
