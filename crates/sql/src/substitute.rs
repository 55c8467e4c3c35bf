//! `${name}` becomes the value of a session variable, before parsing (spec section 1.12).
//!
//! Works on tokens, so a value stands for one name, literal or part of a string and never for more:
//! it can't bring in another clause or statement. Variables in comments stay as they are.

use crate::ast::Span;
use crate::error::{Error, Problem, Result};
use crate::lexer::{Symbol, Token, TokenKind, check_length, is_identifier, tokens};

/// `text` with its variables replaced by what `value_of` says about their names.
///
/// Unknown variables stay; the parser then complains about them, unless they stand in a string. Fails
/// when a value can't stand where its variable does, or when the text has no tokens.
pub fn substitute(text: &str, value_of: &dyn Fn(&str) -> Option<String>) -> Result<String> {
    let tokens = tokens(text)?;
    let mut output = String::with_capacity(text.len());
    let mut place = StringPlace::default();
    let mut copied = 0;
    for token in tokens {
        place.step(text, token);
        let replacement = match token.kind {
            TokenKind::Variable => whole_token(text, token, value_of)?,
            TokenKind::String if place.is_open() => {
                Some(inside_string(token.text(text), value_of)?)
            }
            _ => None,
        };
        if let Some(replacement) = replacement {
            output.push_str(&text[copied..token.span.start]);
            let stands_alone = token.kind == TokenKind::Variable;
            if stands_alone && output.ends_with(grows) {
                output.push(' ');
            }
            output.push_str(&replacement);
            check_length(&output)?;
            copied = token.span.end;
            if stands_alone && text[copied..].starts_with(grows) {
                output.push(' ');
            }
        }
    }
    output.push_str(&text[copied..]);
    Ok(output)
}

/// Whether a character could make one token with a value beside it.
fn grows(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '@' | '-' | '\'' | '$')
}

/// Whether strings hold variables here: in WITH clauses and in statements about settings and names.
#[derive(Default)]
struct StringPlace {
    leading: Option<Span>,
    in_settings: bool,
    with_parens: Option<usize>,
}

impl StringPlace {
    /// Statements whose strings are names or settings throughout.
    const LEADING_WORDS: [&str; 9] =
        ["ALTER", "ASSERT", "DEFINE", "LIST", "PRINT", "RUN", "SET", "SHOW", "UNSET"];

    fn step(&mut self, text: &str, token: Token) {
        if token.is(Symbol::Semicolon) {
            *self = Self::default();
            return;
        }
        if self.leading.is_none() {
            self.leading = Some(token.span);
            self.in_settings = Self::LEADING_WORDS.iter().any(|word| token.is_word(text, word));
        }
        match self.with_parens {
            None if token.is_word(text, "WITH") => self.with_parens = Some(0),
            Some(depth) if token.is(Symbol::LeftParen) => self.with_parens = Some(depth + 1),
            Some(depth) if token.is(Symbol::RightParen) && depth > 1 => {
                self.with_parens = Some(depth - 1);
            }
            Some(_) if token.is(Symbol::RightParen) => self.with_parens = None,
            _ => {}
        }
    }

    fn is_open(&self) -> bool {
        self.in_settings || self.with_parens.is_some_and(|depth| depth > 0)
    }
}

