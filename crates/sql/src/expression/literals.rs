//! Literals and their types (spec section 2.2).

use plan::expression::Expr as Typed;
use types::{DECIMAL_PRECISION_MAX, Decimal, SqlType, Value};

use crate::ast::Literal;

/// The typed literal; `None` for NULL.
pub fn literal(value: &Literal) -> Option<Typed> {
    let ty = match value {
        Literal::Null => return None,
        Literal::Boolean(_) => SqlType::Boolean,
        Literal::Integer(_) => SqlType::Integer,
        Literal::Bigint(_) => SqlType::Bigint,
        Literal::Decimal(decimal) => decimal_type(decimal),
        Literal::Double(_) => SqlType::Double,
        Literal::String(_) => SqlType::String,
    };
    Some(Typed::literal(literal_value(value), ty))
}

/// The value of a literal.
pub fn literal_value(value: &Literal) -> Value {
    match value {
        Literal::Null => Value::Null,
        Literal::Boolean(value) => Value::Boolean(*value),
        Literal::Integer(value) => Value::Integer(*value),
        Literal::Bigint(value) => Value::Bigint(*value),
        Literal::Decimal(value) => Value::Decimal(*value),
        Literal::Double(value) => Value::Double(*value),
        Literal::String(value) => Value::String(value.clone()),
    }
}

/// The type of a DECIMAL literal: its digits; a number below one counts the zero before the point too.
pub fn decimal_type(decimal: &Decimal) -> SqlType {
    let precision = decimal.precision();
    let precision = if precision <= decimal.scale { decimal.scale + 1 } else { precision };
    SqlType::Decimal { precision: precision.min(DECIMAL_PRECISION_MAX), scale: decimal.scale }
}
