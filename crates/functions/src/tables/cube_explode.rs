//! CUBE_EXPLODE: every way to leave out some elements of an array, as arrays with NULL in their
//! place.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, UInt32Array};
use arrow_buffer::OffsetBuffer;
use arrow_select::take::take;
use types::SqlType;
use types::columns::list_item;

use crate::Result;
use crate::aggregates::no_match;
use crate::api::{ArgumentType, Call, Table};

/// The most elements that are combined: more would make over a million rows of one.
const ELEMENTS_MAX: usize = 20;

/// `CUBE_EXPLODE`.
#[derive(Debug)]
pub(super) struct CubeExplode;

impl Table for CubeExplode {
    fn name(&self) -> &str {
        "CUBE_EXPLODE"
    }

    fn description(&self) -> &str {
        "Makes a row of every combination of an array's elements, the others being NULL."
    }

    fn signatures(&self) -> Vec<(Vec<String>, String)> {
        vec![(vec!["ARRAY<T>".to_owned()], "ARRAY<T>".to_owned())]
    }

    fn resolve(&self, arguments: &[ArgumentType]) -> Result<(Vec<SqlType>, SqlType)> {
        match arguments {
            [ArgumentType::Sql(list @ SqlType::Array(_))] => Ok((vec![list.clone()], list.clone())),
            _ => Err(no_match("cube_explode", arguments, &[(&["ARRAY<T> columns"], "ARRAY<T>")])),
        }
    }

    fn explode(&self, call: &mut Call<'_>) -> (ArrayRef, Vec<usize>) {
        let column = call.column(0).clone();
        let lists = column.as_list::<i32>();
        let mut cube = Cube::default();
        let mut counts = Vec::with_capacity(call.rows);
        for row in 0..call.rows {
            let bounds = &lists.value_offsets()[row..=row + 1];
            if lists.is_null(row) {
                counts.push(0);
            } else if (bounds[1] - bounds[0]) as usize > ELEMENTS_MAX {
                call.fail(row, format!("CUBE_EXPLODE takes at most {ELEMENTS_MAX} columns"));
                counts.push(0);
            } else {
                counts.push(cube.add(bounds[0] as usize..bounds[1] as usize, lists.values()));
            }
        }
        (cube.finish(lists.values(), call.returns), counts)
    }
}

/// The combinations of all rows.
#[derive(Default)]
struct Cube {
    /// Where each element of each combination stands among the elements of all lists.
    places: Vec<Option<u32>>,
    lengths: Vec<usize>,
}

impl Cube {
    /// Adds the combinations of one list, counting in binary from all left out to all kept; the first
    /// element is the most significant digit. NULL elements are no digits. Tells how many there are.
    fn add(&mut self, elements: std::ops::Range<usize>, values: &ArrayRef) -> usize {
        let valid = elements.clone().filter(|element| values.is_valid(*element)).count();
        let combinations = 1_usize << valid;
        for combination in 0..combinations {
            let mut digit = valid;
            for element in elements.clone() {
                let kept = values.is_valid(element) && {
                    digit -= 1;
                    combination >> digit & 1 == 1
                };
                let place = u32::try_from(element).expect("offsets fit 31 bits");
                self.places.push(kept.then_some(place));
            }
            self.lengths.push(elements.len());
        }
        combinations
    }

    fn finish(self, values: &ArrayRef, returns: &SqlType) -> ArrayRef {
        let SqlType::Array(element) = returns else { unreachable!("CUBE_EXPLODE gives arrays") };
        let elements = take(values, &UInt32Array::from(self.places), None)
            .expect("the places lie within the elements");
        let offsets = OffsetBuffer::from_lengths(self.lengths);
        Arc::new(ListArray::new(list_item(element), offsets, elements, None))
    }
}
