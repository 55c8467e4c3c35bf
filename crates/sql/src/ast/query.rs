//! The query clause shared by SELECT, CREATE ... AS SELECT and INSERT INTO ... SELECT.

use super::{Expr, Identifier, Spanned};

/// A query.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The projection, at least one item.
    pub select: Vec<SelectItem>,
    /// Sources and joins.
    pub from: From,
    /// WINDOW.
    pub window: Option<Spanned<Window>>,
    /// WHERE.
    pub filter: Option<Expr>,
    /// GROUP BY; the list is empty for `GROUP BY ()`.
    pub group_by: Option<Spanned<Vec<Expr>>>,
    /// PARTITION BY; the list is empty for `PARTITION BY ()`.
    pub partition_by: Option<Spanned<Vec<Expr>>>,
    /// HAVING.
    pub having: Option<Expr>,
    /// EMIT.
    pub emit: Option<Spanned<Emit>>,
    /// LIMIT.
    pub limit: Option<Spanned<u64>>,
}

/// An item of the projection.
#[derive(Clone, Debug, PartialEq)]
pub enum SelectItem {
    /// `expr [[AS] alias]`.
    Expr {
        /// The expression.
        expr: Expr,
        /// Name of the column.
        alias: Option<Identifier>,
    },
    /// `struct->*`.
    Fields(Expr),
    /// `source.*`.
    SourceColumns(Identifier),
    /// `*`.
    AllColumns(Spanned<()>),
}

/// FROM.
#[derive(Clone, Debug, PartialEq)]
pub struct From {
    /// The left-most source.
    pub source: SourceRef,
    /// The joins, left-deep.
    pub joins: Vec<Join>,
}

/// A named source in FROM.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceRef {
    /// Name of the stream or table.
    pub name: Identifier,
    /// `[AS] alias`.
    pub alias: Option<Identifier>,
}

impl SourceRef {
    /// What columns of this source are qualified with.
    pub fn qualifier(&self) -> &Identifier {
        self.alias.as_ref().unwrap_or(&self.name)
    }
}

/// One `JOIN`.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// INNER, LEFT, ...
    pub kind: JoinKind,
    /// The right side.
    pub source: SourceRef,
    /// WITHIN.
    pub within: Option<Spanned<Within>>,
    /// ON.
    pub on: Expr,
    /// From the join's first word to its end.
    pub place: Spanned<()>,
}

/// Kinds of join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
}

/// `WITHIN size` or `WITHIN (before, after)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within {
    /// How much older the right record may be.
    pub before: Duration,
    /// How much newer the right record may be.
    pub after: Duration,
    /// GRACE PERIOD.
    pub grace: Option<Duration>,
}

/// A WINDOW clause.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// The optional name before the kind.
    pub name: Option<Identifier>,
    /// The kind with its sizes.
    pub kind: WindowKind,
    /// RETENTION.
    pub retention: Option<Duration>,
    /// GRACE PERIOD.
    pub grace: Option<Duration>,
}

/// Kinds of window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowKind {
    /// `TUMBLING (SIZE size)`.
    Tumbling {
        /// The size.
        size: Duration,
    },
    /// `HOPPING (SIZE size, ADVANCE BY advance)`.
    Hopping {
        /// The size.
        size: Duration,
        /// Distance of the beginnings of two windows.
        advance: Duration,
    },
    /// `SESSION (gap)`.
    Session {
        /// Inactivity that ends a session.
        gap: Duration,
    },
}

/// `value unit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration {
    /// How many.
    pub value: u64,
    /// Of what.
    pub unit: TimeUnit,
}

impl Duration {
    /// In milliseconds; `None` beyond an `i64`.
    pub fn as_ms(self) -> Option<i64> {
        let value = i64::try_from(self.value).ok()?;
        value.checked_mul(self.unit.as_ms())
    }
}

/// Units of time. Singular and plural words mean the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum TimeUnit {
    Days,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

impl TimeUnit {
    /// The unit a word names, in any case, singular or plural.
    pub fn from_word(word: &str) -> Option<Self> {
        match word.to_ascii_uppercase().as_str() {
            "DAY" | "DAYS" => Some(Self::Days),
            "HOUR" | "HOURS" => Some(Self::Hours),
            "MINUTE" | "MINUTES" => Some(Self::Minutes),
            "SECOND" | "SECONDS" => Some(Self::Seconds),
            "MILLISECOND" | "MILLISECONDS" => Some(Self::Milliseconds),
            _ => None,
        }
    }

    /// The plural word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Days => "DAYS",
            Self::Hours => "HOURS",
            Self::Minutes => "MINUTES",
            Self::Seconds => "SECONDS",
            Self::Milliseconds => "MILLISECONDS",
        }
    }

    /// Length in milliseconds.
    pub fn as_ms(self) -> i64 {
        match self {
            Self::Days => 86_400_000,
            Self::Hours => 3_600_000,
            Self::Minutes => 60_000,
            Self::Seconds => 1_000,
            Self::Milliseconds => 1,
        }
    }
}

/// EMIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emit {
    /// Every change.
    Changes,
    /// Only the final row of a closed window.
    Final,
}
