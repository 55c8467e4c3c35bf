//! Columns of exact numbers (INTEGER, BIGINT, DECIMAL) seen as unscaled integers with a scale, and
//! the building of DECIMAL columns.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Decimal256Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, Decimal128Array, Decimal256Array};
use arrow_buffer::{NullBufferBuilder, i256};
use arrow_schema::DataType;
use types::SqlType;
use types::columns::{DECIMAL128_PRECISION_MAX, arrow_type};

use super::decimals::fits;

/// A view of an exact numeric array.
pub(super) enum Exact<'a> {
    Integer(&'a [i32]),
    Bigint(&'a [i64]),
    Narrow(&'a [i128], u8),
    Wide(&'a [i256], u8),
}

impl<'a> Exact<'a> {
    /// Views `array`, or `None` if its type is no exact number.
    pub fn of(array: &'a dyn Array) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Int32 => Self::Integer(array.as_primitive::<Int32Type>().values()),
            DataType::Int64 => Self::Bigint(array.as_primitive::<Int64Type>().values()),
            DataType::Decimal128(_, scale) => {
                Self::Narrow(array.as_primitive::<Decimal128Type>().values(), scale_of(*scale))
            }
            DataType::Decimal256(_, scale) => {
                Self::Wide(array.as_primitive::<Decimal256Type>().values(), scale_of(*scale))
            }
            _ => return None,
        })
    }

    /// Digits behind the point.
    pub fn scale(&self) -> u8 {
        match self {
            Self::Integer(_) | Self::Bigint(_) => 0,
            Self::Narrow(_, scale) | Self::Wide(_, scale) => *scale,
        }
    }

    /// The unscaled value, unless it takes more than 128 bits.
    pub fn narrow(&self, index: usize) -> Option<i128> {
        match self {
            Self::Integer(values) => Some(values[index].into()),
            Self::Bigint(values) => Some(values[index].into()),
            Self::Narrow(values, _) => Some(values[index]),
            Self::Wide(values, _) => values[index].to_i128(),
        }
    }

    /// The unscaled value.
    pub fn wide(&self, index: usize) -> i256 {
        match self {
            Self::Integer(values) => i256::from_i128(values[index].into()),
            Self::Bigint(values) => i256::from_i128(values[index].into()),
            Self::Narrow(values, _) => i256::from_i128(values[index]),
            Self::Wide(values, _) => values[index],
        }
    }
}

fn scale_of(scale: i8) -> u8 {
    u8::try_from(scale).expect("SQL scales are not negative")
}

/// Collects a DECIMAL column.
pub(super) struct DecimalColumn {
    values: Unscaled,
    nulls: NullBufferBuilder,
    precision: u8,
    ty: DataType,
}

enum Unscaled {
    Narrow(Vec<i128>),
    Wide(Vec<i256>),
}

impl DecimalColumn {
    /// An empty column of `ty`, which must be a DECIMAL, with room for `rows`.
    pub fn new(ty: &SqlType, rows: usize) -> Self {
        let SqlType::Decimal { precision, .. } = ty else {
            unreachable!("only DECIMAL columns are collected as decimals, not {ty}")
        };
        let values = if *precision <= DECIMAL128_PRECISION_MAX {
            Unscaled::Narrow(Vec::with_capacity(rows))
        } else {
            Unscaled::Wide(Vec::with_capacity(rows))
        };
        let nulls = NullBufferBuilder::new(rows);
        Self { values, nulls, precision: *precision, ty: arrow_type(ty) }
    }

    /// Appends an unscaled value if it fits the precision; otherwise appends NULL and tells so.
    pub fn push(&mut self, value: Option<i256>) -> bool {
        let fitting = value.filter(|value| fits(*value, self.precision));
        self.nulls.append(fitting.is_some());
        let unscaled = fitting.unwrap_or(i256::ZERO);
        match &mut self.values {
            Unscaled::Narrow(values) => values.push(unscaled.as_i128()),
            Unscaled::Wide(values) => values.push(unscaled),
        }
        fitting.is_some()
    }

    /// Appends NULL.
    pub fn push_null(&mut self) {
        self.push(None);
    }

    /// The column.
    pub fn finish(mut self) -> ArrayRef {
        let nulls = self.nulls.finish();
        match self.values {
            Unscaled::Narrow(values) => {
                Arc::new(Decimal128Array::new(values.into(), nulls).with_data_type(self.ty))
            }
            Unscaled::Wide(values) => {
                Arc::new(Decimal256Array::new(values.into(), nulls).with_data_type(self.ty))
            }
        }
    }
}
