//! Joins: which kinds may meet, on what, and what the result is keyed by (spec sections 5.1, 5.5
//! and 5.6). Types of the join expressions are compared later, by `logical`.

use plan::expression::CompareOp;
use plan::logical::{JoinKind, JoinMethod, Within};
use types::{Column, Format, SourceKind, SqlType, WindowKind};

use super::scope::{Clause, Scope, ScopeSource};
use super::window::length;
use crate::ast::{self, Expr, ExprKind, LogicalOp, Query};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::format;
use crate::rewrite;
use crate::text::quoted;

/// How source `index + 1` is joined to everything before it.
#[derive(Clone, Debug)]
pub struct JoinStep {
    /// INNER, LEFT, RIGHT or FULL.
    pub kind: JoinKind,
    /// How the sides meet.
    pub method: JoinMethod,
    /// The side of ON over the sources before.
    pub left_on: Expr,
    /// The side of ON over the new source.
    pub right_on: Expr,
    /// ON as written, for messages.
    pub condition: (Expr, Expr),
    /// WITHIN.
    pub within: Option<Within>,
    /// Whether the left rows must get a new key first.
    pub rekey_left: bool,
    /// Whether the right rows must get a new key first.
    pub rekey_right: bool,
    /// Expressions the result's key equals; empty when the key is synthetic.
    pub equals_key: Vec<Expr>,
}

/// Checks the joins of `query` and notes a synthetic key in `scope`.
///
/// # Errors
/// When a rule of spec section 5.1 is broken.
pub fn analyze(query: &Query, scope: &mut Scope, context: &Context<'_>) -> Result<Vec<JoinStep>> {
    if query.from.joins.is_empty() {
        return Ok(Vec::new());
    }
    check_value_formats(scope)?;
    let mut steps: Vec<JoinStep> = Vec::with_capacity(query.from.joins.len());
    for (index, join) in query.from.joins.iter().enumerate() {
        let step = step(join, index + 1, scope, steps.last(), context)?;
        steps.push(step);
    }
    check_partitions(scope, &steps, context)?;
    let last = steps.last().expect("there is at least one join");
    if last.equals_key.iter().all(|expr| !is_column(expr)) && last.method != JoinMethod::ForeignKey
    {
        scope.synthetic_key = Some(synthetic_key(scope));
    }
    Ok(steps)
}

/// The key no column supplies; its type is not known yet.
fn synthetic_key(scope: &Scope) -> Column {
    let taken = |name: &str| scope.column_names().any(|known| known == name);
    let mut name = "ROWKEY".to_owned();
    let mut number = 0;
    while taken(&name) {
        number += 1;
        name = format!("ROWKEY_{number}");
    }
    Column::new(name, SqlType::String)
}

fn step(
    join: &ast::Join,
    right: usize,
    scope: &Scope,
    before: Option<&JoinStep>,
    context: &Context<'_>,
) -> Result<JoinStep> {
    let (first, second) = sides(join, scope, context)?;
    let (left_on, right_on) = oriented(&first, &second, right, scope)?;
    let left = source_of(&left_on, scope).expect("each side has exactly one source");
    let left_kind = match before {
        Some(_) => result_kind(scope, right),
        None => scope.sources[0].definition.kind,
    };
    let present: Vec<Expr> = match before {
        Some(step) => step.equals_key.clone(),
        None => key_exprs(&scope.sources[0]),
    };
    let names = (scope.sources[left].alias.as_str(), scope.sources[right].alias.as_str());
    let kind = kind(join.kind);
    let got = format!("{} = {}", format::expression(&first), format::expression(&second));
    let method = method(
        join,
        kind,
        (left_kind, &present, &left_on),
        (&scope.sources[right], &right_on),
        names,
        &got,
    )?;
    if method == JoinMethod::ForeignKey {
        check_foreign_key(join, kind, before, scope, right, &got)?;
    }
    let (rekey_left, rekey_right) = match method {
        JoinMethod::ForeignKey => (false, false),
        _ => (
            present.as_slice() != std::slice::from_ref(&left_on)
                && !is_equal_key(&present, &left_on, before),
            key_exprs(&scope.sources[right]).as_slice() != std::slice::from_ref(&right_on),
        ),
    };
    check_windows(join, scope, left, right, rekey_left || rekey_right)?;
    let equals_key = match (method, kind) {
        (JoinMethod::ForeignKey, _) => key_exprs(&scope.sources[0]),
        (_, JoinKind::Full) => Vec::new(),
        _ => equal_exprs(&present, before, &left_on, &right_on),
    };
    let within = within(join, method)?;
    Ok(JoinStep {
        kind,
        method,
        left_on,
        right_on,
        condition: (first, second),
        within,
        rekey_left,
        rekey_right,
        equals_key,
    })
}

