//! Value columns filled from record headers: `HEADERS` and `HEADER('name')`.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, StringBuilder};
use arrow_array::{ArrayRef, ListArray, StructArray};
use arrow_buffer::OffsetBuffer;
use records::Record;
use types::columns::{list_item, struct_fields};
use types::{Field, Header, SqlType};

/// All headers, when any record has some.
pub(super) fn passed_on(records: &[Record<'_>]) -> Option<ArrayRef> {
    let has_headers = records.iter().any(|record| record.headers().next().is_some());
    has_headers.then(|| all(records))
}

/// The column of `header` over `records`.
pub(super) fn column(header: &Header, records: &[Record<'_>]) -> ArrayRef {
    match header {
        Header::All => all(records),
        Header::Named(name) => named(name, records),
    }
}

fn named(name: &str, records: &[Record<'_>]) -> ArrayRef {
    let mut column = BinaryBuilder::new();
    for record in records {
        let last = record.headers().filter(|header| header.key == name).last();
        column.append_option(last.and_then(|header| header.value));
    }
    Arc::new(column.finish())
}

fn all(records: &[Record<'_>]) -> ArrayRef {
    let (mut keys, mut values) = (StringBuilder::new(), BinaryBuilder::new());
    let mut counts = Vec::with_capacity(records.len());
    for record in records {
        let mut count = 0;
        for header in record.headers() {
            keys.append_value(header.key);
            values.append_option(header.value);
            count += 1;
        }
        counts.push(count);
    }
    let fields = [Field::new("KEY", SqlType::String), Field::new("VALUE", SqlType::Bytes)];
    let columns: Vec<ArrayRef> = vec![Arc::new(keys.finish()), Arc::new(values.finish())];
    let entries = StructArray::new(struct_fields(&fields), columns, None);
    let item = list_item(&SqlType::Struct(fields.to_vec()));
    Arc::new(ListArray::new(item, OffsetBuffer::from_lengths(counts), Arc::new(entries), None))
}
