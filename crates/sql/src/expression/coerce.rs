//! Lists of expressions that must agree on a type: IN, ARRAY, MAP and STRUCT constructors (spec
//! section 2.5). The first element that has a type fixes the family; later ones widen it or are
//! coerced to it, literals more freely than other expressions.

use plan::expression::{Expr as Typed, ExprKind as TypedKind};
use plan::typing;
use types::text::{decode_base64, parse_date, parse_double, parse_time, parse_timestamp};
use types::{Decimal, Field, SqlType};

use super::literals::decimal_type;
use super::{COERCION, Typer};
use crate::ast::{Expr, ExprKind, Identifier, Literal, Span};
use crate::error::{Error, Problem, Result};

impl Typer<'_> {
    pub(super) fn in_list(
        &mut self,
        operand: &Expr,
        list: &[Expr],
        negated: bool,
    ) -> Result<Typed> {
        let mut ty = None;
        for element in std::iter::once(operand).chain(list) {
            ty = self.merge(ty, element)?;
        }
        let Some(ty) = ty else {
            return Err(Error::invalid_at(
                COERCION,
                "IN needs a value that is not NULL.",
                operand.span,
            ));
        };
        let value = Box::new(self.coerce(operand, &ty)?);
        let list = list.iter().map(|element| self.coerce(element, &ty)).collect::<Result<_>>()?;
        let kind = TypedKind::In { operand: value, list };
        let typed = Typed { kind, ty: SqlType::Boolean };
        Ok(match negated {
            true => Typed { kind: TypedKind::Not(Box::new(typed)), ty: SqlType::Boolean },
            false => typed,
        })
    }

    pub(super) fn array(&mut self, elements: &[Expr], span: Span) -> Result<Typed> {
        if elements.is_empty() {
            let message = "Array constructor cannot be empty. Please supply at least one element \
                           (see https://github.com/confluentinc/ksql/issues/4239).";
            return Err(Error::invalid_at("empty-array", message, span));
        }
        let Some(ty) = self.merge_all(elements)? else {
            let message = "Cannot construct an array with all NULL elements (see \
                           https://github.com/confluentinc/ksql/issues/4239). As a workaround, you \
                           may cast a NULL value to the desired type.";
            return Err(Error::invalid_at("null-array", message, span));
        };
        let elements =
            elements.iter().map(|element| self.coerce(element, &ty)).collect::<Result<_>>()?;
        Ok(Typed { kind: TypedKind::Array(elements), ty: SqlType::array(ty) })
    }

    pub(super) fn map(&mut self, entries: &[(Expr, Expr)], span: Span) -> Result<Typed> {
        if entries.is_empty() {
            let message = "Map constructor cannot be empty. Please supply at least one key value \
                           pair (see https://github.com/confluentinc/ksql/issues/4239).";
            return Err(Error::invalid_at("empty-map", message, span));
        }
        let missing = |what: &str| {
            let message = format!(
                "Cannot construct a map with all NULL {what} (see \
                 https://github.com/confluentinc/ksql/issues/4239). As a workaround, you may cast \
                 a NULL value to the desired type."
            );
            Error::invalid_at("null-map", message, span)
        };
        let key =
            self.merge_all(entries.iter().map(|(key, _)| key))?.ok_or_else(|| missing("keys"))?;
        let value = self
            .merge_all(entries.iter().map(|(_, value)| value))?
            .ok_or_else(|| missing("values"))?;
        let mut coerced = Vec::with_capacity(entries.len());
        for (entry_key, entry_value) in entries {
            coerced.push((self.coerce(entry_key, &key)?, self.coerce(entry_value, &value)?));
        }
        Ok(Typed { kind: TypedKind::Map(coerced), ty: SqlType::map(key, value) })
    }

    pub(super) fn structure(&mut self, fields: &[(Identifier, Expr)]) -> Result<Typed> {
        let mut values = Vec::with_capacity(fields.len());
        let mut types: Vec<Field> = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            if types.iter().any(|known| known.name == name.name) {
                let message = format!("Duplicate field names found in STRUCT: '{}'", name.name);
                return Err(Error::invalid_at("duplicate-field", message, name.span));
            }
            let typed = self.typed(value)?;
            types.push(Field::new(name.name.clone(), typed.ty.clone()));
            values.push(typed);
        }
        Ok(Typed { kind: TypedKind::Struct(values), ty: SqlType::Struct(types) })
    }

    fn merge_all<'e>(
        &mut self,
        elements: impl IntoIterator<Item = &'e Expr>,
    ) -> Result<Option<SqlType>> {
        elements.into_iter().try_fold(None, |ty, element| self.merge(ty, element))
    }

    /// The type that the elements so far (`current`) and `expr` agree on.
    fn merge(&mut self, current: Option<SqlType>, expr: &Expr) -> Result<Option<SqlType>> {
        let Some(current) = current else {
            return Ok(self.infer(expr)?.map(|typed| typed.ty));
        };
        let merged = match (&current, &expr.kind) {
            (_, ExprKind::Literal(literal)) => self.merge_literal(&current, literal, expr)?,
            (SqlType::Array(element), ExprKind::Array(elements)) => {
                let element = Some((**element).clone());
                let element = elements.iter().try_fold(element, |ty, inner| self.merge(ty, inner));
                self.nested(element, &current, expr)?.map(SqlType::array)
            }
            (SqlType::Map(key, value), ExprKind::Map(entries)) => {
                let (mut key, mut value) = (Some((**key).clone()), Some((**value).clone()));
                for (entry_key, entry_value) in entries {
                    let merged = self.merge(key, entry_key);
                    key = self.nested(merged, &current, expr)?;
                    let merged = self.merge(value, entry_value);
                    value = self.nested(merged, &current, expr)?;
                }
                key.zip(value).map(|(key, value)| SqlType::map(key, value))
            }
            (SqlType::Struct(known), ExprKind::Struct(fields)) => {
                let mut merged = known.clone();
                for (name, value) in fields {
                    match merged.iter().position(|field| field.name == name.name) {
                        Some(at) => {
                            let ty = self.merge(Some(merged[at].ty.clone()), value);
                            if let Some(ty) = self.nested(ty, &current, expr)? {
                                merged[at].ty = ty;
                            }
                        }
                        None => merged.push(Field::new(name.name.clone(), self.typed(value)?.ty)),
                    }
                }
                Some(SqlType::Struct(merged))
            }
            _ => match self.infer(expr)? {
                None => Some(current.clone()),
                Some(typed) => typing::common_super_type(&current, &typed.ty),
            },
        };
        match merged {
            Some(ty) => Ok(Some(ty)),
            None => Err(self.mismatch(&current, expr)),
        }
    }

    /// A mismatch inside a constructor is told about the whole constructor; wrong text is told as it is.
    fn nested(
        &mut self,
        merged: Result<Option<SqlType>>,
        current: &SqlType,
        expr: &Expr,
    ) -> Result<Option<SqlType>> {
        match merged {
            Err(error) if is_mismatch(&error) => Err(self.mismatch(current, expr)),
            other => other,
        }
    }

    fn merge_literal(
        &self,
        current: &SqlType,
        literal: &Literal,
        expr: &Expr,
    ) -> Result<Option<SqlType>> {
        let text = match literal {
            Literal::Null => return Ok(Some(current.clone())),
            _ if *current == SqlType::String => return Ok(Some(SqlType::String)),
            Literal::String(text) => text,
            other => {
                let typed = super::literal(other).expect("only NULL has no type");
                return Ok(typing::common_super_type(current, &typed.ty));
            }
        };
        let found = match current {
            number if number.is_numeric() => {
                numeric_text_type(text).and_then(|ty| typing::common_super_type(number, &ty))
            }
            SqlType::Boolean => boolean_text(text).map(|_| SqlType::Boolean),
            SqlType::Time => parse_time(text).map(|_| SqlType::Time),
            SqlType::Date => parse_date(text).map(|_| SqlType::Date),
            SqlType::Timestamp => parse_timestamp(text).map(|_| SqlType::Timestamp),
            SqlType::Bytes => decode_base64(text).map(|_| SqlType::Bytes),
            _ => return Ok(None),
        };
        match found {
            Some(ty) => Ok(Some(ty)),
            None => {
                let message = format!("invalid input syntax for type {current}: \"{text}\".");
                Err(Error::invalid_at(COERCION, message, expr.span))
            }
        }
    }

    fn mismatch(&mut self, current: &SqlType, expr: &Expr) -> Error {
        let found =
            self.infer(expr).ok().flatten().map_or("null".to_owned(), |typed| typed.ty.to_string());
        let message = format!("operator does not exist: {current} = {found} ({})", self.text(expr));
        let hint = "Hint: You might need to add explicit type casts.";
        Problem::new(COERCION, message).at(expr.span).detail(hint).invalid()
    }

    /// Types `expr` as `ty`, which [`Self::merge`] has found.
    fn coerce(&mut self, expr: &Expr, ty: &SqlType) -> Result<Typed> {
        match (&expr.kind, ty) {
            (ExprKind::Array(elements), SqlType::Array(element)) => {
                let elements = elements
                    .iter()
                    .map(|inner| self.coerce(inner, element))
                    .collect::<Result<_>>()?;
                Ok(Typed { kind: TypedKind::Array(elements), ty: ty.clone() })
            }
            (ExprKind::Map(entries), SqlType::Map(key, value)) => {
                let entries = entries
                    .iter()
                    .map(|(k, v)| Ok((self.coerce(k, key)?, self.coerce(v, value)?)))
                    .collect::<Result<_>>()?;
                Ok(Typed { kind: TypedKind::Map(entries), ty: ty.clone() })
            }
            (ExprKind::Struct(fields), SqlType::Struct(types)) => {
                let mut values = Vec::with_capacity(types.len());
                for field in types {
                    let given = fields.iter().find(|(name, _)| name.name == field.name);
                    values.push(match given {
                        Some((_, value)) => self.coerce(value, &field.ty)?,
                        None => Typed::literal(types::Value::Null, field.ty.clone()),
                    });
                }
                Ok(Typed { kind: TypedKind::Struct(values), ty: ty.clone() })
            }
            _ => Ok(self.typed_or_null(expr, ty)?.cast_to(ty.clone())),
        }
    }
}

fn is_mismatch(error: &Error) -> bool {
    error.problem().is_some_and(|problem| problem.detail.is_some() && problem.code == COERCION)
}

/// The type a number written in a string would have as a literal.
fn numeric_text_type(text: &str) -> Option<SqlType> {
    let text = text.trim();
    if text.parse::<i32>().is_ok() {
        return Some(SqlType::Integer);
    }
    if text.parse::<i64>().is_ok() {
        return Some(SqlType::Bigint);
    }
    if text.contains(['e', 'E']) {
        return parse_double(text).map(|_| SqlType::Double);
    }
    text.parse::<Decimal>().ok().map(|decimal| decimal_type(&decimal))
}

/// The BOOLEAN that a prefix of true, yes, false or no means.
fn boolean_text(text: &str) -> Option<bool> {
    let lower = text.to_lowercase();
    let is_prefix_of =
        |words: [&str; 2]| !lower.is_empty() && words.iter().any(|word| word.starts_with(&lower));
    if is_prefix_of(["true", "yes"]) {
        return Some(true);
    }
    is_prefix_of(["false", "no"]).then_some(false)
}
