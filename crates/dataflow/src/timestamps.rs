//! Timestamps of records from a column: BIGINT, TIMESTAMP, or STRING with a pattern (spec section 4.1).

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, Int64Array};
use arrow_schema::DataType;
use functions::{ArgumentType, Registry};
use plan::eval::Input;
use plan::expression::{CallArgument, ColumnRef, Expr, ExprKind};
use plan::logical::TimestampColumn;
use types::{SqlType, Value};

use crate::context::Context;
use crate::expressions::Expressions;
use crate::{Error, Result};

/// The function that reads text by a pattern to milliseconds since the epoch.
const PARSE_FUNCTION: &str = "STRINGTOTIMESTAMP";

/// Reads timestamps from a column of a chunk.
#[derive(Debug)]
pub(crate) struct TimestampReader {
    column: ColumnRef,
    /// For STRING columns: the call that parses them.
    parse: Option<Expressions>,
}

impl TimestampReader {
    /// Prepares `column` of the plan node called `node`. Fails when its pattern can't be used.
    pub fn try_new(node: &str, column: &TimestampColumn, registry: &Registry) -> Result<Self> {
        let parse = match &column.format {
            Some(pattern) => Some(parse_call(node, column.column, pattern, registry)?),
            None => None,
        };
        Ok(Self { column: column.column, parse })
    }

    /// The timestamp of each row, NULL where there is none that counts; reports rows that `matter`.
    /// Fails when a row has none and the query is to fail then.
    pub fn read(
        &self,
        node: &str,
        input: &dyn Input,
        matters: impl Fn(usize) -> bool,
        context: &Context<'_>,
    ) -> Result<Int64Array> {
        let column = match &self.parse {
            Some(parse) => parse.evaluate(input, &matters, context).remove(0),
            None => input.column(self.column),
        };
        let times: Vec<Option<i64>> = (0..column.len()).map(|row| time_at(&column, row)).collect();
        for (row, time) in times.iter().enumerate() {
            if time.is_none() && matters(row) {
                report_invalid(node, context)?;
            }
        }
        Ok(times.into())
    }
}

fn report_invalid(node: &str, context: &Context<'_>) -> Result<()> {
    let message = "the timestamp column is NULL, negative or unreadable";
    if context.options.fails_on_invalid_timestamp {
        // Clients look for the words of Kafka Streams.
        return Err(Error::Data(format!(
            "Fatal user code error in TimestampExtractor callback for record of {node}: {message}"
        )));
    }
    context.reporter.row(node, message);
    Ok(())
}

fn time_at(column: &ArrayRef, row: usize) -> Option<i64> {
    if column.is_null(row) {
        return None;
    }
    let time = match column.data_type() {
        DataType::Int64 => Some(column.as_primitive::<Int64Type>().value(row)),
        DataType::Timestamp(..) => {
            Some(column.as_primitive::<TimestampMillisecondType>().value(row))
        }
        _ => None,
    };
    time.filter(|time| *time >= 0)
}

fn parse_call(
    node: &str,
    column: ColumnRef,
    pattern: &str,
    registry: &Registry,
) -> Result<Expressions> {
    let refused = |reason: String| Error::Plan(format!("TIMESTAMP_FORMAT '{pattern}': {reason}"));
    let function = registry
        .scalar(PARSE_FUNCTION)
        .ok_or_else(|| refused(format!("{PARSE_FUNCTION} is not registered")))?;
    let string = || ArgumentType::Sql(SqlType::String);
    let resolution =
        function.resolve(&[string(), string()]).map_err(|error| refused(error.to_string()))?;
    let arguments = [
        Expr::column(column, SqlType::String),
        Expr::literal(Value::string(pattern), SqlType::String),
    ];
    let call = Expr {
        kind: ExprKind::Call {
            function: PARSE_FUNCTION.to_owned(),
            overload: resolution.overload,
            arguments: arguments.into_iter().map(CallArgument::Value).collect(),
        },
        ty: resolution.returns,
    };
    Expressions::try_new(node, [&call], registry)
}
