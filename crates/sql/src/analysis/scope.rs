//! The sources of a query and what column names mean among them.

use std::sync::Arc;

use functions::{Parameter, Registry};
use types::{Column, SqlType};

use crate::ast::{ColumnName, Expr, ExprKind, Identifier, Lambda, Span, TimeUnit};
use crate::catalog::{Catalog, SourceDefinition};
use crate::error::{Error, Problem, Result};
use crate::rewrite;

/// Names no user column may have.
pub const PSEUDO_COLUMNS: [&str; 5] =
    ["ROWTIME", "ROWPARTITION", "ROWOFFSET", "WINDOWSTART", "WINDOWEND"];

/// Whether `name` is one of [`PSEUDO_COLUMNS`].
pub fn is_pseudo(name: &str) -> bool {
    PSEUDO_COLUMNS.contains(&name)
}

/// Columns every row has without declaring them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Pseudo {
    RowTime,
    RowPartition,
    RowOffset,
    WindowStart,
    WindowEnd,
}

impl Pseudo {
    /// The pseudo column called `name`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "ROWTIME" => Some(Self::RowTime),
            "ROWPARTITION" => Some(Self::RowPartition),
            "ROWOFFSET" => Some(Self::RowOffset),
            "WINDOWSTART" => Some(Self::WindowStart),
            "WINDOWEND" => Some(Self::WindowEnd),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        PSEUDO_COLUMNS[self as usize]
    }

    /// Its type.
    pub fn ty(self) -> SqlType {
        match self {
            Self::RowPartition => SqlType::Integer,
            _ => SqlType::Bigint,
        }
    }

    /// WINDOWSTART or WINDOWEND.
    pub fn is_window_bound(self) -> bool {
        matches!(self, Self::WindowStart | Self::WindowEnd)
    }
}

/// A column of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Key column by position.
    Key(usize),
    /// Value column by position, header columns last.
    Value(usize),
    /// A pseudo column.
    Pseudo(Pseudo),
}

/// A source in FROM.
#[derive(Clone, Debug)]
pub struct ScopeSource {
    /// What its columns are qualified with.
    pub alias: String,
    /// Its definition.
    pub definition: Arc<SourceDefinition>,
}

impl ScopeSource {
    /// Where the column `name` is and what type it has.
    pub fn find(&self, name: &str) -> Option<(Place, SqlType)> {
        let definition = &self.definition;
        let position = |columns: &[Column]| columns.iter().position(|column| column.name == name);
        if let Some(at) = position(&definition.schema.key) {
            return Some((Place::Key(at), definition.schema.key[at].ty.clone()));
        }
        let value = definition.value_columns().enumerate().find(|(_, column)| column.name == name);
        if let Some((at, column)) = value {
            return Some((Place::Value(at), column.ty.clone()));
        }
        let pseudo = Pseudo::named(name)?;
        let exists = !pseudo.is_window_bound() || definition.window.is_some();
        exists.then(|| (Place::Pseudo(pseudo), pseudo.ty()))
    }
}

/// The sources of a query, left to right.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The sources.
    pub sources: Vec<ScopeSource>,
    /// Name and type of the key of a join that no column supplies (spec section 5.5).
    pub synthetic_key: Option<Column>,
    /// Whether the query aggregates by windows, so that window bounds are its own.
    pub windowed_aggregate: bool,
}

/// The clause an expression stands in, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Clause {
    Select,
    Where,
    GroupBy,
    PartitionBy,
    Having,
    JoinOn,
}

impl Clause {
    /// The clause's words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Where => "WHERE",
            Self::GroupBy => "GROUP BY",
            Self::PartitionBy => "PARTITION BY",
            Self::Having => "HAVING",
            Self::JoinOn => "JOIN ON",
        }
    }
}

impl Scope {
    /// Whether there is more than one source.
    pub fn is_join(&self) -> bool {
        self.sources.len() > 1
    }

    /// The source with that alias.
    pub fn index_of(&self, alias: &str) -> Option<usize> {
        self.sources.iter().position(|source| source.alias == alias)
    }

