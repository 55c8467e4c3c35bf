//! Which keys and windows a condition can be true for. What is not understood constrains nothing: the
//! condition itself is still evaluated for every row.

use std::collections::BTreeMap;

use plan::expression::{ColumnRef, CompareOp, Expr, ExprKind};
use plan::logical::Layout;
use plan::typing;
use types::{SqlType, Value};

use super::{Access, WindowBounds};
use crate::ast::Span;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::expression::evaluate;

/// More alternatives than this are answered by a scan.
const ALTERNATIVES_MAX: usize = 10_000;

/// Values of key columns, by position.
type Constraints = BTreeMap<usize, Value>;

/// The keys that `filter` can be true for.
///
/// # Errors
/// When a key column is compared with NULL.
pub fn access(filter: Option<&Expr>, layout: &Layout, context: &Context<'_>) -> Result<Access> {
    let Some(filter) = filter else { return Ok(Access::Scan) };
    let finder = Finder { layout, context };
    let alternatives = finder.alternatives(filter)?;
    let width = layout.key.len();
    if width == 0 || alternatives.iter().any(|constraints| constraints.len() < width) {
        return Ok(finder.range(filter));
    }
    let mut keys: Vec<Vec<Value>> = Vec::with_capacity(alternatives.len());
    for constraints in alternatives {
        let key: Vec<Value> = constraints.into_values().collect();
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(Access::Keys(keys))
}

struct Finder<'a> {
    layout: &'a Layout,
    context: &'a Context<'a>,
}

impl Finder<'_> {
    /// `filter` as alternatives, each with the key values it needs.
    fn alternatives(&self, filter: &Expr) -> Result<Vec<Constraints>> {
        let found = match &filter.kind {
            ExprKind::And(left, right) => {
                let (left, right) = (self.alternatives(left)?, self.alternatives(right)?);
                if left.len().saturating_mul(right.len()) > ALTERNATIVES_MAX {
                    return Ok(unconstrained());
                }
                let pairs = left.iter().flat_map(|l| right.iter().map(move |r| (l, r)));
                pairs.filter_map(|(l, r)| both(l, r)).collect()
            }
            ExprKind::Or(left, right) => {
                let mut all = self.alternatives(left)?;
                all.extend(self.alternatives(right)?);
                all
            }
            ExprKind::Compare { op: CompareOp::Equal, left, right } => {
                match self.equality(left, right)?.or(self.equality(right, left)?) {
                    Some(constraint) => vec![Constraints::from([constraint])],
                    None => unconstrained(),
                }
            }
            ExprKind::In { operand, list } => {
                let mut all = Vec::with_capacity(list.len());
                for candidate in list {
                    match self.equality(operand, candidate)? {
                        Some(constraint) => all.push(Constraints::from([constraint])),
                        None => return Ok(unconstrained()),
                    }
                }
                all
            }
            _ => unconstrained(),
        };
        Ok(if found.len() > ALTERNATIVES_MAX { unconstrained() } else { found })
    }

    /// `key column = constant`.
    fn equality(&self, column: &Expr, constant: &Expr) -> Result<Option<(usize, Value)>> {
        let ExprKind::Column(ColumnRef::Key(index)) = column.kind else { return Ok(None) };
        let ty = &self.layout.key[index].ty;
        let Some(value) = self.constant(constant, ty) else { return Ok(None) };
        if value.is_null() {
            let message = "Primary key columns can not be NULL.";
            return Err(Error::invalid("pull-null-key", message));
        }
        Ok(Some((index, value)))
    }

    /// The value of a constant as `ty`, when nothing is lost.
    fn constant(&self, expr: &Expr, ty: &SqlType) -> Option<Value> {
        if has_columns(expr) || (expr.ty != *ty && !typing::implicitly_castable(&expr.ty, ty)) {
            return None;
        }
        evaluate(&expr.clone().cast_to(ty.clone()), self.context, Span::default()).ok()
    }

    /// The range of a single STRING or BYTES key, whose order in the store is that of its values.
    fn range(&self, filter: &Expr) -> Access {
        let [key] = self.layout.key.as_slice() else { return Access::Scan };
        if !matches!(key.ty, SqlType::String | SqlType::Bytes) {
            return Access::Scan;
        }
        let (mut lower, mut upper) = (None, None);
        for part in conjuncts(filter) {
            let ExprKind::Compare { op, left, right } = &part.kind else { continue };
            let (op, constant) = match (&left.kind, &right.kind) {
                (ExprKind::Column(ColumnRef::Key(0)), _) => (*op, right),
                (_, ExprKind::Column(ColumnRef::Key(0))) => (mirrored(*op), left),
                _ => continue,
            };
            let Some(value) = self.constant(constant, &key.ty).filter(|value| !value.is_null())
            else {
                continue;
            };
            match op {
                CompareOp::Greater => lower = lower.or(Some((value, false))),
                CompareOp::GreaterOrEqual => lower = lower.or(Some((value, true))),
                CompareOp::Less => upper = upper.or(Some((value, false))),
                CompareOp::LessOrEqual => upper = upper.or(Some((value, true))),
                _ => {}
            }
        }
        match (&lower, &upper) {
            (None, None) => Access::Scan,
            _ => Access::Range { lower, upper },
        }
    }
}

