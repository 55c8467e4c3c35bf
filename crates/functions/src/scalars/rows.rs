//! Row by row evaluation over typed columns: the functions of this folder are written as plain Rust
//! functions of one row's values, and [`map1`], [`map2`], ... apply them to whole columns.
//!
//! A NULL argument makes the result NULL, unless the function takes an `Option`. A function returns
//! its value, an `Option` of it, or a `Result` whose error text is noted as the row's failure.

use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BinaryBuilder, BooleanBuilder, Date32Builder, Float64Builder, Int32Builder,
    Int64Builder, ListBuilder, StringBuilder, Time32MillisecondBuilder,
    TimestampMillisecondBuilder,
};
use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array,
    StringArray, Time32MillisecondArray, TimestampMillisecondArray,
};
use types::{Decimal, SqlType, Value, columns};

use crate::{Argument, Call};

/// A DATE: days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Days(pub i32);
/// A TIME: milliseconds of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeMs(pub i32);
/// A TIMESTAMP: milliseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimestampMs(pub i64);

/// The value of an argument in one row.
pub trait Cell<'a>: Sized {
    /// The column it is read from.
    type Column;

    /// The typed column of an argument.
    fn column(array: &'a ArrayRef) -> Self::Column;

    /// The value at `row`; `None` makes the row's result NULL.
    fn read(column: &Self::Column, row: usize) -> Option<Self>;
}

/// A value that can stand in a result column.
pub trait Item: Sized {
    /// Collects the column.
    type Builder;

    /// An empty builder for a column of type `returns`.
    fn builder(returns: &SqlType) -> Self::Builder;

    /// Appends a value or NULL.
    fn append(builder: &mut Self::Builder, item: Option<Self>);

    /// The column.
    fn finish(builder: Self::Builder, returns: &SqlType) -> ArrayRef;
}

/// What a function of one row gives back.
pub trait Outcome {
    /// The value.
    type Item: Item;

    /// The value, NULL, or why the row failed.
    fn into_result(self) -> Result<Option<Self::Item>, String>;
}

impl<T: Item> Outcome for T {
    type Item = T;
    fn into_result(self) -> Result<Option<T>, String> {
        Ok(Some(self))
    }
}

impl<T: Item> Outcome for Option<T> {
    type Item = T;
    fn into_result(self) -> Result<Option<T>, String> {
        Ok(self)
    }
}

impl<T: Item> Outcome for Result<T, String> {
    type Item = T;
    fn into_result(self) -> Result<Option<T>, String> {
        self.map(Some)
    }
}

impl<T: Item> Outcome for Result<Option<T>, String> {
    type Item = T;
    fn into_result(self) -> Result<Option<T>, String> {
        self
    }
}

impl<'a, C: Cell<'a>> Cell<'a> for Option<C> {
    type Column = C::Column;
    fn column(array: &'a ArrayRef) -> C::Column {
        C::column(array)
    }
    fn read(column: &C::Column, row: usize) -> Option<Self> {
        Some(C::read(column, row))
    }
}

