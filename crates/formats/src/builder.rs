//! Column builders that decoders append to value by value, and that can take back a row.
//!
//! Used by every decoder. Arrow's own builders can't be cut back, but a record that turns out to be
//! bad in its last field must leave no trace in the columns before it; so these keep plain vectors
//! and know [`ColumnBuilder::truncate`]. Nothing is allocated per value.

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, Float64Type, Int32Type,
    Int64Type, Time32MillisecondType, TimestampMillisecondType,
};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, ListArray, MapArray, PrimitiveArray, StringArray,
    StructArray,
};
use arrow_buffer::{
    BooleanBufferBuilder, Buffer, NullBuffer, NullBufferBuilder, OffsetBuffer, ScalarBuffer, i256,
};
use arrow_schema::{DataType, Fields};
use types::{Column, SqlType, columns};

/// A column under construction.
#[derive(Debug)]
pub struct ColumnBuilder {
    valid: NullBufferBuilder,
    data: Data,
}

/// The values, by SQL type. NULL rows hold a placeholder.
#[derive(Debug)]
pub enum Data {
    /// BOOLEAN.
    Boolean(BooleanBufferBuilder),
    /// INTEGER.
    Integer(Vec<i32>),
    /// BIGINT.
    Bigint(Vec<i64>),
    /// DOUBLE.
    Double(Vec<f64>),
    /// DECIMAL.
    Decimal(DecimalBuilder),
    /// STRING.
    String(BytesBuilder),
    /// BYTES.
    Bytes(BytesBuilder),
    /// TIME.
    Time(Vec<i32>),
    /// DATE.
    Date(Vec<i32>),
    /// TIMESTAMP.
    Timestamp(Vec<i64>),
    /// ARRAY.
    Array(ArrayBuilder),
    /// MAP.
    Map(MapBuilder),
    /// STRUCT.
    Struct(StructBuilder),
}

/// Unscaled decimals of one precision and scale.
#[derive(Debug)]
pub struct DecimalBuilder {
    /// Number of digits.
    pub precision: u8,
    /// Digits behind the point.
    pub scale: u8,
    unscaled: Vec<i256>,
}

/// Byte strings, one behind the other.
#[derive(Debug)]
pub struct BytesBuilder {
    ends: Vec<i32>,
    bytes: Vec<u8>,
}

/// Elements of arrays, one array behind the other.
#[derive(Debug)]
pub struct ArrayBuilder {
    element: SqlType,
    ends: Vec<i32>,
    /// The elements; append to it before [`ColumnBuilder::end_nested`].
    pub items: Box<ColumnBuilder>,
}

/// Entries of maps, one map behind the other.
#[derive(Debug)]
pub struct MapBuilder {
    key: SqlType,
    value: SqlType,
    ends: Vec<i32>,
    /// The keys of the entries.
    pub keys: Box<ColumnBuilder>,
    /// The values of the entries.
    pub values: Box<ColumnBuilder>,
}

/// One builder per field.
#[derive(Debug)]
pub struct StructBuilder {
    fields: Fields,
    /// The fields, in the type's order.
    pub members: Vec<ColumnBuilder>,
}

/// One builder per column.
pub fn builders(columns: &[Column]) -> Vec<ColumnBuilder> {
    columns.iter().map(|column| ColumnBuilder::new(&column.ty)).collect()
}

/// Finishes every builder and leaves it empty for the next batch.
pub fn finish(builders: &mut [ColumnBuilder]) -> Vec<ArrayRef> {
    builders.iter_mut().map(ColumnBuilder::finish).collect()
}

/// Cuts or fills every builder so that it ends with a NULL row at `row`.
pub fn null_row(builders: &mut [ColumnBuilder], row: usize) {
    for builder in builders {
        builder.truncate(row);
        builder.append_null();
    }
}

impl ColumnBuilder {
    /// An empty column of type `ty`.
    pub fn new(ty: &SqlType) -> Self {
        Self { valid: NullBufferBuilder::new(0), data: Data::new(ty) }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.valid.len()
    }

    /// Whether the value at `row` is NULL.
    pub fn is_null(&self, row: usize) -> bool {
        !self.valid.is_valid(row)
    }

    /// The values. Whoever appends one must call [`Self::end_value`].
    pub fn data_mut(&mut self) -> &mut Data {
        &mut self.data
    }

    /// Makes a row of the value just appended to the data (of an ARRAY, MAP or STRUCT: to its
    /// children).
    pub fn end_value(&mut self) {
        match &mut self.data {
            Data::Array(array) => array.ends.push(position(array.items.len())),
            Data::Map(map) => map.ends.push(position(map.keys.len())),
            Data::String(text) | Data::Bytes(text) => text.end(),
            _ => {}
        }
        self.valid.append_non_null();
    }

    /// Appends NULL.
    pub fn append_null(&mut self) {
        self.data.append_placeholder();
        self.valid.append_null();
    }

    /// Forgets all rows from `rows` on, also those begun.
    pub fn truncate(&mut self, rows: usize) {
        self.data.truncate(rows);
        if rows < self.valid.len() {
            self.valid.truncate(rows);
        }
    }

