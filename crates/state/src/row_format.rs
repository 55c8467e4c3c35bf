//! How the owner of a store lays out keys and values, as a number that is kept with the store.

use crate::{Error, Result, StoreId};

/// A layout of keys and values, which this crate does not look into. Whoever changes the bytes of a
/// layout takes a new number; rows of another number are refused, not misread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowFormat(pub u8);

impl RowFormat {
    /// Fails with [`Error::Unknown`] unless `found`, which store `id` holds, is this format.
    pub fn check(self, found: Self, id: &StoreId) -> Result<()> {
        if found == self {
            return Ok(());
        }
        Err(Error::Unknown {
            store: id.to_string(),
            what: "its rows",
            found: found.0,
            known: self.0,
        })
    }
}
