//! Makes a batch anew, for topics with a compression of their own.

use bytes::Bytes;
use records::{Batch, Builder, Compression, Records};

/// `batch` with the same `records`, compressed by `compression`.
pub(super) fn repack(batch: &Batch, records: &Records, compression: Compression) -> Bytes {
    let mut builder = Builder::new(compression).producer(
        batch.producer_id(),
        batch.producer_epoch(),
        batch.base_sequence(),
    );
    if batch.is_transactional() {
        builder = builder.transactional();
    }
    for (record, delta) in records.iter().zip(0..) {
        builder.append_at(delta, record.timestamp_ms, record.key, record.value, record.headers());
    }
    builder.build()
}
