//! Which columns an expression looks at.

use plan::expression::{ColumnRef, Expr, ExprKind, visit};

/// Whether `expression` looks at anything but key columns: it then has no meaning for a record
/// without value.
pub(super) fn needs_value(expression: &Expr) -> bool {
    let mut needs_value = false;
    visit(expression, &mut |part| {
        if let ExprKind::Column(column) = &part.kind {
            needs_value |= !matches!(column, ColumnRef::Key(_));
        }
    });
    needs_value
}
