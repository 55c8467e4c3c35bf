//! The stores of one task, by their index in the plan, and how table rows lie in them.

use arrow_array::{ArrayRef, UInt32Array};
use state::{KeyIndex, Store, WindowKey, WindowedStore};
use types::Column;

use crate::chunk::{row_number, take_columns};
use crate::row_codec::RowCodec;
use crate::{Error, Result};

/// A store of a task.
#[derive(Debug)]
pub(crate) enum TaskStore {
    /// One row per key.
    Table(Store),
    /// Rows by key and time.
    Windowed(WindowedStore),
    /// Primary keys by foreign key.
    Index(KeyIndex),
}

impl TaskStore {
    /// The byte store below.
    pub fn bytes(&mut self) -> &mut Store {
        match self {
            Self::Table(store) => store,
            Self::Windowed(store) => store.store_mut(),
            Self::Index(store) => store.store_mut(),
        }
    }

    /// Applies an entry of the changelog.
    pub fn restore(&mut self, key: &[u8], value: Option<&[u8]>) {
        match self {
            Self::Table(store) => store.restore(key, value),
            Self::Windowed(store) => store.restore(key, value),
            Self::Index(store) => store.store_mut().restore(key, value),
        }
    }
}

/// Stores that keep a table's rows: by key, or by key and window. The window is ignored by the former.
impl TaskStore {
    /// The stored row.
    pub fn get_row(&mut self, key: &[u8], window: WindowKey) -> Result<Option<&[u8]>> {
        match self {
            Self::Windowed(store) => Ok(store.get(key, window)?),
            other => Ok(other.bytes().get(key)?),
        }
    }

    /// Sets a row.
    pub fn put_row(&mut self, key: &[u8], window: WindowKey, row: &[u8]) -> Result<()> {
        match self {
            Self::Windowed(store) => store.put(key, window, row)?,
            other => other.bytes().put(key, row),
        }
        Ok(())
    }

    /// Removes a row.
    pub fn delete_row(&mut self, key: &[u8], window: WindowKey) {
        match self {
            Self::Windowed(store) => store.delete(key, window),
            other => other.bytes().delete(key),
        }
    }
}

/// The stores of a task; those of other sub-topologies of the plan are absent.
#[derive(Debug, Default)]
pub(crate) struct Stores {
    /// By index in the plan.
    pub by_index: Vec<Option<TaskStore>>,
}

impl Stores {
    /// The store `index`, which keeps the rows of a table.
    pub fn rows(&mut self, index: usize) -> Result<&mut TaskStore> {
        match self.by_index.get_mut(index) {
            Some(Some(store)) if !matches!(store, TaskStore::Index(_)) => Ok(store),
            _ => Err(missing(index, "row")),
        }
    }

    /// The table store `index`.
    pub fn table(&mut self, index: usize) -> Result<&mut Store> {
        match self.by_index.get_mut(index) {
            Some(Some(TaskStore::Table(store))) => Ok(store),
            _ => Err(missing(index, "key-value")),
        }
    }

    /// The windowed store `index`.
    pub fn windowed(&mut self, index: usize) -> Result<&mut WindowedStore> {
        match self.by_index.get_mut(index) {
            Some(Some(TaskStore::Windowed(store))) => Ok(store),
            _ => Err(missing(index, "windowed")),
        }
    }

    /// The foreign-key index `index`.
    pub fn index(&mut self, index: usize) -> Result<&mut KeyIndex> {
        match self.by_index.get_mut(index) {
            Some(Some(TaskStore::Index(store))) => Ok(store),
            _ => Err(missing(index, "foreign-key")),
        }
    }
}

fn missing(index: usize, kind: &str) -> Error {
    Error::Plan(format!("store {index} is no {kind} store of this sub-topology"))
}

/// Bytes of the timestamp in front of a stored row.
const TIMESTAMP_BYTES: usize = 8;

/// How a table's rows lie in its store: the key by [`RowCodec`]; the value is the row's timestamp
/// (8 bytes big endian) followed by the value columns by [`RowCodec`].
#[derive(Debug)]
pub(crate) struct TableCodec {
    /// Codec of keys.
    pub key: RowCodec,
    value: RowCodec,
}

impl TableCodec {
    /// The codec of a table with these columns.
    pub fn try_new(key: &[Column], value: &[Column]) -> Result<Self> {
        Ok(Self { key: RowCodec::try_new(key)?, value: RowCodec::try_new(value)? })
    }

    /// Encodes the value columns of rows, to be stored with [`Self::write_row`].
    pub fn encode_values(&self, columns: &[ArrayRef]) -> Result<crate::row_codec::EncodedRows> {
        self.value.encode(columns)
    }

    /// Writes a stored value to `out`.
    pub fn write_row(timestamp_ms: i64, row: &[u8], out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&timestamp_ms.to_be_bytes());
        out.extend_from_slice(row);
    }
}

/// Stored rows found for the rows of a chunk, kept as bytes until all are found.
#[derive(Debug, Default)]
pub(crate) struct FoundRows {
    bytes: Vec<u8>,
    /// End in `bytes` of each found row.
    ends: Vec<usize>,
    /// For each row looked up, the number of the found one.
    found: Vec<Option<u32>>,
}

impl FoundRows {
    /// Notes what was found for the next row.
    pub fn push(&mut self, stored: Option<&[u8]>) {
        self.push_row(stored.map(split_stored));
    }

    /// Notes an encoded row, without timestamp.
    pub fn push_row(&mut self, row: Option<&[u8]>) {
        self.found.push(row.map(|_| row_number(self.ends.len())));
        if let Some(row) = row {
            self.bytes.extend_from_slice(row);
            self.ends.push(self.bytes.len());
        }
    }

    /// Number of rows looked up.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether anything was found for `row`.
    pub fn is_found(&self, row: usize) -> bool {
        self.found[row].is_some()
    }

    /// The value columns, one row per row looked up, NULL where nothing was found.
    pub fn columns(&self, codec: &TableCodec) -> Result<Vec<ArrayRef>> {
        self.decode(&codec.value)
    }

    /// As [`Self::columns`] with a codec of the rows themselves.
    pub fn decode(&self, codec: &RowCodec) -> Result<Vec<ArrayRef>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let rows = starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end]);
        let columns = codec.decode(rows)?;
        if self.found.len() == self.ends.len() && self.found.iter().all(Option::is_some) {
            return Ok(columns);
        }
        take_columns(&columns, &UInt32Array::from(self.found.clone()))
    }
}

/// The encoded row of a stored value, behind its timestamp.
pub(crate) fn split_stored(stored: &[u8]) -> &[u8] {
    stored.get(TIMESTAMP_BYTES..).unwrap_or_default()
}

/// The timestamp of a stored row.
pub(crate) fn timestamp_of(stored: &[u8]) -> i64 {
    let bytes = stored.first_chunk::<TIMESTAMP_BYTES>().copied().unwrap_or_default();
    i64::from_be_bytes(bytes)
}