    /// The finished array; the builder starts anew.
    pub fn finish(&mut self) -> ArrayRef {
        let rows = self.valid.len();
        let nulls = self.valid.finish();
        self.data.finish(rows, nulls)
    }
}

/// Number of children or bytes as an Arrow offset. Payloads are bounded by the log's
/// `max.message.bytes` and batches by the reader, so records can't meet this limit.
fn position(len: usize) -> i32 {
    i32::try_from(len).expect("a batch holds fewer than 2^31 nested values or bytes")
}

impl Data {
    fn new(ty: &SqlType) -> Self {
        match ty {
            SqlType::Boolean => Self::Boolean(BooleanBufferBuilder::new(0)),
            SqlType::Integer => Self::Integer(Vec::new()),
            SqlType::Bigint => Self::Bigint(Vec::new()),
            SqlType::Double => Self::Double(Vec::new()),
            SqlType::Decimal { precision, scale } => Self::Decimal(DecimalBuilder {
                precision: *precision,
                scale: *scale,
                unscaled: Vec::new(),
            }),
            SqlType::String => Self::String(BytesBuilder::new()),
            SqlType::Bytes => Self::Bytes(BytesBuilder::new()),
            SqlType::Time => Self::Time(Vec::new()),
            SqlType::Date => Self::Date(Vec::new()),
            SqlType::Timestamp => Self::Timestamp(Vec::new()),
            SqlType::Array(element) => Self::Array(ArrayBuilder::new(element)),
            SqlType::Map(key, value) => Self::Map(MapBuilder::new(key, value)),
            SqlType::Struct(fields) => Self::Struct(StructBuilder::new(fields)),
        }
    }

    fn append_placeholder(&mut self) {
        match self {
            Self::Boolean(values) => values.append(false),
            Self::Integer(values) | Self::Time(values) | Self::Date(values) => values.push(0),
            Self::Bigint(values) | Self::Timestamp(values) => values.push(0),
            Self::Double(values) => values.push(0.0),
            Self::Decimal(values) => values.unscaled.push(i256::ZERO),
            Self::String(text) | Self::Bytes(text) => text.end(),
            Self::Array(array) => array.ends.push(position(array.items.len())),
            Self::Map(map) => map.ends.push(position(map.keys.len())),
            Self::Struct(fields) => fields.members.iter_mut().for_each(ColumnBuilder::append_null),
        }
    }

    fn truncate(&mut self, rows: usize) {
        match self {
            Self::Boolean(values) if rows < values.len() => values.truncate(rows),
            Self::Boolean(_) => {}
            Self::Integer(values) | Self::Time(values) | Self::Date(values) => {
                values.truncate(rows);
            }
            Self::Bigint(values) | Self::Timestamp(values) => values.truncate(rows),
            Self::Double(values) => values.truncate(rows),
            Self::Decimal(values) => values.unscaled.truncate(rows),
            Self::String(text) | Self::Bytes(text) => text.truncate(rows),
            Self::Array(array) => array.truncate(rows),
            Self::Map(map) => map.truncate(rows),
            Self::Struct(fields) => fields.members.iter_mut().for_each(|m| m.truncate(rows)),
        }
    }

    fn finish(&mut self, rows: usize, nulls: Option<NullBuffer>) -> ArrayRef {
        match self {
            Self::Boolean(values) => Arc::new(BooleanArray::new(values.finish(), nulls)),
            Self::Integer(values) => primitive::<Int32Type>(values, nulls),
            Self::Bigint(values) => primitive::<Int64Type>(values, nulls),
            Self::Double(values) => primitive::<Float64Type>(values, nulls),
            Self::Decimal(values) => values.finish(nulls),
            Self::String(text) => text.finish_string(nulls),
            Self::Bytes(text) => text.finish_binary(nulls),
            Self::Time(values) => primitive::<Time32MillisecondType>(values, nulls),
            Self::Date(values) => primitive::<Date32Type>(values, nulls),
            Self::Timestamp(values) => primitive::<TimestampMillisecondType>(values, nulls),
            Self::Array(array) => array.finish(nulls),
            Self::Map(map) => map.finish(nulls),
            Self::Struct(fields) => fields.finish(rows, nulls),
        }
    }
}

fn primitive<T: ArrowPrimitiveType>(
    values: &mut Vec<T::Native>,
    nulls: Option<NullBuffer>,
) -> ArrayRef {
    let capacity = values.capacity();
    let full = std::mem::replace(values, Vec::with_capacity(capacity));
    Arc::new(PrimitiveArray::<T>::new(ScalarBuffer::from(full), nulls))
}

fn offsets(ends: &mut Vec<i32>) -> OffsetBuffer<i32> {
    let fresh = Vec::with_capacity(ends.capacity());
    let full = std::mem::replace(ends, started(fresh));
    OffsetBuffer::new(ScalarBuffer::from(full))
}

/// Offsets of no rows: Arrow's begin with a zero.
fn started(mut ends: Vec<i32>) -> Vec<i32> {
    ends.push(0);
    ends
}

impl DecimalBuilder {
    /// Appends an unscaled value that fits the precision.
    pub fn push(&mut self, unscaled: i256) {
        self.unscaled.push(unscaled);
    }

