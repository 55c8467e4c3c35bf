//! Expressions.

use plan::expression::{ArithmeticOp, CompareOp};
use types::Decimal;

use crate::ast::{Call, Case, Expr, ExprKind, Lambda, Literal, LogicalOp};

use super::Writer;
use super::name::column_name;

/// An expression's text: `((A + 1) > 5)`.
pub fn expression(expr: &Expr) -> String {
    Writer::collect(|writer| writer.expression(expr))
}

impl Writer {
    pub(super) fn expression(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Literal(literal) => self.literal(literal),
            ExprKind::Column(column) => self.put(&column_name(column)),
            ExprKind::Unit(unit) => self.put(unit.word()),
            ExprKind::Negate(operand) => self.signed("-", operand),
            ExprKind::Plus(operand) => self.signed("+", operand),
            ExprKind::Arithmetic { op, left, right } => {
                self.binary(left, arithmetic_sign(op.node), right);
            }
            ExprKind::Compare { op, left, right } => {
                self.binary(left, compare_sign(op.node), right)
            }
            ExprKind::Logical { op, left, right } => self.binary(left, logical_word(*op), right),
            ExprKind::Not(operand) => self.not(operand),
            ExprKind::IsNull { operand, negated } => self.is_null(operand, *negated),
            ExprKind::Between { operand, low, high, negated } => {
                self.between([operand, low, high], *negated);
            }
            ExprKind::In { operand, list, negated } => self.in_list(operand, list, *negated),
            ExprKind::Like { operand, pattern, escape, negated } => {
                self.like(operand, pattern, *escape, *negated);
            }
            ExprKind::Case(case) => self.case(case),
            ExprKind::Cast { operand, ty } => {
                self.put("CAST(");
                self.expression(operand);
                self.put(" AS ");
                self.data_type(ty);
                self.put(")");
            }
            ExprKind::Subscript { base, index } => self.subscript(base, index),
            ExprKind::Field { base, field } => {
                self.base(base);
                self.put("->");
                self.name(field);
            }
            ExprKind::Array(elements) => self.enclosed("ARRAY[", elements, "]"),
            ExprKind::Map(entries) => self.map(entries),
            ExprKind::Struct(fields) => {
                self.put("STRUCT(");
                self.list(fields, |writer, (name, value)| {
                    writer.name(name);
                    writer.put(":=");
                    writer.expression(value);
                });
                self.put(")");
            }
            ExprKind::Call(call) => self.call(call),
            ExprKind::Lambda(lambda) => self.lambda(lambda),
            ExprKind::AtTimeZone { operand, zone } => self.at_time_zone(operand, zone),
        }
    }

    pub(super) fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Null => self.put("null"),
            Literal::Boolean(true) => self.put("true"),
            Literal::Boolean(false) => self.put("false"),
            Literal::Integer(value) => self.put(&value.to_string()),
            Literal::Bigint(value) => self.put(&value.to_string()),
            Literal::Decimal(value) => self.decimal(value),
            Literal::Double(value) => self.put(&format!("{value:E}")),
            Literal::String(text) => self.string(text),
        }
    }

    /// Without a point it would be a whole number, so one is added.
    fn decimal(&mut self, value: &Decimal) {
        self.put(&value.to_string());
        self.put_if(value.scale == 0, ".");
    }

    /// A sign before a number would become the number's, and two minus signs a comment.
    fn signed(&mut self, sign: &str, operand: &Expr) {
        let is_signed = matches!(operand.kind, ExprKind::Negate(_) | ExprKind::Plus(_));
        let apart = is_signed || starts_with_number(operand);
        self.put(sign);
        self.put_if(apart, "(");
        self.expression(operand);
        self.put_if(apart, ")");
    }

    fn binary(&mut self, left: &Expr, sign: &str, right: &Expr) {
        self.put("(");
        self.expression(left);
        self.put(" ");
        self.put(sign);
        self.put(" ");
        self.expression(right);
        self.put(")");
    }

    fn not(&mut self, operand: &Expr) {
        self.put("(NOT ");
        self.expression(operand);
        self.put(")");
    }

    fn is_null(&mut self, operand: &Expr, negated: bool) {
        self.put("(");
        self.expression(operand);
        self.put(if negated { " IS NOT NULL)" } else { " IS NULL)" });
    }

    fn between(&mut self, [operand, low, high]: [&Expr; 3], negated: bool) {
        self.put("(");
        self.expression(operand);
        self.put(if negated { " NOT BETWEEN " } else { " BETWEEN " });
        self.expression(low);
        self.put(" AND ");
        self.expression(high);
        self.put(")");
    }

    fn in_list(&mut self, operand: &Expr, list: &[Expr], negated: bool) {
        self.put("(");
        self.expression(operand);
        self.put(if negated { " NOT IN " } else { " IN " });
        self.enclosed("(", list, ")");
        self.put(")");
    }

    fn like(&mut self, operand: &Expr, pattern: &Expr, escape: Option<char>, negated: bool) {
        self.put("(");
        self.expression(operand);
        self.put(if negated { " NOT LIKE " } else { " LIKE " });
        self.expression(pattern);
        if let Some(escape) = escape {
            self.put(" ESCAPE ");
            self.string(&escape.to_string());
        }
        self.put(")");
    }

    fn case(&mut self, case: &Case) {
        self.put("(CASE");
        if let Some(operand) = &case.operand {
            self.put(" ");
            self.expression(operand);
        }
        for branch in &case.branches {
            self.put(" WHEN ");
            self.expression(&branch.condition);
            self.put(" THEN ");
            self.expression(&branch.result);
        }
        if let Some(otherwise) = &case.otherwise {
            self.put(" ELSE ");
            self.expression(otherwise);
        }
        self.put(" END)");
    }

    /// What stands before `[` or `->`: in parentheses where a sign would else take hold of it all.
    pub(super) fn base(&mut self, base: &Expr) {
        let apart = matches!(base.kind, ExprKind::Negate(_) | ExprKind::Plus(_));
        self.put_if(apart, "(");
        self.expression(base);
        self.put_if(apart, ")");
    }

    fn subscript(&mut self, base: &Expr, index: &Expr) {
        self.base(base);
        self.put("[");
        self.expression(index);
        self.put("]");
    }

    fn at_time_zone(&mut self, operand: &Expr, zone: &str) {
        self.put("(");
        self.base(operand);
        self.put(" AT TIME ZONE ");
        self.string(zone);
        self.put(")");
    }

    fn map(&mut self, entries: &[(Expr, Expr)]) {
        self.put("MAP(");
        self.list(entries, |writer, (key, value)| {
            writer.expression(key);
            writer.put(":=");
            writer.expression(value);
        });
        self.put(")");
    }

    fn call(&mut self, call: &Call) {
        self.name(&call.function);
        if call.star {
            return self.put("(*)");
        }
        self.enclosed("(", &call.arguments, ")");
    }

    fn lambda(&mut self, lambda: &Lambda) {
        match lambda.parameters.as_slice() {
            [parameter] => self.name(parameter),
            parameters => {
                self.put("(");
                self.list(parameters, Self::name);
                self.put(")");
            }
        }
        self.put(" => ");
        self.expression(&lambda.body);
    }

    pub(super) fn enclosed(&mut self, open: &str, items: &[Expr], close: &str) {
        self.put(open);
        self.list(items, Self::expression);
        self.put(close);
    }
}

/// Whether the text of `expr` begins with a number, which would take the sign before it.
fn starts_with_number(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(_) => true,
        ExprKind::Subscript { base, .. } | ExprKind::Field { base, .. } => starts_with_number(base),
        _ => false,
    }
}

fn arithmetic_sign(op: ArithmeticOp) -> &'static str {
    match op {
        ArithmeticOp::Add => "+",
        ArithmeticOp::Subtract => "-",
        ArithmeticOp::Multiply => "*",
        ArithmeticOp::Divide => "/",
        ArithmeticOp::Modulo => "%",
    }
}

fn compare_sign(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "=",
        CompareOp::NotEqual => "<>",
        CompareOp::Less => "<",
        CompareOp::LessOrEqual => "<=",
        CompareOp::Greater => ">",
        CompareOp::GreaterOrEqual => ">=",
        CompareOp::IsDistinctFrom => "IS DISTINCT FROM",
        CompareOp::IsNotDistinctFrom => "IS NOT DISTINCT FROM",
    }
}

fn logical_word(op: LogicalOp) -> &'static str {
    match op {
        LogicalOp::And => "AND",
        LogicalOp::Or => "OR",
    }
}