    /// The source a qualifier names.
    ///
    /// # Errors
    /// When there is none.
    pub fn source(&self, qualifier: &Identifier) -> Result<usize> {
        self.index_of(&qualifier.name).ok_or_else(|| {
            let message = format!(
                "Failed to prepare statement: '{}' is not a valid stream/table name or alias.",
                qualifier.name
            );
            Error::invalid_at("unknown-qualifier", message, qualifier.span)
        })
    }

    /// The source and place of a qualified column, as [`Self::qualify`] leaves them.
    pub fn place(&self, name: &ColumnName) -> Option<(usize, Place, SqlType)> {
        let source = self.index_of(&name.source.as_ref()?.name)?;
        let (place, ty) = self.sources[source].find(&name.name.name)?;
        Some((source, place, ty))
    }

    /// `expr` with every column qualified by its source. Columns of no source (the synthetic key of a
    /// join, the window bounds of an aggregation) lose their qualifier; unit words become units.
    ///
    /// # Errors
    /// For unknown and ambiguous names.
    pub fn qualify(&self, expr: &Expr, clause: Clause, functions: &Registry) -> Result<Expr> {
        self.qualify_within(expr, clause, functions, &[])
    }

    fn qualify_within(
        &self,
        expr: &Expr,
        clause: Clause,
        functions: &Registry,
        shadowed: &[Identifier],
    ) -> Result<Expr> {
        rewrite::replace(expr, &mut |node| match &node.kind {
            ExprKind::Column(name) => {
                if name.source.is_none() && shadowed.contains(&name.name) {
                    return Ok(Some(node.clone()));
                }
                let name = self.qualified(name, clause, node.span)?;
                Ok(Some(Expr::new(ExprKind::Column(name), node.span)))
            }
            ExprKind::Lambda(lambda) => {
                self.check_parameters(lambda)?;
                let mut inner = shadowed.to_vec();
                inner.extend(lambda.parameters.iter().cloned());
                let body = self.qualify_within(&lambda.body, clause, functions, &inner)?;
                let parameters = lambda.parameters.clone();
                let kind = ExprKind::Lambda(Lambda { parameters, body: Box::new(body) });
                Ok(Some(Expr::new(kind, node.span)))
            }
            ExprKind::Call(call) => match units_named(call, functions) {
                Some(call) => {
                    let call = Expr::new(ExprKind::Call(call), node.span);
                    self.qualify_within(&call, clause, functions, shadowed).map(Some)
                }
                None => Ok(None),
            },
            _ => Ok(None),
        })
    }

    fn check_parameters(&self, lambda: &Lambda) -> Result<()> {
        for parameter in &lambda.parameters {
            if self.sources.iter().any(|source| source.find(&parameter.name).is_some()) {
                let message =
                    format!("Lambda argument '{}' can't be the name of a column.", parameter.name);
                return Err(Error::invalid_at("lambda-parameters", message, parameter.span));
            }
        }
        Ok(())
    }

    fn qualified(&self, name: &ColumnName, clause: Clause, span: Span) -> Result<ColumnName> {
        if let Some(own) = self.own_column(name, clause, span)? {
            return Ok(own);
        }
        match &name.source {
            Some(qualifier) => {
                let source = self.source(qualifier)?;
                match self.sources[source].find(&name.name.name) {
                    Some(_) => Ok(name.clone()),
                    None => Err(self.unresolved(name, clause, span)),
                }
            }
            None => self.qualify_bare(name, clause, span),
        }
    }

    /// A column that no source has but the query itself.
    fn own_column(
        &self,
        name: &ColumnName,
        clause: Clause,
        span: Span,
    ) -> Result<Option<ColumnName>> {
        let column = &name.name.name;
        let bare = || ColumnName { source: None, name: name.name.clone() };
        if name.source.is_none()
            && self.synthetic_key.as_ref().is_some_and(|key| key.name == *column)
        {
            return Ok(Some(bare()));
        }
        let is_bound = Pseudo::named(column).is_some_and(Pseudo::is_window_bound);
        if !self.windowed_aggregate || !is_bound {
            return Ok(None);
        }
        if let Some(qualifier) = &name.source {
            self.source(qualifier)?;
        }
        match clause {
            Clause::Select => Ok(Some(bare())),
            Clause::Where if self.sources.iter().any(|source| source.find(column).is_some()) => {
                Ok(None)
            }
            Clause::Where => {
                let message = format!("Error in WHERE expression: Unknown column {column}.");
                Err(Error::invalid_at("unknown-column", message, span))
            }
            _ => {
                let message = format!(
                    "Window bounds column {column} can only be used in the SELECT clause of windowed aggregations and can not be passed to aggregate functions."
                );
                Err(Error::invalid_at("window-bounds", message, span))
            }
        }
    }

