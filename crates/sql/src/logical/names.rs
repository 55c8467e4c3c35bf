//! Where the columns of the sources are in the rows between two nodes.

use std::collections::BTreeMap;

use plan::expression::{ColumnRef, Expr as Typed};
use plan::logical::Layout;
use types::SqlType;

use crate::analysis::{Analysis, Place, Pseudo};
use crate::ast::{ColumnName, Expr, Span};
use crate::error::{Error, Result};
use crate::expression::Names;

/// The columns of the sources by source and place.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    columns: BTreeMap<(usize, Place), ColumnRef>,
    /// The key that no column supplies, with its type.
    pub synthetic: Option<(ColumnRef, SqlType)>,
}

/// The pseudo columns and how rows carry them.
const PSEUDO: [(Pseudo, ColumnRef); 5] = [
    (Pseudo::RowTime, ColumnRef::RowTime),
    (Pseudo::RowPartition, ColumnRef::RowPartition),
    (Pseudo::RowOffset, ColumnRef::RowOffset),
    (Pseudo::WindowStart, ColumnRef::WindowStart),
    (Pseudo::WindowEnd, ColumnRef::WindowEnd),
];

impl Bindings {
    /// The columns of `source` as it is read.
    pub fn of_source(source: usize, layout: &Layout) -> Self {
        let mut bindings = Self::default();
        for index in 0..layout.key.len() {
            bindings.bind(source, Place::Key(index), ColumnRef::Key(index));
        }
        for index in 0..layout.value.len() {
            bindings.bind(source, Place::Value(index), ColumnRef::Value(index));
        }
        for (pseudo, column) in PSEUDO {
            bindings.bind(source, Place::Pseudo(pseudo), column);
        }
        bindings
    }

    /// Notes where a column is.
    pub fn bind(&mut self, source: usize, place: Place, column: ColumnRef) {
        self.columns.insert((source, place), column);
    }

    /// Where a column is.
    pub fn column(&self, source: usize, place: Place) -> Option<ColumnRef> {
        self.columns.get(&(source, place)).copied()
    }

    /// The columns of both sides of a join, by the rule of [`plan::logical::Join`]: the left's key and
    /// value, then the right's key and value, all as values. Pseudo columns do not survive.
    pub fn joined(left: (&Self, &Layout), right: (&Self, &Layout)) -> Self {
        let mut joined = Self::default();
        let mut first = 0;
        for (bindings, layout) in [left, right] {
            for ((source, place), column) in &bindings.columns {
                let index = match column {
                    ColumnRef::Key(index) => first + index,
                    ColumnRef::Value(index) => first + layout.key.len() + index,
                    _ => continue,
                };
                joined.bind(*source, *place, ColumnRef::Value(index));
            }
            first += layout.key.len() + layout.value.len();
        }
        joined
    }
}

/// What names mean over some rows.
pub struct InputNames<'a> {
    analysis: &'a Analysis,
    bindings: &'a Bindings,
    replacements: Vec<(Expr, Typed)>,
    window_bounds: bool,
}

impl<'a> InputNames<'a> {
    /// Names over rows with `bindings`.
    pub fn new(analysis: &'a Analysis, bindings: &'a Bindings) -> Self {
        Self { analysis, bindings, replacements: Vec::new(), window_bounds: false }
    }

    /// The same with some expressions already computed.
    #[must_use]
    pub fn with_replacements(mut self, replacements: Vec<(Expr, Typed)>) -> Self {
        self.replacements = replacements;
        self
    }

    /// The same with WINDOWSTART and WINDOWEND of an aggregation.
    #[must_use]
    pub fn with_window_bounds(mut self, window_bounds: bool) -> Self {
        self.window_bounds = window_bounds;
        self
    }

    fn own_column(&self, name: &str) -> Option<Typed> {
        if let (Some(key), Some((column, ty))) =
            (&self.analysis.scope.synthetic_key, &self.bindings.synthetic)
            && key.name == name
        {
            return Some(Typed::column(*column, ty.clone()));
        }
        let (_, column) = PSEUDO.iter().find(|(pseudo, _)| pseudo.name() == name)?;
        self.window_bounds.then(|| Typed::column(*column, SqlType::Bigint))
    }
}

impl Names for InputNames<'_> {
    fn replacement(&self, expr: &Expr) -> Option<Typed> {
        self.replacements.iter().find(|(known, _)| known == expr).map(|(_, typed)| typed.clone())
    }

    fn column(&self, name: &ColumnName, span: Span) -> Result<Typed> {
        let found = match self.analysis.scope.place(name) {
            Some((source, place, ty)) => {
                self.bindings.column(source, place).map(|column| Typed::column(column, ty))
            }
            None => self.own_column(&name.name.name),
        };
        found.ok_or_else(|| {
            let message = format!("Unknown column {}.", name.name.name);
            Error::invalid_at("unknown-column", message, span)
        })
    }

    fn label(&self, name: &ColumnName) -> String {
        match &name.source {
            Some(source) if self.analysis.scope.is_join() => {
                format!("{}_{}", source.name, name.name.name)
            }
            _ => name.name.name.clone(),
        }
    }
}
