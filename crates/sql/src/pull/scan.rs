//! Why a condition does not lead to single keys, when whole tables must not be scanned: every
//! alternative of the condition must say once, and of every key column, what it is.

use plan::expression::CompareOp;
use types::Column;

use crate::analysis::{Place, Scope};
use crate::ast::{Expr, ExprKind, LogicalOp};
use crate::context::Context;
use crate::error::{Error, Problem, Result};
use crate::expression::{Names, text};
use crate::rewrite;
use crate::text::quoted;

/// Where to read more.
const HELP: &str = "See https://cnfl.io/queries for more info.";
/// What else can be done.
const HINT: &str = "To scan the whole table, set ksql.query.pull.table.scan.enabled=true.";
/// More alternatives than this are not looked at one by one.
const ALTERNATIVES_MAX: usize = 1_000;

/// How a comparison binds its key column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    /// `=` or IN.
    Exact,
    /// `<`, `<=`, `>`, `>=`.
    Range,
}

/// The condition and what its names mean.
pub struct Condition<'a> {
    /// WHERE, its columns qualified.
    pub filter: &'a Expr,
    /// The source.
    pub scope: &'a Scope,
    /// Its names, for messages.
    pub names: &'a dyn Names,
}

impl Condition<'_> {
    /// Refuses the condition when it needs a scan of the table.
    ///
    /// # Errors
    /// With the part that does not lead to keys.
    pub fn check(&self, context: &Context<'_>) -> Result<()> {
        let Some(alternatives) = alternatives(self.filter) else { return Ok(()) };
        let definition = &self.scope.sources[0].definition;
        let keys = &definition.schema.key;
        let ranges = context.properties.is_enabled("ksql.query.pull.range.scan.enabled");
        let can_range = ranges && keys.len() == 1 && definition.window.is_none();
        for alternative in alternatives {
            let bounds = self.bounds(&alternative, keys)?;
            if bounds.iter().all(Option::is_none) {
                return Err(self.keyless(&alternative));
            }
            if bounds.iter().any(Option::is_none) {
                return Err(self.refused(&format!(
                    "Multi-column sources must specify every key in the WHERE clause. {HELP}"
                )));
            }
            if bounds.contains(&Some(Bound::Range)) && !can_range {
                return Err(
                    self.refused(&format!("Query requires table scan to be enabled. {HELP}"))
                );
            }
        }
        Ok(())
    }

    /// How each key column is bound by the comparisons of one alternative.
    fn bounds(&self, alternative: &[&Expr], keys: &[Column]) -> Result<Vec<Option<Bound>>> {
        let mut bounds = vec![None; keys.len()];
        for comparison in alternative {
            let Some((key, bound)) = self.bound(comparison, keys)? else { continue };
            if bounds[key].replace(bound).is_some() {
                return Err(self.refused(&format!(
                    "A comparison condition on the key column cannot be combined with other \
                     comparisons such as an IN predicate. {HELP}"
                )));
            }
        }
        Ok(bounds)
    }

    /// The key column that a comparison binds, if any.
    fn bound(&self, comparison: &Expr, keys: &[Column]) -> Result<Option<(usize, Bound)>> {
        let (key, others, bound) = match &comparison.kind {
            ExprKind::Compare { op, left, right } => {
                let (key, other) = match (self.key(left), self.key(right)) {
                    (Some(key), _) => (key, right.as_ref()),
                    (None, Some(key)) => (key, left.as_ref()),
                    (None, None) => return Ok(None),
                };
                (key, std::slice::from_ref(other), bound_of(op.node))
            }
            ExprKind::In { operand, list, negated } => match self.key(operand) {
                Some(key) => (key, list.as_slice(), (!negated).then_some(Bound::Exact)),
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        let is_column = |node: &Expr| matches!(node.kind, ExprKind::Column(_));
        if others.iter().any(|other| rewrite::any(other, &is_column)) {
            return Err(self.refused(&format!(
                "A comparison must be between a key column and a resolvable expression. {HELP}"
            )));
        }
        match bound {
            Some(bound) => Ok(Some((key, bound))),
            None => {
                let keys: Vec<String> = keys
                    .iter()
                    .map(|key| format!("{} {} KEY", quoted(&key.name), key.ty))
                    .collect();
                let keys = keys.join(", ");
                Err(self.refused(&format!(
                    "Bound on key columns '[{keys}]' must currently be '='. {HELP}"
                )))
            }
        }
    }

    fn key(&self, expr: &Expr) -> Option<usize> {
        let ExprKind::Column(name) = &expr.kind else { return None };
        match self.scope.place(name)?.1 {
            Place::Key(index) => Some(index),
            _ => None,
        }
    }

    fn keyless(&self, alternative: &[&Expr]) -> Error {
        let parts: Vec<String> = alternative.iter().map(|part| text(part, self.names)).collect();
        let text = parts.join(" AND ");
        self.refused(&format!("WHERE clause missing key column for disjunct: {text}. {HELP}"))
    }

    fn refused(&self, message: &str) -> Error {
        Problem::new("pull-scan", message).at(self.filter.span).hint(HINT).invalid()
    }
}

fn bound_of(op: CompareOp) -> Option<Bound> {
    match op {
        CompareOp::Equal => Some(Bound::Exact),
        CompareOp::Less
        | CompareOp::LessOrEqual
        | CompareOp::Greater
        | CompareOp::GreaterOrEqual => Some(Bound::Range),
        _ => None,
    }
}

/// `filter` as alternatives of parts that all must hold; `None` when there are too many.
fn alternatives(filter: &Expr) -> Option<Vec<Vec<&Expr>>> {
    let ExprKind::Logical { op, left, right } = &filter.kind else {
        return Some(vec![vec![filter]]);
    };
    let (mut left, right) = (alternatives(left)?, alternatives(right)?);
    match op {
        LogicalOp::Or => {
            left.extend(right);
            (left.len() <= ALTERNATIVES_MAX).then_some(left)
        }
        LogicalOp::And if left.len().saturating_mul(right.len()) > ALTERNATIVES_MAX => None,
        LogicalOp::And => {
            let pairs = left.iter().flat_map(|l| right.iter().map(move |r| [&l[..], r].concat()));
            Some(pairs.collect())
        }
    }
}