/// Whether rows joined before are keyed by something equal to `left_on`.
fn is_equal_key(present: &[Expr], left_on: &Expr, before: Option<&JoinStep>) -> bool {
    before.is_some() && present.contains(left_on)
}

/// What the key of a join's result equals: everything the left's key equalled if it was joined on, and
/// both sides of this join.
fn equal_exprs(
    present: &[Expr],
    before: Option<&JoinStep>,
    left_on: &Expr,
    right_on: &Expr,
) -> Vec<Expr> {
    let mut equal = match before {
        Some(_) if present.contains(left_on) => present.to_vec(),
        _ => vec![left_on.clone()],
    };
    equal.push(right_on.clone());
    equal
}

/// The key columns of a source as expressions.
fn key_exprs(source: &ScopeSource) -> Vec<Expr> {
    source
        .definition
        .schema
        .key
        .iter()
        .map(|column| super::keys::column_expr(&source.alias, &column.name))
        .collect()
}

fn is_column(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Column(_))
}

/// The two sides of ON, as written and qualified.
fn sides(join: &ast::Join, scope: &Scope, context: &Context<'_>) -> Result<(Expr, Expr)> {
    check_qualifiers(&join.on, scope)?;
    let on = scope.qualify(&join.on, Clause::JoinOn, context.functions)?;
    let text = || format::expression(&on);
    match &on.kind {
        ExprKind::Compare { op, left, right } if op.node == CompareOp::Equal => {
            for side in [left, right] {
                if source_of(side, scope).is_none() {
                    let message = format!(
                        "Invalid comparison expression '{}' in join '{}'. Each side of the join \
                         comparision must contain references from exactly one source.",
                        format::expression(side),
                        text()
                    );
                    return Err(Error::invalid_at("join-side", message, side.span));
                }
            }
            Ok(((**left).clone(), (**right).clone()))
        }
        ExprKind::Logical { op: LogicalOp::And | LogicalOp::Or, .. } => {
            let message = format!(
                "Invalid join condition: joins on multiple conditions are not yet supported. Got {}.",
                text()
            );
            Err(Error::invalid_at("join-condition", message, join.on.span))
        }
        _ => {
            let message = format!(
                "Unsupported join expression: only equality of two sources' expressions is supported. Got {}.",
                text()
            );
            Err(Error::invalid_at("join-condition", message, join.on.span))
        }
    }
}

/// Unknown qualifiers are told before ambiguous columns.
fn check_qualifiers(on: &Expr, scope: &Scope) -> Result<()> {
    let mut unknown = None;
    rewrite::visit(on, &mut |node| {
        if let ExprKind::Column(name) = &node.kind
            && let Some(error) = name.source.as_ref().and_then(|source| scope.source(source).err())
        {
            unknown.get_or_insert(error);
        }
        true
    });
    unknown.map_or(Ok(()), Err)
}

/// The only source that `expr` refers to.
fn source_of(expr: &Expr, scope: &Scope) -> Option<usize> {
    let mut found: Vec<usize> = Vec::new();
    rewrite::visit(expr, &mut |node| {
        if let ExprKind::Column(name) = &node.kind {
            let source = name.source.as_ref().and_then(|source| scope.index_of(&source.name));
            found.extend(source.filter(|source| !found.contains(source)));
        }
        true
    });
    match found.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// The sides of ON as (left, right) of the join.
fn oriented(first: &Expr, second: &Expr, right: usize, scope: &Scope) -> Result<(Expr, Expr)> {
    let sources = (source_of(first, scope), source_of(second, scope));
    match sources {
        (Some(a), Some(b)) if b == right && a < right => Ok((first.clone(), second.clone())),
        (Some(a), Some(b)) if a == right && b < right => Ok((second.clone(), first.clone())),
        (Some(a), Some(b)) => {
            let alias = |index: usize| quoted(&scope.sources[index].alias);
            let message = format!(
                "A join criteria is expected to reference the source ({}) in the FROM clause, \
                 instead the right source references {} and the left source references {}",
                alias(right),
                alias(b),
                alias(a)
            );
            Err(Error::invalid_at("join-criteria", message, first.span.to(second.span)))
        }
        _ => Err(Error::Internal("a join side without source".to_owned())),
    }
}

fn kind(kind: ast::JoinKind) -> JoinKind {
    match kind {
        ast::JoinKind::Inner => JoinKind::Inner,
        ast::JoinKind::Left => JoinKind::Left,
        ast::JoinKind::Right => JoinKind::Right,
        ast::JoinKind::Full => JoinKind::Full,
    }
}

/// What the first `right` sources joined are.
fn result_kind(scope: &Scope, right: usize) -> SourceKind {
    let mut kinds = scope.sources[..right].iter().map(|source| source.definition.kind);
    match kinds.any(|kind| kind == SourceKind::Stream) {
        true => SourceKind::Stream,
        false => SourceKind::Table,
    }
}

fn join_words(kind: JoinKind) -> &'static str {
    match kind {
        JoinKind::Inner => "[INNER] JOIN",
        JoinKind::Left => "LEFT [OUTER] JOIN",
        JoinKind::Right => "RIGHT [OUTER] JOIN",
        JoinKind::Full => "[FULL] OUTER JOIN",
    }
}

