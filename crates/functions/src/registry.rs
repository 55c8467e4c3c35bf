//! Which functions there are, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::{AggregateRef, TableRef};
use crate::scalar::Scalar;

/// Functions by upper-case name. A name belongs to one kind only.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    scalars: BTreeMap<String, Arc<Scalar>>,
    aggregates: BTreeMap<String, AggregateRef>,
    tables: BTreeMap<String, TableRef>,
}

impl Registry {
    /// All built-in functions.
    pub fn builtin() -> Self {
        let mut registry = Self::default();
        crate::builtin::register(&mut registry);
        registry
    }

    /// Adds a scalar function, replacing one of the same name.
    pub fn add_scalar(&mut self, function: Scalar) {
        self.scalars.insert(function.name.to_owned(), Arc::new(function));
    }

    /// Adds an aggregate function, replacing one of the same name.
    pub fn add_aggregate(&mut self, function: AggregateRef) {
        self.aggregates.insert(function.name().to_owned(), function);
    }

    /// Adds a table function, replacing one of the same name.
    pub fn add_table(&mut self, function: TableRef) {
        self.tables.insert(function.name().to_owned(), function);
    }

    /// The scalar function called `name`, in any case.
    pub fn scalar(&self, name: &str) -> Option<&Arc<Scalar>> {
        self.scalars.get(&name.to_uppercase())
    }

    /// The aggregate function called `name`, in any case.
    pub fn aggregate(&self, name: &str) -> Option<&AggregateRef> {
        self.aggregates.get(&name.to_uppercase())
    }

    /// The table function called `name`, in any case.
    pub fn table(&self, name: &str) -> Option<&TableRef> {
        self.tables.get(&name.to_uppercase())
    }

    /// Every scalar function, by name.
    pub fn scalars(&self) -> impl Iterator<Item = &Arc<Scalar>> {
        self.scalars.values()
    }

    /// Every aggregate function, by name.
    pub fn aggregates(&self) -> impl Iterator<Item = &AggregateRef> {
        self.aggregates.values()
    }

    /// Every table function, by name.
    pub fn tables(&self) -> impl Iterator<Item = &TableRef> {
        self.tables.values()
    }
}
