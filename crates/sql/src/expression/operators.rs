//! Operators, CASE, CAST, subscripts and fields (spec sections 2.3 and 2.4).

use plan::expression::{ArithmeticOp, CompareOp, Expr as Typed, ExprKind as TypedKind};
use plan::typing;
use types::text::parse_timestamp;
use types::{SqlType, Value};

use super::{CAST, Typer};
use crate::ast::{Case, Expr, ExprKind, Identifier, Literal, Span};
use crate::error::{Error, Problem, Result};

impl Typer<'_> {
    pub(super) fn negate(&mut self, expr: &Expr, operand: &Expr) -> Result<Typed> {
        let typed = self.typed(operand)?;
        if !typed.ty.is_numeric() {
            let message = format!(
                "Error processing expression: {}. Unsupported arithmetic type: {}",
                self.text(expr),
                typed.ty.base_name()
            );
            return Err(Error::invalid_at("arithmetic-types", message, expr.span));
        }
        let ty = typed.ty.clone();
        Ok(Typed { kind: TypedKind::Negate(Box::new(typed)), ty })
    }

    pub(super) fn arithmetic(
        &mut self,
        expr: &Expr,
        op: ArithmeticOp,
        left: &Expr,
        right: &Expr,
    ) -> Result<Typed> {
        let (left, right) = (self.infer(left)?, self.infer(right)?);
        let found = match (&left, &right) {
            (Some(left), Some(right)) => typing::arithmetic_type(op, &left.ty, &right.ty),
            _ => None,
        };
        let (Some(ty), Some(left), Some(right)) = (found, left.clone(), right.clone()) else {
            let expr_text = self.text(expr);
            let reason = match (&left, &right) {
                (Some(left), Some(right)) => format!(
                    "Unsupported arithmetic types. {} {}",
                    left.ty.base_name(),
                    right.ty.base_name()
                ),
                _ => {
                    let name = |side: &Option<Typed>| {
                        side.as_ref().map_or("null".to_owned(), |typed| typed.ty.to_string())
                    };
                    let (left, right) = (name(&left), name(&right));
                    format!("Arithmetic on types {left} and {right} are not supported.")
                }
            };
            let message = format!("Error processing expression: {expr_text}. {reason}");
            return Err(Error::invalid_at("arithmetic-types", message, expr.span));
        };
        let kind = TypedKind::Arithmetic { op, left: Box::new(left), right: Box::new(right) };
        Ok(Typed { kind, ty })
    }

    pub(super) fn compare(
        &mut self,
        expr: &Expr,
        op: CompareOp,
        left: &Expr,
        right: &Expr,
    ) -> Result<Typed> {
        let typed_left = self.comparand(left, right)?;
        let typed_right = self.comparand(right, left)?;
        let (Some(left_side), Some(right_side)) = (typed_left, typed_right) else {
            let hint = format!(
                "Use '{} IS NULL' instead.",
                self.text(if is_null_literal(left) { right } else { left })
            );
            let message = format!("Comparison with NULL not supported: {}", self.text(expr));
            return Err(Problem::new("compare-null", message).at(expr.span).detail(hint).invalid());
        };
        self.check_comparable(op, (left, &left_side), (right, &right_side), expr.span)?;
        let (left, right) = aligned(left_side, right_side);
        let kind = TypedKind::Compare { op, left: Box::new(left), right: Box::new(right) };
        Ok(Typed { kind, ty: SqlType::Boolean })
    }

    fn check_comparable(
        &self,
        op: CompareOp,
        left: (&Expr, &Typed),
        right: (&Expr, &Typed),
        span: Span,
    ) -> Result<()> {
        if typing::comparable(op, &left.1.ty, &right.1.ty) {
            return Ok(());
        }
        let message = format!(
            "Cannot compare {} ({}) to {} ({}) with {}.",
            self.text(left.0),
            left.1.ty,
            self.text(right.0),
            right.1.ty,
            compare_name(op)
        );
        Err(Error::invalid_at("not-comparable", message, span))
    }

    /// Types one side of a comparison. A string next to ROWTIME or a window bound is a time.
    fn comparand(&mut self, expr: &Expr, other: &Expr) -> Result<Option<Typed>> {
        if let (ExprKind::Literal(Literal::String(text)), true) =
            (&expr.kind, is_time_column(other))
        {
            let Some(timestamp_ms) = parse_timestamp(text) else {
                let message = format!(
                    "Failed to parse timestamp '{text}': Text '{text}' could not be parsed"
                );
                return Err(Error::invalid_at("magic-timestamp", message, expr.span));
            };
            return Ok(Some(Typed::literal(Value::Bigint(timestamp_ms), SqlType::Bigint)));
        }
        self.infer(expr)
    }

    pub(super) fn not(&mut self, operand: &Expr) -> Result<Typed> {
        let typed = self.boolean(operand)?;
        Ok(Typed { kind: TypedKind::Not(Box::new(typed)), ty: SqlType::Boolean })
    }

    pub(super) fn is_null(&mut self, operand: &Expr, negated: bool) -> Result<Typed> {
        let typed = self.typed_or_null(operand, &SqlType::String)?;
        Ok(negated_if(negated, TypedKind::IsNull(Box::new(typed))))
    }

    pub(super) fn between(&mut self, expr: &Expr) -> Result<Typed> {
        let ExprKind::Between { operand, low, high, negated } = &expr.kind else {
            return Err(Error::Internal("not a BETWEEN".to_owned()));
        };
        let value = self.typed(operand)?;
        let low_side = self.bound(expr, operand, &value, low, CompareOp::GreaterOrEqual)?;
        let high_side = self.bound(expr, operand, &value, high, CompareOp::LessOrEqual)?;
        // A string between times is a time; the other way round each bound was aligned with it.
        let value = match &low_side.ty {
            ty if value.ty == SqlType::String => value.cast_to(ty.clone()),
            _ => value,
        };
        let kind = TypedKind::Between {
            operand: Box::new(value),
            low: Box::new(low_side),
            high: Box::new(high_side),
        };
        Ok(negated_if(*negated, kind))
    }

    fn bound(
        &mut self,
        expr: &Expr,
        operand: &Expr,
        value: &Typed,
        bound: &Expr,
        op: CompareOp,
    ) -> Result<Typed> {
        let Some(typed) = self.comparand(bound, operand)? else {
            let message = format!("Comparison with NULL not supported: {}", self.text(expr));
            return Err(Error::invalid_at("compare-null", message, bound.span));
        };
        self.check_comparable(op, (operand, value), (bound, &typed), expr.span).map_err(
            |mut error| {
                if let Some(problem) = error.problem_mut() {
                    problem.message.insert_str(0, "Invalid expression: ");
                }
                error
            },
        )?;
        Ok(aligned(value.clone(), typed).1)
    }

    pub(super) fn like(&mut self, expr: &Expr) -> Result<Typed> {
        let ExprKind::Like { operand, pattern, escape, negated } = &expr.kind else {
            return Err(Error::Internal("not a LIKE".to_owned()));
        };
        let mut side = |side: &Expr| {
            let typed = self.typed_or_null(side, &SqlType::String)?;
            if typed.ty == SqlType::String {
                return Ok(Box::new(typed));
            }
            let message = format!(
                "LIKE condition must be between strings: {} ({})",
                self.text(side),
                typed.ty
            );
            Err(Error::invalid_at("like-types", message, side.span))
        };
        let kind =
            TypedKind::Like { operand: side(operand)?, pattern: side(pattern)?, escape: *escape };
        Ok(negated_if(*negated, kind))
    }

    pub(super) fn case(&mut self, case: &Case, span: Span) -> Result<Option<Typed>> {
        if case.operand.is_some() {
            let message = "Only searched case is supported: CASE WHEN condition THEN result.";
            return Err(Error::invalid_at("simple-case", message, span));
        }
        let mut conditions = Vec::with_capacity(case.branches.len());
        let mut results = Vec::with_capacity(case.branches.len());
        for branch in &case.branches {
            let condition = self.typed(&branch.condition)?;
            if condition.ty != SqlType::Boolean {
                let message = format!(
                    "When operand type should be BOOLEAN. Type for '{}' is {}",
                    self.text(&branch.condition),
                    condition.ty
                );
                return Err(Error::invalid_at("case-condition", message, branch.condition.span));
            }
            conditions.push(condition);
            results.push((self.infer(&branch.result)?, &branch.result));
        }
        let otherwise = match &case.otherwise {
            Some(otherwise) => Some((self.infer(otherwise)?, otherwise.as_ref())),
            None => None,
        };
        let Some(ty) = self.case_type(results.iter().chain(&otherwise))? else {
            let message = "Invalid Case expression. All case branches have a NULL type";
            return Err(Error::invalid_at("case-types", message, span));
        };
        let filled =
            |typed: Option<Typed>| typed.unwrap_or_else(|| Typed::literal(Value::Null, ty.clone()));
        let branches = conditions
            .into_iter()
            .zip(results.into_iter().map(|(typed, _)| filled(typed)))
            .collect();
        let otherwise = otherwise.map(|(typed, _)| Box::new(filled(typed)));
        Ok(Some(Typed { kind: TypedKind::Case { branches, otherwise }, ty: ty.clone() }))
    }

    /// The one type of all results that have any.
    fn case_type<'e>(
        &self,
        results: impl Iterator<Item = &'e (Option<Typed>, &'e Expr)>,
    ) -> Result<Option<SqlType>> {
        let mut found: Option<SqlType> = None;
        for (typed, expr) in results {
            let Some(typed) = typed else { continue };
            match &found {
                None => found = Some(typed.ty.clone()),
                Some(ty) if *ty == typed.ty => {}
                Some(ty) => {
                    let message = format!(
                        "Invalid Case expression. Type for all 'THEN' clauses should be the same. \
                         THEN expression '{}' has type: {}. Previous THEN expression(s) type: {ty}.",
                        self.text(expr),
                        typed.ty
                    );
                    return Err(Error::invalid_at("case-types", message, expr.span));
                }
            }
        }
        Ok(found)
    }

    pub(super) fn cast(&mut self, operand: &Expr, ty: SqlType, span: Span) -> Result<Typed> {
        let typed = self.typed_or_null(operand, &ty)?;
        if !typing::castable(&typed.ty, &ty) {
            let message = format!("Cast of {} to {ty} is not supported", typed.ty);
            return Err(Error::invalid_at(CAST, message, span));
        }
        Ok(typed.cast_to(ty))
    }

    pub(super) fn subscript(&mut self, base: &Expr, index: &Expr) -> Result<Typed> {
        let typed_base = self.typed(base)?;
        let (index_type, ty) = match &typed_base.ty {
            SqlType::Array(element) => (SqlType::Integer, (**element).clone()),
            SqlType::Map(key, value) => ((**key).clone(), (**value).clone()),
            other => {
                let message =
                    format!("Subscript is not supported for {}: {other}", self.text(base));
                return Err(Error::invalid_at("subscript", message, base.span));
            }
        };
        let typed_index = self.typed_or_null(index, &index_type)?;
        let fits = typed_index.ty == index_type
            || (typed_index.ty.is_numeric() && index_type == SqlType::Integer);
        if !fits {
            let message = format!(
                "Subscript of {} must be {index_type}, but {} is {}",
                self.text(base),
                self.text(index),
                typed_index.ty
            );
            return Err(Error::invalid_at("subscript", message, index.span));
        }
        let index = Box::new(typed_index.cast_to(index_type));
        Ok(Typed { kind: TypedKind::Subscript { base: Box::new(typed_base), index }, ty })
    }

    pub(super) fn field(&mut self, base: &Expr, field: &Identifier) -> Result<Typed> {
        let typed = self.typed(base)?;
        let SqlType::Struct(fields) = &typed.ty else {
            let message = format!("Expected STRUCT type, got: {}", typed.ty);
            return Err(Error::invalid_at("not-a-struct", message, base.span));
        };
        let Some(index) = fields.iter().position(|known| known.name == field.name) else {
            let message =
                format!("Could not find field '{}' in '{}'.", field.name, self.text(base));
            return Err(Error::invalid_at("unknown-field", message, field.span));
        };
        let ty = fields[index].ty.clone();
        Ok(Typed { kind: TypedKind::Field { base: Box::new(typed), index }, ty })
    }
}

