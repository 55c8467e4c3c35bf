//! What the parser makes of a text: statements, queries, expressions and types, each with its place.
//!
//! Made by `parser`, read by analysis and by `format`. Nothing here is resolved: names may be unknown
//! and types may be custom. Two nodes are equal when they mean the same, wherever they stand in the
//! text: spans take no part in comparisons.

mod command;
mod data_type;
mod definition;
mod expression;
mod name;
mod property;
mod query;
mod span;
mod statement;

pub use command::{
    AssertSchema, AssertSource, AssertTombstone, AssertTopic, AssertValues, ConnectorScope,
    CreateConnector, Describe, DropConnector, Explain, List, Print, Sampling, Target,
};
pub use data_type::{Type, TypeField, TypeKind};
pub use definition::{
    AlterSource, ColumnConstraint, ColumnDefinition, CreateAsSelect, CreateSource, CreateType,
    DropSource, DropType, InsertSelect, InsertValues,
};
pub use expression::{
    Call, Case, ColumnName, Expr, ExprKind, Lambda, Literal, LogicalOp, WhenClause,
};
pub use name::Identifier;
pub use property::{Properties, Property};
pub use query::{
    Duration, Emit, From, Join, JoinKind, Query, SelectItem, SourceRef, TimeUnit, Window,
    WindowKind, Within,
};
pub use span::{Position, SourceText, Span, Spanned};
pub use statement::{Statement, StatementKind};
