//! The numbers that SUM, AVG and their kin add up.

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, PrimitiveArray};

use super::layout::Fixed;

/// An Arrow number type whose sums are of the same type; integers wrap.
pub(crate) trait Number: ArrowPrimitiveType<Native: Fixed> {
    /// `left + right`.
    fn plus(left: Self::Native, right: Self::Native) -> Self::Native;

    /// `left - right`.
    fn minus(left: Self::Native, right: Self::Native) -> Self::Native;

    /// The value as a double.
    fn as_double(value: Self::Native) -> f64;
}

impl Number for Int32Type {
    fn plus(left: i32, right: i32) -> i32 {
        left.wrapping_add(right)
    }

    fn minus(left: i32, right: i32) -> i32 {
        left.wrapping_sub(right)
    }

    fn as_double(value: i32) -> f64 {
        value.into()
    }
}

impl Number for Int64Type {
    fn plus(left: i64, right: i64) -> i64 {
        left.wrapping_add(right)
    }

    fn minus(left: i64, right: i64) -> i64 {
        left.wrapping_sub(right)
    }

    fn as_double(value: i64) -> f64 {
        value as f64
    }
}

impl Number for Float64Type {
    fn plus(left: f64, right: f64) -> f64 {
        left + right
    }

    fn minus(left: f64, right: f64) -> f64 {
        left - right
    }

    fn as_double(value: f64) -> f64 {
        value
    }
}

/// The bound column of a numeric aggregate.
pub(crate) struct Bound<T: ArrowPrimitiveType>(PrimitiveArray<T>);

impl<T: ArrowPrimitiveType> Bound<T> {
    /// Nothing bound yet.
    pub fn none() -> Self {
        Self(PrimitiveArray::from_iter_values(std::iter::empty()))
    }

    /// Binds the first column.
    pub fn bind(&mut self, arguments: &[ArrayRef]) {
        self.0 = arguments[0].as_primitive::<T>().clone();
    }

    /// The value at `row`, unless it is NULL.
    pub fn value(&self, row: usize) -> Option<T::Native> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }
}