fn unconstrained() -> Vec<Constraints> {
    vec![Constraints::new()]
}

/// Both sets of values; `None` when they contradict each other.
fn both(left: &Constraints, right: &Constraints) -> Option<Constraints> {
    let mut merged = left.clone();
    for (column, value) in right {
        match merged.get(column) {
            Some(known) if known != value => return None,
            _ => {
                merged.insert(*column, value.clone());
            }
        }
    }
    Some(merged)
}

fn has_columns(expr: &Expr) -> bool {
    let mut found = false;
    plan::expression::visit(expr, &mut |node| found |= matches!(node.kind, ExprKind::Column(_)));
    found
}

fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::And(left, right) => [conjuncts(left), conjuncts(right)].concat(),
        _ => vec![expr],
    }
}

/// `op` with its sides exchanged.
fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        other => other,
    }
}

/// The windows that `filter` can be true for.
pub fn window_bounds(filter: Option<&Expr>, context: &Context<'_>) -> WindowBounds {
    let mut bounds = WindowBounds::default();
    for part in filter.map(conjuncts).unwrap_or_default() {
        match &part.kind {
            ExprKind::Compare { op, left, right } => {
                if let Some(limit) = bigint(right, context) {
                    narrow(&mut bounds, left, *op, limit);
                }
                if let Some(limit) = bigint(left, context) {
                    narrow(&mut bounds, right, mirrored(*op), limit);
                }
            }
            ExprKind::Between { operand, low, high } => {
                if let Some(limit) = bigint(low, context) {
                    narrow(&mut bounds, operand, CompareOp::GreaterOrEqual, limit);
                }
                if let Some(limit) = bigint(high, context) {
                    narrow(&mut bounds, operand, CompareOp::LessOrEqual, limit);
                }
            }
            _ => {}
        }
    }
    bounds
}

fn bigint(expr: &Expr, context: &Context<'_>) -> Option<i64> {
    if has_columns(expr) || !matches!(expr.ty, SqlType::Integer | SqlType::Bigint) {
        return None;
    }
    match evaluate(&expr.clone().cast_to(SqlType::Bigint), context, Span::default()) {
        Ok(Value::Bigint(value)) => Some(value),
        _ => None,
    }
}

fn narrow(bounds: &mut WindowBounds, column: &Expr, op: CompareOp, limit: i64) {
    let (min, max) = match column.kind {
        ExprKind::Column(ColumnRef::WindowStart) => (&mut bounds.start_min, &mut bounds.start_max),
        ExprKind::Column(ColumnRef::WindowEnd) => (&mut bounds.end_min, &mut bounds.end_max),
        _ => return,
    };
    let (from, to) = match op {
        CompareOp::Equal => (Some(limit), Some(limit)),
        CompareOp::Greater => (Some(limit.saturating_add(1)), None),
        CompareOp::GreaterOrEqual => (Some(limit), None),
        CompareOp::Less => (None, Some(limit.saturating_sub(1))),
        CompareOp::LessOrEqual => (None, Some(limit)),
        _ => (None, None),
    };
    *min = (*min).max(from);
    *max = match (*max, to) {
        (Some(known), Some(to)) => Some(known.min(to)),
        (known, to) => known.or(to),
    };
}
