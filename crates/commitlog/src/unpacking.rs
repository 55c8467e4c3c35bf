//! Unpacking of batches that come from outside, of which nobody knows beforehand how large they get:
//! many connections together must not take much more memory than one.

use std::sync::{Mutex, PoisonError};

use records::{Batch, Error, Records, Result};

/// What a batch may unpack to beside others: 8 MiB, far above what clients put into one.
const SHARED_BYTES_MAX: usize = 8 << 20;

/// Lets batches be looked into, of the large ones only one at a time.
#[derive(Debug, Default)]
pub(crate) struct Unpacking {
    large: Mutex<()>,
}

impl Unpacking {
    /// What `look` makes of the records of `batch`. Fails when they are malformed or unpack to more than
    /// [`records::UNPACKED_BYTES_MAX`].
    pub(crate) fn look<T>(&self, batch: &Batch, look: impl FnOnce(&Records) -> T) -> Result<T> {
        match batch.records_limited(SHARED_BYTES_MAX) {
            Err(Error::UnpackedTooLarge { .. }) => {
                let _turn = self.large.lock().unwrap_or_else(PoisonError::into_inner);
                batch.records().map(|records| look(&records))
            }
            records => records.map(|records| look(&records)),
        }
    }
}
