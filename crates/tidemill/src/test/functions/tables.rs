//! Table functions of the test files.

use std::sync::Arc;

use ::functions::{ArgumentType, Call, Registry, Result, Table};
use arrow_array::ArrayRef;
use types::columns::{array_of, value_at};
use types::text::double_text;
use types::{SqlType, Value};

use super::no_match;

/// Adds the functions.
pub fn register(registry: &mut Registry) {
    registry.add_table(Arc::new(TestUdtf));
    registry.add_table(Arc::new(ThrowingUdtf));
}

/// One argument: a row of it. Several: a row of text for each; of arrays and maps the first element.
#[derive(Debug)]
struct TestUdtf;

impl Table for TestUdtf {
    fn name(&self) -> &str {
        "TEST_UDTF"
    }

    fn description(&self) -> &str {
        "Makes a row of each argument."
    }

    fn signatures(&self) -> Vec<(Vec<String>, String)> {
        let own = |types: &[&str]| types.iter().map(ToString::to_string).collect();
        vec![(own(&["T"]), "T".to_owned()), (own(&["T", "U..."]), "STRING".to_owned())]
    }

    fn resolve(&self, arguments: &[ArgumentType]) -> Result<(Vec<SqlType>, SqlType)> {
        let mut types = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let ArgumentType::Sql(ty) = argument else {
                return Err(no_match(self.name(), arguments));
            };
            types.push(ty.clone());
        }
        match types.as_slice() {
            [] => Err(no_match(self.name(), arguments)),
            // Its declared result has ten digits more than the argument.
            [SqlType::Decimal { precision, scale }] => {
                let wider = SqlType::Decimal { precision: precision + 10, scale: *scale };
                Ok((types.clone(), wider))
            }
            [only] => Ok((types.clone(), only.clone())),
            _ => Ok((types, SqlType::String)),
        }
    }

    fn explode(&self, call: &mut Call<'_>) -> (ArrayRef, Vec<usize>) {
        let is_single = call.arguments.len() == 1;
        rows(call, |row| match row {
            [Value::Null] => Err("null in place of a plain value".to_owned()),
            [only] if is_single => Ok(vec![only.clone()]),
            several => Ok(several.iter().map(|value| Value::string(first_text(value))).collect()),
        })
    }
}

/// The text of a value; of an array's or map's first element.
fn first_text(value: &Value) -> String {
    match value {
        Value::Array(items) => items.first().map_or_else(String::new, value_text),
        Value::Map(entries) => entries.first().map_or_else(String::new, |(_, v)| value_text(v)),
        other => value_text(other),
    }
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Boolean(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Bigint(value) => value.to_string(),
        Value::Double(value) => double_text(*value),
        Value::Decimal(value) => value.to_string(),
        Value::String(text) => text.to_string(),
        // The only struct that the tests hand in has this one field.
        Value::Struct(fields) => {
            let fields: Vec<String> = fields.iter().map(value_text).collect();
            format!("Struct{{A={}}}", fields.join(","))
        }
        other => format!("{other:?}"),
    }
}

/// Fails for true, else gives its argument back.
#[derive(Debug)]
struct ThrowingUdtf;

impl Table for ThrowingUdtf {
    fn name(&self) -> &str {
        "THROWING_UDTF"
    }

    fn description(&self) -> &str {
        "Fails for true."
    }

    fn signatures(&self) -> Vec<(Vec<String>, String)> {
        vec![(vec!["BOOLEAN".to_owned()], "BOOLEAN".to_owned())]
    }

    fn resolve(&self, arguments: &[ArgumentType]) -> Result<(Vec<SqlType>, SqlType)> {
        match arguments {
            [ArgumentType::Sql(SqlType::Boolean)] => Ok((vec![SqlType::Boolean], SqlType::Boolean)),
            _ => Err(no_match(self.name(), arguments)),
        }
    }

    fn explode(&self, call: &mut Call<'_>) -> (ArrayRef, Vec<usize>) {
        rows(call, |row| match row {
            [Value::Boolean(true)] => Err("you asked me to throw".to_owned()),
            other => Ok(other.to_vec()),
        })
    }
}

/// Explodes row by row; a row that fails gives none.
fn rows(
    call: &mut Call<'_>,
    explode: impl Fn(&[Value]) -> std::result::Result<Vec<Value>, String>,
) -> (ArrayRef, Vec<usize>) {
    let returns = call.returns.clone();
    let (mut produced, mut counts) = (Vec::new(), Vec::with_capacity(call.rows));
    for row in 0..call.rows {
        let arguments: Vec<Value> =
            (0..call.arguments.len()).map(|index| value_at(call.column(index), row)).collect();
        let values = explode(&arguments).unwrap_or_else(|message| {
            call.fail(row, message);
            Vec::new()
        });
        counts.push(values.len());
        produced.extend(values);
    }
    (array_of(&returns, &produced), counts)
}
