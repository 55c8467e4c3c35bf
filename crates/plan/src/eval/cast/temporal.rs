//! Casts among DATE, TIME and TIMESTAMP.

use std::sync::Arc;

use arrow_array::builder::Date32Builder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Time32MillisecondType, TimestampMillisecondType};
use arrow_array::{ArrayRef, PrimitiveArray};
use types::text::DAY_MS;

/// The UTC day of each moment.
pub(super) fn date_of(array: &ArrayRef) -> ArrayRef {
    let moments = array.as_primitive::<TimestampMillisecondType>();
    let mut builder = Date32Builder::with_capacity(moments.len());
    for moment in moments {
        // No DATE holds a day more than 5.8 million years away; such a moment becomes NULL.
        builder.append_option(moment.and_then(|ms| i32::try_from(ms.div_euclid(DAY_MS)).ok()));
    }
    Arc::new(builder.finish())
}

/// The millisecond of the UTC day of each moment.
pub(super) fn time_of(array: &ArrayRef) -> ArrayRef {
    let times: PrimitiveArray<Time32MillisecondType> = array
        .as_primitive::<TimestampMillisecondType>()
        .unary(|ms| i32::try_from(ms.rem_euclid(DAY_MS)).expect("a day has 86,400,000 ms"));
    Arc::new(times)
}

/// The UTC midnight that starts each day.
pub(super) fn midnight_of(array: &ArrayRef) -> ArrayRef {
    let moments: PrimitiveArray<TimestampMillisecondType> =
        array.as_primitive::<Date32Type>().unary(|days| i64::from(days) * DAY_MS);
    Arc::new(moments)
}
