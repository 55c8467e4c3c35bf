//! Typed expressions: names are resolved, casts are explicit, every node knows its type.

use serde::{Deserialize, Serialize};
use types::{SqlType, Value};

/// An expression over one row of an operator's input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expr {
    /// What it computes.
    pub kind: ExprKind,
    /// Type of the result.
    pub ty: SqlType,
}

/// What an expression computes. Semantics of NULL and errors: spec sections 2.3, 2.6 and 2.7.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ExprKind {
    /// A constant, of the expression's type.
    Literal(Value),
    /// A column of the input.
    Column(ColumnRef),
    /// Parameter `index` of the lambda `depth` levels out (0 is the innermost).
    LambdaParameter {
        /// Levels out.
        depth: usize,
        /// Position in that lambda's parameter list.
        index: usize,
    },
    /// `left op right` on two numbers, or `+` on two strings. Operands keep their own types; the
    /// evaluator widens.
    Arithmetic {
        /// The operator.
        op: ArithmeticOp,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `-operand`.
    Negate(Box<Expr>),
    /// `left op right` on a comparable pair (spec section 2.3).
    Compare {
        /// The operator.
        op: CompareOp,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `left AND right`, short-circuit.
    And(Box<Expr>, Box<Expr>),
    /// `left OR right`, short-circuit.
    Or(Box<Expr>, Box<Expr>),
    /// `NOT operand`.
    Not(Box<Expr>),
    /// `operand IS NULL`.
    IsNull(Box<Expr>),
    /// `operand BETWEEN low AND high`.
    Between {
        /// The value tested.
        operand: Box<Expr>,
        /// Inclusive lower bound.
        low: Box<Expr>,
        /// Inclusive upper bound.
        high: Box<Expr>,
    },
    /// `operand IN (list)`; the list's elements have a type comparable with the operand's.
    In {
        /// The value tested.
        operand: Box<Expr>,
        /// The candidates.
        list: Vec<Expr>,
    },
    /// `operand LIKE pattern [ESCAPE c]`.
    Like {
        /// The text tested.
        operand: Box<Expr>,
        /// The pattern.
        pattern: Box<Expr>,
        /// The escape character.
        escape: Option<char>,
    },
    /// `CASE WHEN c THEN r ... ELSE d END`, lazy; without ELSE NULL.
    Case {
        /// `(condition, result)` in order.
        branches: Vec<(Expr, Expr)>,
        /// ELSE.
        otherwise: Option<Box<Expr>>,
    },
    /// `CAST(operand AS ty)`, explicit or implicit.
    Cast(Box<Expr>),
    /// `array[index]` (1-based, negative from the end) or `map[key]`.
    Subscript {
        /// ARRAY or MAP.
        base: Box<Expr>,
        /// Index or key.
        index: Box<Expr>,
    },
    /// `struct->field`, by position in the STRUCT's fields.
    Field {
        /// The STRUCT.
        base: Box<Expr>,
        /// Position of the field.
        index: usize,
    },
    /// `ARRAY[...]`.
    Array(Vec<Expr>),
    /// `MAP(k := v, ...)`.
    Map(Vec<(Expr, Expr)>),
    /// `STRUCT(f := e, ...)`, in the order of the type's fields.
    Struct(Vec<Expr>),
    /// A scalar function call, resolved.
    Call {
        /// Name in the function registry.
        function: String,
        /// Index of the overload.
        overload: usize,
        /// Arguments, already cast.
        arguments: Vec<CallArgument>,
    },
}

/// An argument of a scalar function call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CallArgument {
    /// A value. Unit words are STRING literals.
    Value(Expr),
    /// A lambda.
    Lambda {
        /// Types of its parameters.
        parameters: Vec<SqlType>,
        /// Its body; its own parameters are at depth 0.
        body: Expr,
    },
}

/// A column of an operator's input row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ColumnRef {
    /// Key column by position.
    Key(usize),
    /// Value column by position.
    Value(usize),
    /// ROWTIME: the row's timestamp, BIGINT.
    RowTime,
    /// ROWPARTITION: partition of the source record, INTEGER.
    RowPartition,
    /// ROWOFFSET: offset of the source record, BIGINT.
    RowOffset,
    /// WINDOWSTART of a windowed row, BIGINT.
    WindowStart,
    /// WINDOWEND of a windowed row, BIGINT.
    WindowEnd,
}

/// Arithmetic operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ArithmeticOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    IsDistinctFrom,
    IsNotDistinctFrom,
}

impl Expr {
    /// A constant.
    pub fn literal(value: Value, ty: SqlType) -> Self {
        Self { kind: ExprKind::Literal(value), ty }
    }

    /// A column.
    pub fn column(column: ColumnRef, ty: SqlType) -> Self {
        Self { kind: ExprKind::Column(column), ty }
    }

    /// `self` as `ty`: itself when it already is.
    pub fn cast_to(self, ty: SqlType) -> Self {
        if self.ty == ty { self } else { Self { kind: ExprKind::Cast(Box::new(self)), ty } }
    }
}

/// Calls `visitor` on `expr` and everything inside it, outer nodes first.
pub fn visit(expr: &Expr, visitor: &mut dyn FnMut(&Expr)) {
    visitor(expr);
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Column(_) | ExprKind::LambdaParameter { .. } => {}
        ExprKind::Negate(operand)
        | ExprKind::Not(operand)
        | ExprKind::IsNull(operand)
        | ExprKind::Cast(operand)
        | ExprKind::Field { base: operand, .. } => visit(operand, visitor),
        ExprKind::Arithmetic { left, right, .. }
        | ExprKind::Compare { left, right, .. }
        | ExprKind::And(left, right)
        | ExprKind::Or(left, right)
        | ExprKind::Subscript { base: left, index: right }
        | ExprKind::Like { operand: left, pattern: right, .. } => {
            visit(left, visitor);
            visit(right, visitor);
        }
        ExprKind::Between { operand, low, high } => {
            [operand, low, high].into_iter().for_each(|inner| visit(inner, visitor));
        }
        ExprKind::In { operand, list } => {
            visit(operand, visitor);
            list.iter().for_each(|inner| visit(inner, visitor));
        }
        ExprKind::Case { branches, otherwise } => {
            for (condition, result) in branches {
                visit(condition, visitor);
                visit(result, visitor);
            }
            otherwise.iter().for_each(|inner| visit(inner, visitor));
        }
        ExprKind::Array(elements) | ExprKind::Struct(elements) => {
            elements.iter().for_each(|inner| visit(inner, visitor));
        }
        ExprKind::Map(entries) => {
            for (key, value) in entries {
                visit(key, visitor);
                visit(value, visitor);
            }
        }
        ExprKind::Call { arguments, .. } => {
            for argument in arguments {
                match argument {
                    CallArgument::Value(inner) | CallArgument::Lambda { body: inner, .. } => {
                        visit(inner, visitor);
                    }
                }
            }
        }
    }
}
