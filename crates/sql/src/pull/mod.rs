//! Pull queries: one look at a materialised table, or at a stream from its beginning to its present end
//! (spec section 1.16).

mod access;
mod query;
mod scan;

use plan::expression::Expr;
use types::{SourceKind, Value};

use crate::logical::ResultColumn;

pub use query::plan;

/// A pull query ready to run. Expressions refer to the rows of the source.
#[derive(Clone, Debug, PartialEq)]
pub struct PullPlan {
    /// The source's name.
    pub source: String,
    /// Stream or table.
    pub kind: SourceKind,
    /// Which rows must be looked at; `filter` still decides on each.
    pub access: Access,
    /// Which windows must be looked at.
    pub windows: WindowBounds,
    /// WHERE.
    pub filter: Option<Expr>,
    /// The values of a result row.
    pub projection: Vec<Expr>,
    /// Name, type and role of each.
    pub columns: Vec<ResultColumn>,
    /// LIMIT.
    pub limit: Option<u64>,
}

/// Which keys a pull query looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum Access {
    /// All of them.
    Scan,
    /// These: one value per key column, no key twice.
    Keys(Vec<Vec<Value>>),
    /// Those between two values of the only key column.
    Range {
        /// From here, and whether the value itself belongs to it.
        lower: Option<(Value, bool)>,
        /// Up to here, and whether the value itself belongs to it.
        upper: Option<(Value, bool)>,
    },
}

/// Bounds of the windows a pull query looks at, in milliseconds, inclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WindowBounds {
    /// WINDOWSTART from here.
    pub start_min: Option<i64>,
    /// WINDOWSTART up to here.
    pub start_max: Option<i64>,
    /// WINDOWEND from here.
    pub end_min: Option<i64>,
    /// WINDOWEND up to here.
    pub end_max: Option<i64>,
}