    fn qualify_bare(&self, name: &ColumnName, clause: Clause, span: Span) -> Result<ColumnName> {
        let column = &name.name.name;
        let found: Vec<&ScopeSource> =
            self.sources.iter().filter(|source| source.find(column).is_some()).collect();
        match found.as_slice() {
            [] => Err(self.unresolved(name, clause, span)),
            [source] => {
                let qualifier = Identifier::synthetic(source.alias.clone());
                Ok(ColumnName { source: Some(qualifier), name: name.name.clone() })
            }
            several => {
                let candidates: Vec<String> =
                    several.iter().map(|source| format!("{}.{column}", source.alias)).collect();
                let message = format!(
                    "Column '{column}' is ambiguous. Could be {}.",
                    crate::text::one_of(&candidates)
                );
                let problem = Problem::new("ambiguous-column", message).at(span);
                Err(match clause {
                    Clause::JoinOn => problem.context("Exception while preparing statement"),
                    _ => problem,
                }
                .invalid())
            }
        }
    }

    fn unresolved(&self, name: &ColumnName, clause: Clause, span: Span) -> Error {
        let written = match &name.source {
            Some(source) => format!("{}.{}", source.name, name.name.name),
            None => name.name.name.clone(),
        };
        let mut message = format!("{} column '{written}' cannot be resolved.", clause.words());
        if clause == Clause::PartitionBy {
            message.push_str(&format!(
                " '{written}' must be a column in the source schema since PARTITION BY is applied on the input."
            ));
        }
        Error::invalid_at("unknown-column", message, span)
    }

    /// Whether more than one source has a column called `name`.
    pub fn is_shared(&self, name: &str) -> bool {
        self.sources.iter().filter(|source| source.find(name).is_some()).count() > 1
    }

    /// Names of all declared columns.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().flat_map(|source| {
            let schema = &source.definition.schema;
            let columns = schema.key.iter().chain(source.definition.value_columns());
            columns.map(|column| column.name.as_str())
        })
    }
}

/// The call with unit words in place of columns where the function takes units; `None` when there are
/// none.
fn units_named(call: &crate::ast::Call, functions: &Registry) -> Option<crate::ast::Call> {
    let function = functions.scalar(&call.function.name)?;
    let mut replaced = None;
    for (index, argument) in call.arguments.iter().enumerate() {
        let ExprKind::Column(name) = &argument.kind else { continue };
        let takes_unit = function
            .overloads
            .iter()
            .any(|overload| overload.parameters.get(index) == Some(&Parameter::Unit));
        let Some(unit) = TimeUnit::from_word(&name.name.name) else { continue };
        if takes_unit {
            let call = replaced.get_or_insert_with(|| call.clone());
            call.arguments[index] = Expr::new(ExprKind::Unit(unit), argument.span);
        }
    }
    replaced
}

/// Finds the source called `name`.
///
/// # Errors
/// When there is none, with advice if only the case is wrong.
pub fn lookup<'a>(catalog: &'a Catalog, name: &Identifier) -> Result<&'a Arc<SourceDefinition>> {
    catalog.source(&name.name).ok_or_else(|| {
        let problem =
            Problem::new("unknown-source", format!("{} does not exist.", name.name)).at(name.span);
        match similar_name_hint(catalog, &name.name) {
            Some(hint) => problem.detail(hint),
            None => problem,
        }
        .invalid()
    })
}

/// Advice when a source of that name exists in another case.
pub fn similar_name_hint(catalog: &Catalog, name: &str) -> Option<String> {
    let similar = catalog.sources().find(|source| source.name.eq_ignore_ascii_case(name))?;
    let is_plain = similar.name == similar.name.to_uppercase();
    Some(if is_plain {
        format!(
            "Did you mean {}? Hint: try removing double quotes from the source name.",
            similar.name
        )
    } else {
        format!(
            "Did you mean \"{}\"? Hint: wrap the source name in double quotes to make it case-sensitive.",
            similar.name
        )
    })
}
