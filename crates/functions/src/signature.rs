//! Signatures as text: read for the built-in functions, written for messages and DESCRIBE FUNCTION.
//!
//! ```text
//! signature = '(' [ parameter { ',' parameter } ] ')' '->' type
//! parameter = ( type | '(' type { ',' type } ')' '=>' type ) [ '...' ]
//! type      = name | letter | 'ARRAY' '<' type '>' | 'MAP' '<' type ',' type '>'
//!           | 'STRUCT' [ '<' field type { ',' field type } '>' ]
//! ```

use std::fmt;

use types::{Field, SqlType};

use crate::scalar::{Evaluate, Overload, Parameter, Returns};

/// The overload that `signature` describes.
///
/// # Panics
/// If the signature can't be read; signatures are part of the program.
pub(crate) fn overload(signature: &str, evaluate: Evaluate) -> Overload {
    let mut reader = Reader { rest: signature };
    let (parameters, variadic) = reader.parameters();
    reader.expect("->");
    let returns = Returns::Declared(reader.parameter());
    assert!(reader.rest.trim().is_empty(), "signature {signature:?} has more than one result");
    Overload { parameters, variadic, returns, evaluate }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn parameters(&mut self) -> (Vec<Parameter>, Option<usize>) {
        let (mut parameters, mut variadic) = (Vec::new(), None);
        self.expect("(");
        while !self.take(")") {
            if !parameters.is_empty() {
                self.expect(",");
            }
            parameters.push(self.parameter());
            if self.take("...") {
                variadic = Some(parameters.len() - 1);
            }
        }
        (parameters, variadic)
    }

    fn parameter(&mut self) -> Parameter {
        if self.rest.trim_start().starts_with('(') {
            let (parameters, _) = self.parameters();
            self.expect("=>");
            return Parameter::Lambda(parameters, Box::new(self.parameter()));
        }
        match self.word() {
            "BOOLEAN" => Parameter::Exact(SqlType::Boolean),
            "INT" => Parameter::Exact(SqlType::Integer),
            "BIGINT" => Parameter::Exact(SqlType::Bigint),
            "DOUBLE" => Parameter::Exact(SqlType::Double),
            "STRING" => Parameter::Exact(SqlType::String),
            "BYTES" => Parameter::Exact(SqlType::Bytes),
            "TIME" => Parameter::Exact(SqlType::Time),
            "DATE" => Parameter::Exact(SqlType::Date),
            "TIMESTAMP" => Parameter::Exact(SqlType::Timestamp),
            "DECIMAL" => Parameter::Decimal,
            "UNIT" => Parameter::Unit,
            "ARRAY" => self.array(),
            "MAP" => self.map(),
            "STRUCT" => self.structure(),
            letter if letter.len() == 1 => Parameter::Generic(letter.as_bytes()[0].into()),
            other => panic!("no type is called {other:?}"),
        }
    }

    fn array(&mut self) -> Parameter {
        self.expect("<");
        let element = self.parameter();
        self.expect(">");
        Parameter::Array(Box::new(element))
    }

    fn map(&mut self) -> Parameter {
        self.expect("<");
        let key = self.parameter();
        self.expect(",");
        let value = self.parameter();
        self.expect(">");
        Parameter::Map(Box::new(key), Box::new(value))
    }

    fn structure(&mut self) -> Parameter {
        if !self.take("<") {
            return Parameter::Struct;
        }
        let mut fields = Vec::new();
        while !self.take(">") {
            if !fields.is_empty() {
                self.expect(",");
            }
            let name = self.word();
            let Parameter::Exact(ty) = self.parameter() else {
                panic!("field {name} of a STRUCT needs a plain type")
            };
            fields.push(Field::new(name, ty));
        }
        Parameter::Exact(SqlType::Struct(fields))
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        self.rest = &rest[end..];
        &rest[..end]
    }

    fn take(&mut self, token: &str) -> bool {
        match self.rest.trim_start().strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) {
        assert!(self.take(token), "a signature lacks {token:?} before {:?}", self.rest);
    }
}

impl Overload {
    /// The parameters as text, for instance `STRING, ARRAY<T>...`.
    pub fn parameter_list(&self) -> String {
        let text = |(index, parameter): (usize, &Parameter)| {
            let repeats = if self.variadic == Some(index) { "..." } else { "" };
            format!("{parameter}{repeats}")
        };
        self.parameters.iter().enumerate().map(text).collect::<Vec<_>>().join(", ")
    }

    /// The type of the result as text; a computed one is always a DECIMAL.
    pub fn result(&self) -> String {
        match &self.returns {
            Returns::Declared(parameter) => parameter.to_string(),
            Returns::Computed(_) => Parameter::Decimal.to_string(),
        }
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(ty) => write!(f, "{ty}"),
            Self::Decimal => f.write_str("DECIMAL"),
            Self::Generic(letter) => write!(f, "{letter}"),
            Self::Array(element) => write!(f, "ARRAY<{element}>"),
            Self::Map(key, value) => write!(f, "MAP<{key}, {value}>"),
            Self::Struct => f.write_str("STRUCT"),
            Self::Lambda(parameters, result) => {
                let list: Vec<String> = parameters.iter().map(ToString::to_string).collect();
                write!(f, "LAMBDA ({}) => {result}", list.join(", "))
            }
            Self::Unit => f.write_str("INTERVALUNIT"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_read_and_written() {
        let evaluate: Evaluate = |call| call.column(0).clone();
        let read = |text| overload(text, evaluate);
        let plain = read("(STRING, ARRAY<T>, MAP<STRING, INT>...) -> STRUCT<K STRING, V INT>");
        assert_eq!(plain.parameter_list(), "STRING, ARRAY<T>, MAP<STRING, INTEGER>...");
        assert_eq!(plain.result(), "STRUCT<`K` STRING, `V` INTEGER>");
        assert_eq!(plain.variadic, Some(2));
        let lambda = read("(MAP<K, V>, (K, V) => R, UNIT) -> ARRAY<R>");
        assert_eq!(lambda.parameter_list(), "MAP<K, V>, LAMBDA (K, V) => R, INTERVALUNIT");
        assert!(read("() -> DOUBLE").parameters.is_empty());
    }

    #[test]
    #[should_panic(expected = "no type is called")]
    fn unknown_types_are_refused() {
        overload("(TEXT) -> INT", |call| call.column(0).clone());
    }
}