/// How the sides meet, and whether they may.
fn method(
    join: &ast::Join,
    kind: JoinKind,
    (left_kind, present, left_on): (SourceKind, &[Expr], &Expr),
    (right, right_on): (&ScopeSource, &Expr),
    names: (&str, &str),
    got: &str,
) -> Result<JoinMethod> {
    let refuse = |message: String| Err(Error::invalid_at("join", message, join.place.span));
    let keys = key_exprs(right);
    let on_primary_key = keys.as_slice() == std::slice::from_ref(right_on);
    let is_outer = matches!(kind, JoinKind::Right | JoinKind::Full);
    match (left_kind, right.definition.kind) {
        (SourceKind::Stream, SourceKind::Stream) => Ok(JoinMethod::StreamStream),
        (SourceKind::Table, SourceKind::Stream) => refuse(format!(
            "Invalid join order: table-stream joins are not supported; only stream-table joins. Got {} {} {}.",
            names.0,
            join_words(kind),
            names.1
        )),
        (SourceKind::Stream, SourceKind::Table) if is_outer => refuse(format!(
            "Invalid join type: {}-outer join not supported for stream-table join. Got {} {} {}.",
            if kind == JoinKind::Full { "full" } else { "right" },
            names.0,
            join_words(kind),
            names.1
        )),
        (SourceKind::Stream, SourceKind::Table) if !on_primary_key => refuse(format!(
            "Invalid join condition: stream-table joins require to join on the table's primary key. Got {got}."
        )),
        (SourceKind::Stream, SourceKind::Table) => Ok(JoinMethod::StreamTable),
        (SourceKind::Table, SourceKind::Table) if !on_primary_key => refuse(format!(
            "Invalid join condition: table-table joins require to join on the primary key of the right input table. Got {got}."
        )),
        (SourceKind::Table, SourceKind::Table) => {
            let on_left_key =
                present.contains(left_on) && (present.len() == 1 || !is_multi_column(present));
            Ok(if on_left_key { JoinMethod::TableTable } else { JoinMethod::ForeignKey })
        }
    }
}

/// Whether these are several key columns of one source, rather than several names of one key.
fn is_multi_column(present: &[Expr]) -> bool {
    let source = |expr: &Expr| match &expr.kind {
        ExprKind::Column(name) => name.source.as_ref().map(|source| source.name.clone()),
        _ => None,
    };
    present
        .windows(2)
        .any(|pair| source(&pair[0]).is_some() && source(&pair[0]) == source(&pair[1]))
}

fn check_foreign_key(
    join: &ast::Join,
    kind: JoinKind,
    before: Option<&JoinStep>,
    scope: &Scope,
    right: usize,
    got: &str,
) -> Result<()> {
    let refuse =
        |message: String| Err(Error::invalid_at("foreign-key-join", message, join.place.span));
    if before.is_some() {
        return refuse(format!(
            "Invalid join condition: foreign-key table-table joins are not supported as part of n-way joins. Got {got}."
        ));
    }
    let words = match kind {
        JoinKind::Right => "RIGHT",
        JoinKind::Full => "FULL",
        JoinKind::Inner | JoinKind::Left => {
            let windowed =
                [0, right].iter().any(|&index| scope.sources[index].definition.window.is_some());
            return match windowed {
                true => {
                    refuse("Foreign-key joins are not supported on windowed tables.".to_owned())
                }
                false => Ok(()),
            };
        }
    };
    refuse(format!(
        "Invalid join type: {words} OUTER JOIN on a foreign key is not supported. Got {got}."
    ))
}

