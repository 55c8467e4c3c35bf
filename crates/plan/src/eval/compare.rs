//! `= <> < <= > >=` and IS [NOT] DISTINCT FROM on every comparable pair (spec section 2.3).

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float64Type, Int32Type, Int64Type, Time32MillisecondType,
    TimestampMillisecondType,
};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use functions::Failures;
use types::columns::value_at;
use types::{Value, text};

use super::decimals::{compare_double, compare_exact};
use super::exact::Exact;
use super::node::{Context, Node};
use super::outcome::{Column, Outcome, Rows, after, either};
use super::pair::{Kind, Pair};
use crate::expression::CompareOp;

/// `left op right`.
#[derive(Debug)]
pub(super) struct Comparison {
    pub op: CompareOp,
    /// Shared by the comparisons that make up IN and BETWEEN.
    pub left: Arc<Node>,
    pub right: Node,
    pub pair: Pair,
}

impl Comparison {
    /// See [`Node::is_cheap`].
    pub fn is_cheap(&self) -> bool {
        self.left.is_cheap()
            && self.right.is_cheap()
            && self.pair.kind != Kind::Nested
            && !self.pair.left.parses()
            && !self.pair.right.parses()
    }
}

/// Evaluates a comparison.
pub(super) fn evaluate(
    node: &Comparison,
    context: &Context<'_>,
    failures: &mut Failures,
) -> Outcome {
    let left = node.left.evaluate(context, failures);
    let right = after(left.failed.as_ref(), failures, |f| node.right.evaluate(context, f));
    compare(node, left, right, context.rows(), failures)
}

/// Compares two outcomes, which belong to the comparison's operands.
pub(super) fn compare(
    node: &Comparison,
    left: Outcome,
    right: Outcome,
    rows: usize,
    failures: &mut Failures,
) -> Outcome {
    let left = node.pair.left.convert(left, rows, failures);
    let right = after(left.failed.as_ref(), failures, |f| node.pair.right.convert(right, rows, f));
    let mut failed = either(left.failed, right.failed);
    let (left, right) = (&left.column, &right.column);
    let validity = (left.validity(rows), right.validity(rows));
    let bits = if node.pair.kind == Kind::DecimalDouble {
        let both = NullBuffer::union(validity.0.as_ref(), validity.1.as_ref());
        let (bits, no_number) = decimal_double(node.op, left, right, rows, both.as_ref());
        for row in no_number.iter().flat_map(Rows::set_indices) {
            failures.push(row, "NaN and Infinity can't be compared with a DECIMAL");
        }
        failed = either(failed, no_number);
        bits
    } else {
        compared(node.pair.kind, node.op, left, right, rows)
    };
    Outcome::of_booleans(with_nulls(node.op, bits, validity, rows), failed)
}

/// Applies the rule for NULL operands to the bits of the values.
fn with_nulls(
    op: CompareOp,
    bits: BooleanBuffer,
    validity: (Option<NullBuffer>, Option<NullBuffer>),
    rows: usize,
) -> BooleanBuffer {
    if validity.0.is_none() && validity.1.is_none() {
        return bits;
    }
    let valid = |nulls: Option<NullBuffer>| match nulls {
        Some(nulls) => nulls.into_inner(),
        None => BooleanBuffer::new_set(rows),
    };
    let (left, right) = (valid(validity.0), valid(validity.1));
    let bits = &(&bits & &left) & &right;
    match op {
        CompareOp::IsDistinctFrom => &bits | &(&left ^ &right),
        CompareOp::IsNotDistinctFrom => &bits | &(&!&left & &!&right),
        _ => bits,
    }
}

