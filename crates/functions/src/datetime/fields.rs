//! The fields that a text gave.

use std::collections::BTreeMap;

use super::item::Field;
use super::zone::Zone;

/// Values of fields, and the zone or offset.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    values: BTreeMap<Field, i64>,
    /// The zone, by id or name.
    pub zone: Option<Zone>,
    /// Seconds ahead of UTC.
    pub offset_seconds: Option<i32>,
}

impl Fields {
    /// Sets a field.
    ///
    /// # Errors
    /// When it already has another value, or the value is out of its range.
    pub fn set(&mut self, field: Field, value: i64) -> Result<(), String> {
        let (min, max) = field.range();
        if !(min..=max).contains(&value) {
            return Err(format!("{field:?} is from {min} to {max}, not {value}"));
        }
        match self.values.insert(field, value) {
            Some(known) if known != value => Err(format!("{field:?} is both {known} and {value}")),
            _ => Ok(()),
        }
    }

    /// The value of a field.
    pub fn value(&self, field: Field) -> Option<i64> {
        self.values.get(&field).copied()
    }

    /// Whether any field tells something about the date.
    pub fn has_date_fields(&self) -> bool {
        self.values.keys().any(|field| field.is_of_date())
    }
}
