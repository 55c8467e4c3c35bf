//! Expressions before names and types are known.

use plan::expression::{ArithmeticOp, CompareOp};
use types::Decimal;

use super::{Identifier, Span, Spanned, TimeUnit, Type};

/// An expression and its place. Equality ignores the place.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its place, without enclosing parentheses.
    pub span: Span,
}

impl Expr {
    /// `kind` at `span`.
    pub fn new(kind: ExprKind, span: Span) -> Self {
        Self { kind, span }
    }
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// What an expression is. Parentheses are not kept: the tree says what belongs together.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A constant.
    Literal(Literal),
    /// `name` or `source.name`; inside a lambda's body it may be one of its parameters.
    Column(ColumnName),
    /// A reserved unit word as a function's argument: `DAYS`, `MILLISECOND`, ... (`DAY`, `HOUR`,
    /// `MINUTE` and `SECOND` are ordinary names, and so arrive as `Column`.)
    Unit(TimeUnit),
    /// `-operand`; a minus before a number belongs to the literal.
    Negate(Box<Expr>),
    /// `+operand`.
    Plus(Box<Expr>),
    /// `left op right`.
    Arithmetic {
        /// The operator.
        op: Spanned<ArithmeticOp>,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `left op right`, also `IS [NOT] DISTINCT FROM`.
    Compare {
        /// The operator.
        op: Spanned<CompareOp>,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `left AND right`, `left OR right`.
    Logical {
        /// The operator.
        op: LogicalOp,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `NOT operand`.
    Not(Box<Expr>),
    /// `operand IS [NOT] NULL`.
    IsNull {
        /// The value tested.
        operand: Box<Expr>,
        /// Whether NOT was written.
        negated: bool,
    },
    /// `operand [NOT] BETWEEN low AND high`.
    Between {
        /// The value tested.
        operand: Box<Expr>,
        /// Inclusive lower bound.
        low: Box<Expr>,
        /// Inclusive upper bound.
        high: Box<Expr>,
        /// Whether NOT was written.
        negated: bool,
    },
    /// `operand [NOT] IN (list)`; the list is not empty.
    In {
        /// The value tested.
        operand: Box<Expr>,
        /// The candidates.
        list: Vec<Expr>,
        /// Whether NOT was written.
        negated: bool,
    },
    /// `operand [NOT] LIKE pattern [ESCAPE 'c']`.
    Like {
        /// The text tested.
        operand: Box<Expr>,
        /// The pattern.
        pattern: Box<Expr>,
        /// The escape character.
        escape: Option<char>,
        /// Whether NOT was written.
        negated: bool,
    },
    /// `CASE ... END`.
    Case(Case),
    /// `CAST(operand AS ty)`.
    Cast {
        /// The value.
        operand: Box<Expr>,
        /// The type wanted.
        ty: Type,
    },
    /// `base[index]`.
    Subscript {
        /// ARRAY or MAP.
        base: Box<Expr>,
        /// Index or key.
        index: Box<Expr>,
    },
    /// `base->field`.
    Field {
        /// A STRUCT.
        base: Box<Expr>,
        /// Name of the field.
        field: Identifier,
    },
    /// `ARRAY[element, ...]`, possibly empty.
    Array(Vec<Expr>),
    /// `MAP(key := value, ...)`, possibly empty.
    Map(Vec<(Expr, Expr)>),
    /// `STRUCT(name := value, ...)`, possibly empty.
    Struct(Vec<(Identifier, Expr)>),
    /// `function(argument, ...)`; `left || right` arrives as `CONCAT(left, right)`.
    Call(Call),
    /// `parameter => body` as a function's argument.
    Lambda(Lambda),
    /// `operand AT TIME ZONE 'zone'`: parses, and nothing implements it.
    AtTimeZone {
        /// The time.
        operand: Box<Expr>,
        /// The zone.
        zone: String,
    },
}

/// A constant. `-` before a number is part of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `NULL`.
    Null,
    /// `TRUE`, `FALSE`.
    Boolean(bool),
    /// A whole number of 32 bits.
    Integer(i32),
    /// A whole number that needs 64 bits.
    Bigint(i64),
    /// A number with a point, or `DECIMAL 'text'`; the scale is that of the text.
    Decimal(Decimal),
    /// A number with an exponent.
    Double(f64),
    /// `'text'`.
    String(String),
}

/// A column, perhaps of a named source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ColumnName {
    /// Name or alias of the source.
    pub source: Option<Identifier>,
    /// Name of the column.
    pub name: Identifier,
}

/// AND and OR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum LogicalOp {
    And,
    Or,
}

/// `CASE [operand] WHEN ... END`.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The value of the simple form, which section 2.3 rejects.
    pub operand: Option<Box<Expr>>,
    /// The branches, at least one.
    pub branches: Vec<WhenClause>,
    /// ELSE.
    pub otherwise: Option<Box<Expr>>,
}

/// `WHEN condition THEN result`.
#[derive(Clone, Debug, PartialEq)]
pub struct WhenClause {
    /// The condition.
    pub condition: Expr,
    /// The result.
    pub result: Expr,
}

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function.
    pub function: Identifier,
    /// The arguments; of `f(*)` none.
    pub arguments: Vec<Expr>,
    /// Whether it is `f(*)`.
    pub star: bool,
}

/// `(parameter, ...) => body`.
#[derive(Clone, Debug, PartialEq)]
pub struct Lambda {
    /// The parameters, at least one.
    pub parameters: Vec<Identifier>,
    /// The body.
    pub body: Box<Expr>,
}