/// Compares values; what stands at NULL rows is undefined.
fn compared(
    kind: Kind,
    op: CompareOp,
    left: &Column,
    right: &Column,
    rows: usize,
) -> BooleanBuffer {
    match kind {
        Kind::Integer => native::<Int32Type>(op, left, right, rows),
        Kind::Bigint => native::<Int64Type>(op, left, right, rows),
        Kind::Double => native::<Float64Type>(op, left, right, rows),
        Kind::Time => native::<Time32MillisecondType>(op, left, right, rows),
        Kind::Date => native::<Date32Type>(op, left, right, rows),
        Kind::Timestamp => native::<TimestampMillisecondType>(op, left, right, rows),
        Kind::Boolean => booleans(op, left, right, rows),
        Kind::String => strings(op, left, right, rows),
        Kind::Bytes => bytes(op, left, right, rows),
        Kind::Exact => exact(op, left, right, rows),
        Kind::DecimalDouble => unreachable!("compared where its failures are noted"),
        Kind::Nested => nested(op, left, right, rows),
    }
}

/// Compares primitives; of NaN every comparison is false, `<>` too.
#[expect(clippy::double_comparisons, reason = "`!=` would be true of NaN")]
fn native<T: ArrowPrimitiveType>(
    op: CompareOp,
    left: &Column,
    right: &Column,
    rows: usize,
) -> BooleanBuffer {
    use CompareOp::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    use CompareOp::{IsDistinctFrom, IsNotDistinctFrom};
    match op {
        Equal | IsNotDistinctFrom => pairs::<T>(left, right, rows, |l, r| l == r),
        NotEqual | IsDistinctFrom => pairs::<T>(left, right, rows, |l, r| l < r || l > r),
        Less => pairs::<T>(left, right, rows, |l, r| l < r),
        LessOrEqual => pairs::<T>(left, right, rows, |l, r| l <= r),
        Greater => pairs::<T>(left, right, rows, |l, r| l > r),
        GreaterOrEqual => pairs::<T>(left, right, rows, |l, r| l >= r),
    }
}

fn pairs<T: ArrowPrimitiveType>(
    left: &Column,
    right: &Column,
    rows: usize,
    test: impl Fn(T::Native, T::Native) -> bool,
) -> BooleanBuffer {
    let (l, r) = (left.array().as_primitive::<T>(), right.array().as_primitive::<T>());
    let (l, r) = (l.values(), r.values());
    match (left, right) {
        (Column::Rows(_), Column::Rows(_)) => {
            BooleanBuffer::collect_bool(rows, |row| test(l[row], r[row]))
        }
        (Column::Rows(_), Column::Constant(_)) => {
            let constant = r[0];
            BooleanBuffer::collect_bool(rows, |row| test(l[row], constant))
        }
        (Column::Constant(_), Column::Rows(_)) => {
            let constant = l[0];
            BooleanBuffer::collect_bool(rows, |row| test(constant, r[row]))
        }
        (Column::Constant(_), Column::Constant(_)) => {
            let same = test(l[0], r[0]);
            BooleanBuffer::collect_bool(rows, |_| same)
        }
    }
}

/// Whether `order` is one that `op` asks for.
fn satisfies(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Equal | CompareOp::IsNotDistinctFrom => order.is_eq(),
        CompareOp::NotEqual | CompareOp::IsDistinctFrom => order.is_ne(),
        CompareOp::Less => order.is_lt(),
        CompareOp::LessOrEqual => order.is_le(),
        CompareOp::Greater => order.is_gt(),
        CompareOp::GreaterOrEqual => order.is_ge(),
    }
}

fn ordered(op: CompareOp, rows: usize, order: impl Fn(usize) -> Ordering) -> BooleanBuffer {
    BooleanBuffer::collect_bool(rows, |row| satisfies(op, order(row)))
}

fn booleans(op: CompareOp, left: &Column, right: &Column, rows: usize) -> BooleanBuffer {
    let (l, r) = (left.array().as_boolean(), right.array().as_boolean());
    ordered(op, rows, |row| l.value(left.index(row)).cmp(&r.value(right.index(row))))
}