/// The value of a variable that stands alone: a name, or a literal.
fn whole_token(
    text: &str,
    token: Token,
    value_of: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<String>> {
    let written = token.text(text);
    let Some(value) = value_of(variable_name(written)) else { return Ok(None) };
    if is_identifier(&value) || is_literal(&value) {
        return Ok(Some(value));
    }
    Err(unfit(written, &value, token.span))
}

/// The name inside `${` and `}`.
fn variable_name(written: &str) -> &str {
    &written[2..written.len() - 1]
}

fn is_literal(value: &str) -> bool {
    let Ok(tokens) = tokens(value) else { return false };
    let word = |token: &Token| ["TRUE", "FALSE"].iter().any(|word| token.is_word(value, word));
    let number = |token: &Token| {
        matches!(token.kind, TokenKind::Integer | TokenKind::Decimal | TokenKind::Double)
    };
    let whole = |first: &Token, last: &Token| first.span.start == 0 && last.span.end == value.len();
    match tokens.as_slice() {
        [one, _end] => {
            whole(one, one) && (one.kind == TokenKind::String || number(one) || word(one))
        }
        [sign, one, _end] => whole(sign, one) && sign.is(Symbol::Minus) && number(one),
        _ => false,
    }
}

fn unfit(written: &str, value: &str, span: Span) -> Error {
    let message = format!("the value of {written} is neither a name nor a literal: {value}");
    Problem::new("bad-variable-value", message)
        .hint("strings are written in single quotes, and reserved words can't be names")
        .at(span)
        .invalid()
}

/// A string literal with the variables inside replaced; quotes in their values are doubled.
fn inside_string(quoted: &str, value_of: &dyn Fn(&str) -> Option<String>) -> Result<String> {
    let mut output = String::with_capacity(quoted.len());
    let mut rest = quoted;
    while let Some(start) = rest.find("${") {
        let length = rest[start..].find('}').map_or(rest.len() - start, |close| close + 1);
        let written = &rest[start..start + length];
        output.push_str(&rest[..start]);
        match written.ends_with('}').then(|| value_of(variable_name(written))).flatten() {
            Some(value) => output.push_str(&value.replace('\'', "''")),
            None => output.push_str(written),
        }
        check_length(&output)?;
        rest = &rest[start + length..];
    }
    output.push_str(rest);
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::substitute;

    fn value_of(name: &str) -> Option<String> {
        let value = match name {
            "name" => "orders",
            "count" => "-5",
            "text" => "'it''s'",
            "raw" => "it's",
            "evil" => "a; DROP STREAM b",
            "word" => "select",
            _ => return None,
        };
        Some(value.to_owned())
    }

    fn substituted(text: &str) -> String {
        substitute(text, &value_of).expect("the values fit")
    }

    #[test]
    fn names_and_literals_are_replaced_where_they_stand() {
        let text = "SELECT ${count}, ${text} FROM ${name} -- ${name}\n;";
        assert_eq!(substituted(text), "SELECT -5, 'it''s' FROM orders -- ${name}\n;");
    }

    #[test]
    fn values_do_not_grow_together_with_their_neighbours() {
        assert_eq!(substituted("a-${count}, ${text}'x'"), "a- -5, 'it''s' 'x'");
        assert_eq!(substituted("${name}${name}.c"), "orders orders.c");
    }

    #[test]
    fn strings_are_searched_in_with_and_settings_only() {
        let text =
            "CREATE STREAM a WITH (t='x-${raw}') AS SELECT '${raw}' FROM b; SET '${name}'='${no}';";
        let expected =
            "CREATE STREAM a WITH (t='x-it''s') AS SELECT '${raw}' FROM b; SET 'orders'='${no}';";
        assert_eq!(substituted(text), expected);
    }

    #[test]
    fn unknown_variables_stay() {
        assert_eq!(substituted("SELECT ${unknown};"), "SELECT ${unknown};");
    }

    #[test]
    fn values_can_not_blow_a_text_up() {
        let huge = |_: &str| Some("a".repeat(1 << 19));
        for text in ["${a} ${b} ${c}", "SET 'a'='${a}${b}${c}'"] {
            let error = substitute(text, &huge).expect_err("too long");
            assert_eq!(error.code(), "text-too-long");
        }
    }

    #[test]
    fn a_value_stands_for_one_token_only() {
        for text in ["SELECT * FROM ${evil};", "${word} 1;", "SELECT ${raw};"] {
            let error = substitute(text, &value_of).expect_err(text);
            assert_eq!(error.code(), "bad-variable-value");
        }
    }
}
