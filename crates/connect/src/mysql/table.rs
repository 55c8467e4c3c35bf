//! Tables as the change stream writes their rows: columns in order, types, key.

use serde::{Deserialize, Serialize};

use super::ddl::ColumnDef;

/// A table's shape at some position of the change stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The database.
    pub database: String,
    /// The table's name.
    pub name: String,
    /// The columns in order.
    pub columns: Vec<Column>,
    /// Names of the key's columns, in the key's order; empty without a key.
    pub primary_key: Vec<String>,
    /// The default character set, when known.
    pub charset: Option<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
    /// Whether it may be NULL.
    pub is_nullable: bool,
    /// Its default, when a literal.
    pub default: Option<String>,
}

/// A column's type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataType {
    /// The kind.
    pub kind: TypeKind,
    /// The first argument: length, precision, fractional digits.
    pub length: Option<u32>,
    /// The second argument: decimal places.
    pub scale: Option<u32>,
    /// Whether it is unsigned.
    pub is_unsigned: bool,
    /// Labels of an ENUM or SET.
    pub values: Vec<String>,
    /// The character set of a text type.
    pub charset: Option<String>,
    /// Its collation.
    pub collation: Option<String>,
}

/// MySQL's and MariaDB's types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the database's own")]
pub enum TypeKind {
    TinyInt,
    SmallInt,
    MediumInt,
    Int,
    BigInt,
    Decimal,
    Float,
    Double,
    Bit,
    Char,
    VarChar,
    TinyText,
    Text,
    MediumText,
    LongText,
    Binary,
    VarBinary,
    TinyBlob,
    Blob,
    MediumBlob,
    LongBlob,
    Enum,
    Set,
    Json,
    Date,
    Time,
    DateTime,
    Timestamp,
    Year,
    Point,
    Geometry,
    Inet4,
    Inet6,
    Uuid,
    /// A type this crate does not know; its values are passed on as bytes.
    #[default]
    Unknown,
}

impl TypeKind {
    /// The kind called `name` (lower case), by any of its names.
    pub fn from_name(name: &str) -> Self {
        match name {
            "tinyint" | "int1" | "bool" | "boolean" => Self::TinyInt,
            "smallint" | "int2" => Self::SmallInt,
            "mediumint" | "int3" | "middleint" => Self::MediumInt,
            "int" | "integer" | "int4" => Self::Int,
            "bigint" | "int8" | "serial" => Self::BigInt,
            "decimal" | "dec" | "numeric" | "fixed" | "number" => Self::Decimal,
            "float" | "float4" => Self::Float,
            "double" | "float8" | "real" => Self::Double,
            "bit" => Self::Bit,
            "char" | "character" | "nchar" => Self::Char,
            "varchar" | "nvarchar" | "varcharacter" | "varchar2" => Self::VarChar,
            "tinytext" => Self::TinyText,
            "text" => Self::Text,
            "mediumtext" => Self::MediumText,
            "longtext" | "clob" => Self::LongText,
            "binary" => Self::Binary,
            "varbinary" | "raw" => Self::VarBinary,
            "tinyblob" => Self::TinyBlob,
            "blob" => Self::Blob,
            "mediumblob" => Self::MediumBlob,
            "longblob" => Self::LongBlob,
            "enum" => Self::Enum,
            "set" => Self::Set,
            "json" => Self::Json,
            "date" => Self::Date,
            "time" => Self::Time,
            "datetime" => Self::DateTime,
            "timestamp" => Self::Timestamp,
            "year" => Self::Year,
            "point" => Self::Point,
            "inet4" => Self::Inet4,
            "inet6" => Self::Inet6,
            "uuid" => Self::Uuid,
            "geometry" | "linestring" | "polygon" | "multipoint" | "multilinestring"
            | "multipolygon" | "geometrycollection" | "geomcollection" => Self::Geometry,
            _ => Self::Unknown,
        }
    }

    /// Whether values are text in a character set.
    pub fn is_text(self) -> bool {
        matches!(
            self,
            Self::Char
                | Self::VarChar
                | Self::TinyText
                | Self::Text
                | Self::MediumText
                | Self::LongText
                | Self::Enum
                | Self::Set
        )
    }

    /// Whether values are free text: no labels.
    pub fn is_character(self) -> bool {
        self.is_text() && !matches!(self, Self::Enum | Self::Set)
    }

    /// Whether the order of such keys can be asked of the server by literals, so that a table can be
    /// read by key. ENUM and SET sort by number but compare as text; floats have no exact literal.
    pub fn is_orderable_key(self) -> bool {
        matches!(
            self,
            Self::TinyInt
                | Self::SmallInt
                | Self::MediumInt
                | Self::Int
                | Self::BigInt
                | Self::Decimal
                | Self::Char
                | Self::VarChar
                | Self::Binary
                | Self::VarBinary
                | Self::Date
                | Self::DateTime
                | Self::Timestamp
                | Self::Year
        )
    }
}

impl Table {
    /// `database.table`.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.database, self.name)
    }

    /// Position of the column called `name`, whatever the case.
    pub fn column_index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Positions of the key's columns; empty without a key.
    pub fn key_indexes(&self) -> Vec<usize> {
        self.primary_key.iter().filter_map(|name| self.column_index(name)).collect()
    }

    /// The key's columns, in the key's order.
    pub fn key(&self) -> Vec<Column> {
        self.key_indexes().into_iter().map(|at| self.columns[at].clone()).collect()
    }

    /// Whether rows can be read in key order and resumed after a key.
    pub fn is_chunkable(&self) -> bool {
        let key = self.key_indexes();
        !key.is_empty()
            && key.iter().all(|index| self.columns[*index].data_type.kind.is_orderable_key())
    }
}

impl Column {
    /// A column as a DDL statement defines it, in a table with default character set `charset`.
    pub fn from_definition(def: &ColumnDef, charset: Option<&str>) -> Self {
        let mut data_type = def.data_type.clone();
        if data_type.kind.is_text() && data_type.charset.is_none() {
            data_type.charset = charset.map(str::to_owned);
        }
        Self {
            name: def.name.clone(),
            data_type,
            is_nullable: def.is_nullable,
            default: def.default.clone(),
        }
    }
}