/// Cells read from one kind of array: `type, array, how to view it, value => cell`.
macro_rules! cell {
    ($cell:ty, $array:ty, $view:expr, $value:pat => $read:expr) => {
        impl<'a> Cell<'a> for $cell {
            type Column = &'a $array;
            fn column(array: &'a ArrayRef) -> &'a $array {
                $view(array)
            }
            fn read(column: &&'a $array, row: usize) -> Option<Self> {
                column.is_valid(row).then(|| {
                    let $value = column.value(row);
                    $read
                })
            }
        }
    };
}

cell!(bool, BooleanArray, |array: &'a ArrayRef| array.as_boolean(), v => v);
cell!(i32, Int32Array, |array: &'a ArrayRef| array.as_primitive(), v => v);
cell!(i64, Int64Array, |array: &'a ArrayRef| array.as_primitive(), v => v);
cell!(f64, Float64Array, |array: &'a ArrayRef| array.as_primitive(), v => v);
cell!(&'a str, StringArray, |array: &'a ArrayRef| array.as_string(), v => v);
cell!(&'a [u8], BinaryArray, |array: &'a ArrayRef| array.as_binary(), v => v);
cell!(Days, Date32Array, |array: &'a ArrayRef| array.as_primitive(), v => Days(v));
cell!(TimeMs, Time32MillisecondArray, |array: &'a ArrayRef| array.as_primitive(), v => TimeMs(v));
cell!(TimestampMs, TimestampMillisecondArray, |array: &'a ArrayRef| array.as_primitive(),
      v => TimestampMs(v));

/// Any value; slow, for functions of structured values only.
impl<'a> Cell<'a> for Value {
    type Column = &'a ArrayRef;
    fn column(array: &'a ArrayRef) -> &'a ArrayRef {
        array
    }
    fn read(column: &&'a ArrayRef, row: usize) -> Option<Self> {
        column.is_valid(row).then(|| columns::value_at(column, row))
    }
}

impl<'a> Cell<'a> for Decimal {
    type Column = &'a ArrayRef;
    fn column(array: &'a ArrayRef) -> &'a ArrayRef {
        array
    }
    fn read(column: &&'a ArrayRef, row: usize) -> Option<Self> {
        match columns::value_at(column, row) {
            Value::Decimal(decimal) => Some(decimal),
            _ => None,
        }
    }
}

/// Items collected by one of Arrow's builders.
macro_rules! item {
    ($item:ty, $builder:ty, $value:pat => $append:expr) => {
        impl Item for $item {
            type Builder = $builder;
            fn builder(_: &SqlType) -> $builder {
                <$builder>::default()
            }
            fn append(builder: &mut $builder, item: Option<Self>) {
                builder.append_option(item.map(|$value| $append));
            }
            fn finish(mut builder: $builder, _: &SqlType) -> ArrayRef {
                ArrayBuilder::finish(&mut builder)
            }
        }
    };
}

item!(bool, BooleanBuilder, v => v);
item!(i32, Int32Builder, v => v);
item!(i64, Int64Builder, v => v);
item!(f64, Float64Builder, v => v);
item!(String, StringBuilder, v => v);
item!(Vec<u8>, BinaryBuilder, v => v);
item!(Days, Date32Builder, v => v.0);
item!(TimeMs, Time32MillisecondBuilder, v => v.0);
item!(TimestampMs, TimestampMillisecondBuilder, v => v.0);

/// Lists of plain values.
macro_rules! list_item {
    ($item:ty, $builder:ty) => {
        impl Item for Vec<$item> {
            type Builder = ListBuilder<$builder>;
            fn builder(_: &SqlType) -> Self::Builder {
                ListBuilder::new(<$builder>::default())
            }
            fn append(builder: &mut Self::Builder, item: Option<Self>) {
                builder.append_option(item.map(|items| items.into_iter().map(Some)));
            }
            fn finish(mut builder: Self::Builder, _: &SqlType) -> ArrayRef {
                Arc::new(builder.finish())
            }
        }
    };
}

list_item!(String, StringBuilder);
list_item!(Vec<u8>, BinaryBuilder);
list_item!(i32, Int32Builder);
list_item!(i64, Int64Builder);

/// A value of the result's type; slow, for functions of structured values only.
impl Item for Value {
    type Builder = Vec<Value>;
    fn builder(_: &SqlType) -> Vec<Value> {
        Vec::new()
    }
    fn append(builder: &mut Vec<Value>, item: Option<Self>) {
        builder.push(item.unwrap_or(Value::Null));
    }
    fn finish(builder: Vec<Value>, returns: &SqlType) -> ArrayRef {
        columns::array_of(returns, &builder)
    }
}

/// A DECIMAL; it must have the scale of the result's type.
impl Item for Decimal {
    type Builder = Vec<Value>;
    fn builder(_: &SqlType) -> Vec<Value> {
        Vec::new()
    }
    fn append(builder: &mut Vec<Value>, item: Option<Self>) {
        builder.push(item.map_or(Value::Null, Value::Decimal));
    }
    fn finish(builder: Vec<Value>, returns: &SqlType) -> ArrayRef {
        columns::array_of(returns, &builder)
    }
}

fn column<'a>(arguments: &'a [Argument<'a>], index: usize) -> &'a ArrayRef {
    match &arguments[index] {
        Argument::Column(column) => column,
        Argument::Lambda(_) => unreachable!("argument {index} was resolved as a column"),
    }
}

/// Collects what `evaluate` gives for each row.
pub fn collect<'a, R: Outcome>(
    call: &mut Call<'a>,
    mut evaluate: impl FnMut(usize) -> Option<R>,
) -> ArrayRef {
    let mut builder = R::Item::builder(call.returns);
    for row in 0..call.rows {
        let item = match evaluate(row).map(Outcome::into_result) {
            Some(Ok(item)) => item,
            Some(Err(message)) => {
                call.fail(row, message);
                None
            }
            None => None,
        };
        R::Item::append(&mut builder, item);
    }
    R::Item::finish(builder, call.returns)
}

/// Applies a function without arguments once per row.
pub fn map0<R: Outcome>(call: &mut Call<'_>, mut function: impl FnMut() -> R) -> ArrayRef {
    collect(call, |_| Some(function()))
}

/// Defines the function that applies a function of so many arguments to every row.
macro_rules! map_rows {
    ($(#[$doc:meta])* $name:ident, $($cell:ident $column:ident $index:literal),+) => {
        $(#[$doc])*
        pub fn $name<'a, $($cell: Cell<'a>,)+ R: Outcome>(
            call: &mut Call<'a>,
            mut function: impl FnMut($($cell),+) -> R,
        ) -> ArrayRef {
            let arguments = call.arguments;
            $(let $column = $cell::column(column(arguments, $index));)+
            collect(call, |row| Some(function($($cell::read(&$column, row)?),+)))
        }
    };
}

map_rows!(
    /// Applies a function of one argument to every row.
    map1, A a 0);
map_rows!(
    /// Applies a function of two arguments to every row.
    map2, A a 0, B b 1);
map_rows!(
    /// Applies a function of three arguments to every row.
    map3, A a 0, B b 1, C c 2);
map_rows!(
    /// Applies a function of four arguments to every row.
    map4, A a 0, B b 1, C c 2, D d 3);
map_rows!(
    /// Applies a function of five arguments to every row.
    map5, A a 0, B b 1, C c 2, D d 3, E e 4);
map_rows!(
    /// Applies a function of six arguments to every row.
    map6, A a 0, B b 1, C c 2, D d 3, E e 4, F f 5);

/// Applies a function of all arguments, which have one type; NULLs reach it.
pub fn map_all<'a, A: Cell<'a>, R: Outcome>(
    call: &mut Call<'a>,
    mut function: impl FnMut(&[Option<A>]) -> R,
) -> ArrayRef {
    let arguments = call.arguments;
    let columns: Vec<A::Column> =
        (0..arguments.len()).map(|index| A::column(column(arguments, index))).collect();
    let mut cells: Vec<Option<A>> = Vec::with_capacity(columns.len());
    collect(call, |row| {
        cells.clear();
        cells.extend(columns.iter().map(|column| A::read(column, row)));
        Some(function(&cells))
    })
}

/// What was last made from a text that seldom changes from row to row, such as a pattern.
pub struct Memo<T> {
    made: Option<(String, Result<T, String>)>,
    make: fn(&str) -> Result<T, String>,
}

impl<T> Memo<T> {
    /// Nothing made yet.
    pub fn new(make: fn(&str) -> Result<T, String>) -> Self {
        Self { made: None, make }
    }

    /// What `make` gives for `text`.
    ///
    /// # Errors
    /// As `make`.
    pub fn of(&mut self, text: &str) -> Result<&T, String> {
        if self.made.as_ref().is_none_or(|(known, _)| known != text) {
            self.made = Some((text.to_owned(), (self.make)(text)));
        }
        let (_, made) = self.made.as_ref().expect("it was made above");
        made.as_ref().map_err(Clone::clone)
    }
}
