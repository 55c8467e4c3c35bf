//! EXPLODE: one row per element of an array.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_select::take::take;
use types::SqlType;

use crate::Result;
use crate::aggregates::no_match;
use crate::api::{ArgumentType, Call, Table};

/// `EXPLODE`.
#[derive(Debug)]
pub(super) struct Explode;

impl Table for Explode {
    fn name(&self) -> &str {
        "EXPLODE"
    }

    fn description(&self) -> &str {
        "Makes a row of every element of an array."
    }

    fn signatures(&self) -> Vec<(Vec<String>, String)> {
        vec![(vec!["ARRAY<T>".to_owned()], "T".to_owned())]
    }

    fn resolve(&self, arguments: &[ArgumentType]) -> Result<(Vec<SqlType>, SqlType)> {
        match arguments {
            [ArgumentType::Sql(list @ SqlType::Array(element))] => {
                Ok((vec![list.clone()], (**element).clone()))
            }
            _ => Err(no_match(
                "explode",
                arguments,
                &[(&["ARRAY<DECIMAL> input"], "DECIMAL"), (&["ARRAY<T> list"], "T")],
            )),
        }
    }

    fn explode(&self, call: &mut Call<'_>) -> (ArrayRef, Vec<usize>) {
        let column = call.column(0).clone();
        let lists = column.as_list::<i32>();
        let mut places = Vec::with_capacity(lists.values().len());
        let mut counts = Vec::with_capacity(call.rows);
        for row in 0..call.rows {
            let bounds = &lists.value_offsets()[row..=row + 1];
            let elements = if lists.is_null(row) { 0..0 } else { bounds[0]..bounds[1] };
            counts.push(elements.len());
            places.extend(elements.map(|e| u32::try_from(e).expect("offsets are not negative")));
        }
        let values = take(lists.values(), &UInt32Array::from(places), None)
            .expect("the places lie within the elements");
        (values, counts)
    }
}
