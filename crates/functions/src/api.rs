//! What a function is: a small, documented unit over Arrow arrays.
//!
//! A scalar function is a [`Scalar`] with overloads; planning resolves a call to one overload
//! ([`Scalar::resolve`]), evaluation calls it with whole columns. A failing row becomes NULL and is
//! reported through [`Call::fail`]; a function never fails its batch.

use std::fmt;
use std::sync::Arc;

use arrow_array::ArrayRef;
use types::{SqlType, Value};

use crate::Result;

/// Type of one argument at planning time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArgumentType {
    /// An expression of that type.
    Sql(SqlType),
    /// The NULL literal, which takes any type.
    Null,
    /// A lambda with that many parameters, whose body's type is known once its parameters' are.
    Lambda {
        /// Number of parameters.
        parameters: usize,
        /// Type of the body, when it was already typed.
        returns: Option<SqlType>,
    },
    /// A unit word such as `DAYS`.
    Unit,
}

/// Which overload a call means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Index into the function's overloads; stored in plans.
    pub overload: usize,
    /// The type each argument must be cast to before the call; `None` for lambdas and units.
    pub arguments: Vec<Option<SqlType>>,
    /// Type of the result.
    pub returns: SqlType,
}

/// One argument at evaluation time.
#[derive(Clone)]
pub enum Argument<'a> {
    /// A column with one entry per row. Units arrive as a STRING column.
    Column(ArrayRef),
    /// A lambda to call back.
    Lambda(&'a dyn Lambda),
}

/// A lambda's body, implemented by the expression evaluator.
pub trait Lambda {
    /// Evaluates the body over `arguments` (one array per parameter, all of one length). `rows[i]` is
    /// the row of the enclosing call that entry `i` belongs to, for bodies that use its columns.
    /// Failures of the body itself are noted by row of the enclosing call; the calling function decides
    /// what they mean for that row.
    fn call(&self, arguments: &[ArrayRef], rows: &[u32], failures: &mut Failures) -> ArrayRef;
}

/// Rows of a batch whose evaluation failed, with the reason.
#[derive(Clone, Debug, Default)]
pub struct Failures {
    /// `(row, message)` in the order they were found.
    pub rows: Vec<(usize, String)>,
}

impl Failures {
    /// Notes that `row` failed.
    pub fn push(&mut self, row: usize, message: impl Into<String>) {
        self.rows.push((row, message.into()));
    }
}

/// Things outside the rows that functions may ask for.
pub trait Environment: Send + Sync + fmt::Debug {
    /// Milliseconds since the epoch (UNIX_TIMESTAMP()).
    fn now_ms(&self) -> i64;

    /// 64 random bits (RANDOM(), UUID()).
    fn random_u64(&self) -> u64;
}

/// One evaluation of an overload over a batch.
pub struct Call<'a> {
    /// The arguments, cast to what the resolution asked for.
    pub arguments: &'a [Argument<'a>],
    /// Number of rows.
    pub rows: usize,
    /// Type of the result, as resolved.
    pub returns: &'a SqlType,
    /// Clock and randomness.
    pub environment: &'a dyn Environment,
    /// Where failing rows are noted; their result is NULL.
    pub failures: &'a mut Failures,
}

impl Call<'_> {
    /// The column of argument `index`.
    ///
    /// # Panics
    /// If that argument is a lambda or absent, which resolution excludes.
    pub fn column(&self, index: usize) -> &ArrayRef {
        match &self.arguments[index] {
            Argument::Column(column) => column,
            Argument::Lambda(_) => unreachable!("argument {index} was resolved as a column"),
        }
    }

    /// Notes that `row` failed; the caller leaves NULL there.
    pub fn fail(&mut self, row: usize, message: impl Into<String>) {
        self.failures.push(row, message);
    }
}

/// State of one aggregate call for many groups ("slots"), used by the aggregation operator.
///
/// Life cycle: `resize` makes room, `clear(slot)` starts a group, `bind` hands in the argument columns
/// of a batch, then `add`/`undo` are called row by row in order and `push_result` after any of them;
/// `take_results` hands out the results pushed so far as one column.
pub trait Accumulators: Send {
    /// Makes room for slots `0..slots`; new ones are as cleared.
    fn resize(&mut self, slots: usize);