fn within(join: &ast::Join, method: JoinMethod) -> Result<Option<Within>> {
    let refuse = |message: &str| Err(Error::invalid_at("join-within", message, join.place.span));
    match (method, &join.within) {
        (JoinMethod::StreamStream, None) => {
            refuse("Stream-Stream joins must have a WITHIN clause specified. None was provided.")
        }
        (JoinMethod::StreamStream, Some(written)) => {
            let ms = |duration| length(duration, written.span);
            let grace_ms = written.node.grace.map(ms).transpose()?;
            let (before_ms, after_ms) = (ms(written.node.before)?, ms(written.node.after)?);
            Ok(Some(Within { before_ms, after_ms, grace_ms }))
        }
        (JoinMethod::StreamTable, Some(_)) => refuse(
            "A window definition was provided for a Stream-Table join. These joins are not windowed. \
             Please drop the window definition (ie. the WITHIN clause) and try to execute your join again.",
        ),
        (_, Some(_)) => refuse(
            "A window definition was provided for a Table-Table join. These joins are not windowed. \
             Please drop the window definition (i.e. the WITHIN clause) and try to execute your Table-Table join again.",
        ),
        (_, None) => Ok(None),
    }
}

fn window_word(window: WindowKind) -> &'static str {
    match window {
        WindowKind::Tumbling { .. } => "TUMBLING",
        WindowKind::Hopping { .. } => "HOPPING",
        WindowKind::Session => "SESSION",
    }
}

fn check_windows(
    join: &ast::Join,
    scope: &Scope,
    left: usize,
    right: usize,
    rekey: bool,
) -> Result<()> {
    let refuse = |message: String| Err(Error::invalid_at("join-windows", message, join.place.span));
    let (left, right) = (&scope.sources[left], &scope.sources[right]);
    let windows = (left.definition.window, right.definition.window);
    let described = |source: &ScopeSource| match source.definition.window {
        Some(window) => format!("{} is {} windowed", quoted(&source.alias), window_word(window)),
        None => format!("{} is not windowed", quoted(&source.alias)),
    };
    let repartition = "Implicit repartitioning of windowed sources is not supported. See \
                       https://github.com/confluentinc/ksql/issues/4385.";
    match windows {
        (None, None) => Ok(()),
        (Some(_), None) | (None, Some(_)) => refuse(format!(
            "Can not join windowed source to non-windowed source.\n{}\n{}",
            described(left),
            described(right)
        )),
        (Some(l), Some(r)) if (l == WindowKind::Session) != (r == WindowKind::Session) => {
            refuse(format!(
                "Incompatible windowed sources.\nLeft source: {}\nRight source: {}\nSession windowed \
             sources can only be joined to other session windowed sources, and may still not result \
             in expected behaviour as session bounds must be an exact match for the join to work\n\
             Hopping and tumbling windowed sources can only be joined to other hopping and tumbling \
             windowed sources",
                window_word(l),
                window_word(r)
            ))
        }
        (Some(_), Some(_)) if rekey => refuse(repartition.to_owned()),
        (Some(l), Some(r)) if l != r && !left.definition.key_serde.format.uses_registry() => {
            refuse(repartition.to_owned())
        }
        _ => Ok(()),
    }
}

fn check_value_formats(scope: &Scope) -> Result<()> {
    let names: Vec<String> = scope
        .sources
        .iter()
        .filter(|source| source.definition.value_serde.format == Format::Kafka)
        .map(|source| source.definition.name.clone())
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Source(s) {} are using the 'KAFKA' value format. This format does not yet support JOIN.",
        names.join(", ")
    );
    Err(Error::invalid("join-format", message))
}

/// Sides that meet by partition must have as many of them.
fn check_partitions(scope: &Scope, steps: &[JoinStep], context: &Context<'_>) -> Result<()> {
    let count = |source: &ScopeSource| context.catalog.partitions(&source.definition.topic);
    let left = &scope.sources[0];
    for (source, step) in scope.sources[1..].iter().zip(steps) {
        if step.method == JoinMethod::ForeignKey {
            continue;
        }
        let (Some(ours), Some(theirs)) = (count(left), count(source)) else { continue };
        if ours != theirs {
            let (l, r) = (quoted(&left.definition.name), quoted(&source.definition.name));
            let message = format!(
                "Can't join {l} with {r} since the number of partitions don't match. {l} partitions = \
                 {ours}; {r} partitions = {theirs}. Please repartition either one so that the \
                 number of partitions match."
            );
            return Err(Error::invalid("join-partitions", message));
        }
    }
    Ok(())
}
