//! Values of changelog topics: one byte with the number of the rows' format, then the entry's value. An
//! entry that was removed has no value.

use state::{RowFormat, StoreId};

use crate::row_codec::ROW_FORMAT;
use crate::{Error, Result};

/// Writes the changelog's value of an entry's `value` to `out`.
pub(super) fn write(value: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.push(ROW_FORMAT.0);
    out.extend_from_slice(value);
}

/// The entry's value in `value`, of the changelog of store `id`. Fails when another release wrote it.
pub(super) fn payload<'a>(value: Option<&'a [u8]>, id: &StoreId) -> Result<Option<&'a [u8]>> {
    let Some(value) = value else { return Ok(None) };
    let (format, payload) = value
        .split_first()
        .ok_or_else(|| Error::Data(format!("state store {id}: a changelog value is empty")))?;
    ROW_FORMAT.check(RowFormat(*format), id)?;
    Ok(Some(payload))
}