    fn finish(&mut self, nulls: Option<NullBuffer>) -> ArrayRef {
        let ty = SqlType::Decimal { precision: self.precision, scale: self.scale };
        let wide = std::mem::take(&mut self.unscaled);
        match columns::arrow_type(&ty) {
            narrow @ DataType::Decimal128(..) => {
                let values: Vec<i128> = wide.into_iter().map(i256::as_i128).collect();
                let array = PrimitiveArray::<Decimal128Type>::new(values.into(), nulls);
                Arc::new(array.with_data_type(narrow))
            }
            ty => {
                let array = PrimitiveArray::<Decimal256Type>::new(wide.into(), nulls);
                Arc::new(array.with_data_type(ty))
            }
        }
    }
}

impl BytesBuilder {
    fn new() -> Self {
        Self { ends: started(Vec::new()), bytes: Vec::new() }
    }

    /// The open value, to write into before [`ColumnBuilder::end_value`].
    pub fn open(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// The finished value at `row`.
    pub fn value(&self, row: usize) -> &[u8] {
        let at =
            |index: usize| usize::try_from(self.ends[index]).expect("offsets are not negative");
        &self.bytes[at(row)..at(row + 1)]
    }

    fn end(&mut self) {
        self.ends.push(position(self.bytes.len()));
    }

    fn truncate(&mut self, rows: usize) {
        let end = cut(&mut self.ends, rows);
        self.bytes.truncate(end);
    }

    fn take(&mut self) -> (OffsetBuffer<i32>, Buffer) {
        let fresh = Vec::with_capacity(self.bytes.capacity());
        let bytes = std::mem::replace(&mut self.bytes, fresh);
        (offsets(&mut self.ends), Buffer::from_vec(bytes))
    }

    fn finish_string(&mut self, nulls: Option<NullBuffer>) -> ArrayRef {
        let (offsets, bytes) = self.take();
        // Every value is UTF-8 (decoders check), and this checks again at the speed of memory.
        Arc::new(StringArray::new(offsets, bytes, nulls))
    }

    fn finish_binary(&mut self, nulls: Option<NullBuffer>) -> ArrayRef {
        let (offsets, bytes) = self.take();
        Arc::new(BinaryArray::new(offsets, bytes, nulls))
    }
}

/// Keeps the offsets of the first `rows` rows; gives the number of child rows or bytes they hold.
fn cut(ends: &mut Vec<i32>, rows: usize) -> usize {
    ends.truncate(rows + 1);
    let end = *ends.last().expect("offsets begin with a zero");
    usize::try_from(end).expect("offsets are not negative")
}

impl ArrayBuilder {
    fn new(element: &SqlType) -> Self {
        let items = Box::new(ColumnBuilder::new(element));
        Self { element: element.clone(), ends: started(Vec::new()), items }
    }

    fn truncate(&mut self, rows: usize) {
        let children = cut(&mut self.ends, rows);
        self.items.truncate(children);
    }

    fn finish(&mut self, nulls: Option<NullBuffer>) -> ArrayRef {
        let items = self.items.finish();
        let field = columns::list_item(&self.element);
        Arc::new(ListArray::new(field, offsets(&mut self.ends), items, nulls))
    }
}

impl MapBuilder {
    fn new(key: &SqlType, value: &SqlType) -> Self {
        Self {
            key: key.clone(),
            value: value.clone(),
            ends: started(Vec::new()),
            keys: Box::new(ColumnBuilder::new(key)),
            values: Box::new(ColumnBuilder::new(value)),
        }
    }

    fn truncate(&mut self, rows: usize) {
        let children = cut(&mut self.ends, rows);
        self.keys.truncate(children);
        self.values.truncate(children);
    }

    /// The first entry of the map that is being appended.
    pub fn open_start(&self) -> usize {
        let end = *self.ends.last().expect("offsets begin with a zero");
        usize::try_from(end).expect("offsets are not negative")
    }

    fn finish(&mut self, nulls: Option<NullBuffer>) -> ArrayRef {
        let field = columns::map_entries(&self.key, &self.value);
        let DataType::Struct(fields) = field.data_type() else {
            unreachable!("entries are a struct")
        };
        let entries = vec![self.keys.finish(), self.values.finish()];
        let entries = StructArray::new(fields.clone(), entries, None);
        Arc::new(MapArray::new(field, offsets(&mut self.ends), entries, nulls, false))
    }
}

impl StructBuilder {
    fn new(fields: &[types::Field]) -> Self {
        let members = fields.iter().map(|field| ColumnBuilder::new(&field.ty)).collect();
        Self { fields: columns::struct_fields(fields), members }
    }

    fn finish(&mut self, rows: usize, nulls: Option<NullBuffer>) -> ArrayRef {
        if self.members.is_empty() {
            return Arc::new(StructArray::new_empty_fields(rows, nulls));
        }
        let members: Vec<ArrayRef> = self.members.iter_mut().map(ColumnBuilder::finish).collect();
        Arc::new(StructArray::new(self.fields.clone(), members, nulls))
    }
}