fn is_null_literal(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(Literal::Null))
}

/// ROWTIME, WINDOWSTART or WINDOWEND.
fn is_time_column(expr: &Expr) -> bool {
    let ExprKind::Column(column) = &expr.kind else { return false };
    matches!(column.name.name.as_str(), "ROWTIME" | "WINDOWSTART" | "WINDOWEND")
}

fn negated_if(negated: bool, kind: TypedKind) -> Typed {
    let typed = Typed { kind, ty: SqlType::Boolean };
    if negated {
        Typed { kind: TypedKind::Not(Box::new(typed)), ty: SqlType::Boolean }
    } else {
        typed
    }
}

/// Makes the sides of a comparison meet: a STRING becomes the time it is compared with, a DATE the
/// TIMESTAMP. Numbers stay; the evaluator widens them.
fn aligned(left: Typed, right: Typed) -> (Typed, Typed) {
    use SqlType::{Date, String, Time, Timestamp};
    match (&left.ty, &right.ty) {
        (String, Time | Date | Timestamp) | (Date, Timestamp) => {
            let ty = right.ty.clone();
            (left.cast_to(ty), right)
        }
        (Time | Date | Timestamp, String) | (Timestamp, Date) => {
            let ty = left.ty.clone();
            (left, right.cast_to(ty))
        }
        _ => (left, right),
    }
}

fn compare_name(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "EQUAL",
        CompareOp::NotEqual => "NOT_EQUAL",
        CompareOp::Less => "LESS_THAN",
        CompareOp::LessOrEqual => "LESS_THAN_OR_EQUAL",
        CompareOp::Greater => "GREATER_THAN",
        CompareOp::GreaterOrEqual => "GREATER_THAN_OR_EQUAL",
        CompareOp::IsDistinctFrom => "IS_DISTINCT_FROM",
        CompareOp::IsNotDistinctFrom => "IS_NOT_DISTINCT_FROM",
    }
}