    /// Sets `slot` to the initial state.
    fn clear(&mut self, slot: usize);

    /// Takes the argument columns of the next rows; the constant arguments are not among them.
    fn bind(&mut self, arguments: &[ArrayRef]);

    /// Adds `row` of the bound columns to `slot`. An error is a query error (spec section 2.7).
    fn add(&mut self, slot: usize, row: usize) -> std::result::Result<(), String>;

    /// Takes `row` of the bound columns out of `slot`; only for functions that can undo.
    fn undo(&mut self, slot: usize, row: usize) -> std::result::Result<(), String>;

    /// Merges state `from` into `into` (session windows); `into` is the earlier session.
    fn merge(&mut self, into: usize, from: usize) -> std::result::Result<(), String>;

    /// Appends the present result of `slot` to the pending results.
    fn push_result(&mut self, slot: usize);

    /// Takes the pending results as a column of the aggregate's return type.
    fn take_results(&mut self) -> ArrayRef;

    /// Appends the state of `slot` to `out` in this function's own stable, self-delimiting layout.
    fn save(&self, slot: usize, out: &mut Vec<u8>);

    /// Reads a state written by [`Self::save`] from the front of `bytes` into `slot`, and returns the
    /// rest. Fails on bytes that `save` can't have written.
    fn load<'a>(&mut self, slot: usize, bytes: &'a [u8]) -> std::result::Result<&'a [u8], String>;
}

/// An aggregate function.
pub trait Aggregate: Send + Sync + fmt::Debug {
    /// Its name, upper case.
    fn name(&self) -> &str;

    /// One sentence for DESCRIBE FUNCTION.
    fn description(&self) -> &str;

    /// Signatures as DESCRIBE FUNCTION lists them: argument types and the return type, as text.
    fn signatures(&self) -> Vec<(Vec<String>, String)>;

    /// Resolves a call; `constants[i]` is the value of argument `i` if it is a literal. Which
    /// arguments are configuration rather than columns is told in the answer.
    fn resolve(
        &self,
        arguments: &[ArgumentType],
        constants: &[Option<Value>],
    ) -> Result<AggregateResolution>;

    /// Whether `ksql.functions.<name>.limit` bounds how much a group keeps. Planning then appends the
    /// property's value, if it is set, to the constants as an INTEGER.
    fn is_limited(&self) -> bool {
        false
    }

    /// State for a call resolved earlier: argument column types, constant arguments (cast), return type.
    fn accumulators(
        &self,
        arguments: &[SqlType],
        constants: &[Value],
        returns: &SqlType,
    ) -> Box<dyn Accumulators>;
}

/// Which aggregate a call means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AggregateResolution {
    /// Types to which the first arguments, those that are columns, must be cast.
    pub arguments: Vec<SqlType>,
    /// How many trailing arguments are constants.
    pub constants: usize,
    /// Type of the result.
    pub returns: SqlType,
    /// Whether `undo` works, so that tables can be grouped.
    pub can_undo: bool,
}

/// A table function: from one row to many.
pub trait Table: Send + Sync + fmt::Debug {
    /// Its name, upper case.
    fn name(&self) -> &str;

    /// One sentence for DESCRIBE FUNCTION.
    fn description(&self) -> &str;

    /// Signatures as DESCRIBE FUNCTION lists them.
    fn signatures(&self) -> Vec<(Vec<String>, String)>;

    /// Types the arguments must be cast to, and the type of the produced rows.
    fn resolve(&self, arguments: &[ArgumentType]) -> Result<(Vec<SqlType>, SqlType)>;

    /// The produced rows of the whole batch, flattened, and how many each input row produced.
    fn explode(&self, call: &mut Call<'_>) -> (ArrayRef, Vec<usize>);
}

/// Shared handle of an aggregate function.
pub type AggregateRef = Arc<dyn Aggregate>;
/// Shared handle of a table function.
pub type TableRef = Arc<dyn Table>;