fn strings(op: CompareOp, left: &Column, right: &Column, rows: usize) -> BooleanBuffer {
    let (l, r) = (left.array().as_string::<i32>(), right.array().as_string::<i32>());
    let pair = |row| (l.value(left.index(row)), r.value(right.index(row)));
    match op {
        CompareOp::Equal | CompareOp::IsNotDistinctFrom => {
            BooleanBuffer::collect_bool(rows, |row| {
                let (l, r) = pair(row);
                l == r
            })
        }
        _ => ordered(op, rows, |row| {
            let (l, r) = pair(row);
            text::compare_utf16(l, r)
        }),
    }
}

fn bytes(op: CompareOp, left: &Column, right: &Column, rows: usize) -> BooleanBuffer {
    let (l, r) = (left.array().as_binary::<i32>(), right.array().as_binary::<i32>());
    ordered(op, rows, |row| l.value(left.index(row)).cmp(r.value(right.index(row))))
}

fn view(column: &Column) -> Exact<'_> {
    Exact::of(column.array()).expect("the planner pairs exact numbers only")
}

fn exact(op: CompareOp, left: &Column, right: &Column, rows: usize) -> BooleanBuffer {
    let (l, r) = (view(left), view(right));
    let same_scale = l.scale() == r.scale();
    ordered(op, rows, |row| {
        let (left, right) = (left.index(row), right.index(row));
        match (l.narrow(left), r.narrow(right)) {
            (Some(left), Some(right)) if same_scale => left.cmp(&right),
            _ => compare_exact((l.wide(left), l.scale()), (r.wide(right), r.scale())),
        }
    })
}

/// Compares DECIMAL with DOUBLE; also tells the rows whose double is no number.
fn decimal_double(
    op: CompareOp,
    left: &Column,
    right: &Column,
    rows: usize,
    validity: Option<&NullBuffer>,
) -> (BooleanBuffer, Option<Rows>) {
    let double_first = matches!(left.array().data_type(), arrow_schema::DataType::Float64);
    let (doubles, decimals) = if double_first { (left, right) } else { (right, left) };
    let values = doubles.array().as_primitive::<Float64Type>().values();
    let exact = view(decimals);
    let mut no_number = Vec::new();
    let bits = BooleanBuffer::collect_bool(rows, |row| {
        let value = values[doubles.index(row)];
        let order = compare_double(value, exact.wide(decimals.index(row)), exact.scale());
        match order {
            Some(order) if double_first => satisfies(op, order),
            Some(order) => satisfies(op, order.reverse()),
            None => {
                no_number.push(row);
                false
            }
        }
    });
    no_number.retain(|row| validity.is_none_or(|validity| validity.is_valid(*row)));
    if no_number.is_empty() {
        return (bits, None);
    }
    let mut failed = vec![false; rows];
    no_number.into_iter().for_each(|row| failed[row] = true);
    (bits, Some(Rows::from(failed)))
}

fn nested(op: CompareOp, left: &Column, right: &Column, rows: usize) -> BooleanBuffer {
    let negated = matches!(op, CompareOp::NotEqual | CompareOp::IsDistinctFrom);
    BooleanBuffer::collect_bool(rows, |row| {
        let left = value_at(left.array(), left.index(row));
        let right = value_at(right.array(), right.index(row));
        deep_equal(&left, &right) != negated
    })
}

/// Deep equality as Java's collections have it: maps without order, doubles by their bits.
pub(super) fn deep_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Double(left), Value::Double(right)) => left.total_cmp(right).is_eq(),
        (Value::Array(left), Value::Array(right)) | (Value::Struct(left), Value::Struct(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| deep_equal(l, r))
        }
        (Value::Map(left), Value::Map(right)) => {
            let found = |(key, value): &(Value, Value)| {
                let same = right.iter().find(|(other, _)| deep_equal(key, other));
                same.is_some_and(|(_, other)| deep_equal(value, other))
            };
            left.len() == right.len() && left.iter().all(found)
        }
        (left, right) => left == right,
    }
}
