//! Results of every aggregate function by table, and the laws of save, load, merge and undo.

use proptest::prelude::*;
use types::columns::{array_of, values};
use types::{SqlType, Value};

use crate::{Accumulators, AggregateResolution, ArgumentType, Registry};

fn registry() -> Registry {
    let mut registry = Registry::default();
    super::register(&mut registry);
    registry
}

/// A call: the function, its column types, its constants.
struct Call {
    function: &'static str,
    columns: Vec<SqlType>,
    constants: Vec<Value>,
}

fn call(function: &'static str, columns: &[SqlType], constants: &[Value]) -> Call {
    Call { function, columns: columns.to_vec(), constants: constants.to_vec() }
}

fn type_of(value: &Value) -> SqlType {
    match value {
        Value::Boolean(_) => SqlType::Boolean,
        Value::Integer(_) => SqlType::Integer,
        other => unreachable!("no function takes the constant {other:?}"),
    }
}

impl Call {
    fn try_resolve(&self) -> crate::Result<AggregateResolution> {
        let mut arguments: Vec<ArgumentType> =
            self.columns.iter().cloned().map(ArgumentType::Sql).collect();
        arguments.extend(self.constants.iter().map(|value| ArgumentType::Sql(type_of(value))));
        let mut constants = vec![None; self.columns.len()];
        constants.extend(self.constants.iter().cloned().map(Some));
        let registry = registry();
        registry.aggregate(self.function).expect("it exists").resolve(&arguments, &constants)
    }

    fn resolution(&self) -> AggregateResolution {
        self.try_resolve().expect("the call resolves")
    }

    /// Two empty slots, with the rows bound.
    fn slots(&self, rows: &[Vec<Value>]) -> Box<dyn Accumulators> {
        let resolution = self.resolution();
        assert_eq!(resolution.constants, self.constants.len());
        let registry = registry();
        let aggregate = registry.aggregate(self.function).expect("it exists");
        let mut slots =
            aggregate.accumulators(&resolution.arguments, &self.constants, &resolution.returns);
        slots.resize(2);
        let column = |(index, ty)| array_of(ty, rows.iter().map(|row| &row[index]));
        let columns: Vec<_> = resolution.arguments.iter().enumerate().map(column).collect();
        slots.bind(&columns);
        slots
    }

    /// The result after each row.
    fn results(&self, rows: &[Vec<Value>]) -> Vec<Value> {
        let mut slots = self.slots(rows);
        for row in 0..rows.len() {
            slots.add(0, row).expect("no row fails");
            slots.push_result(0);
        }
        let array = slots.take_results();
        assert_eq!(array.data_type(), &types::columns::arrow_type(&self.resolution().returns));
        values(&array)
    }
}

fn rows(values: &[Value]) -> Vec<Vec<Value>> {
    values.iter().map(|value| vec![value.clone()]).collect()
}

fn int(value: i32) -> Value {
    Value::Integer(value)
}

fn big(value: i64) -> Value {
    Value::Bigint(value)
}

fn num(value: f64) -> Value {
    Value::Double(value)
}

fn txt(value: &str) -> Value {
    Value::string(value)
}

fn ints(values: &[i32]) -> Value {
    Value::Array(values.iter().copied().map(int).collect())
}

fn last(call: &Call, rows: &[Vec<Value>]) -> Value {
    call.results(rows).pop().expect("there are rows")
}

#[test]
fn numeric_aggregates_follow_the_table() {
    use SqlType::{Bigint, Double, Integer};
    let (three, none) = (rows(&[int(0), int(10), int(7)]), rows(&[Value::Null]));
    let doubles = rows(&[num(-1.8), num(2.3), num(100.2)]);
    let golden = [
        (call("COUNT", &[], &[]), &none, big(1)),
        (call("COUNT", &[Integer], &[]), &none, big(0)),
        (call("COUNT", &[Integer], &[]), &three, big(3)),
        (call("SUM", &[Integer], &[]), &three, int(17)),
        (call("SUM", &[Integer], &[]), &none, int(0)),
        (call("SUM", &[Integer], &[]), &rows(&[int(i32::MAX), int(1)]), int(i32::MIN)),
        (call("SUM", &[Bigint], &[]), &rows(&[big(1 << 40), big(1)]), big((1 << 40) + 1)),
        (call("AVG", &[Integer], &[]), &none, num(0.0)),
        (call("AVG", &[Integer], &[]), &rows(&[int(1), int(2), Value::Null]), num(1.5)),
        (
            call("AVG", &[Integer], &[]),
            &rows(&[int(i32::MAX), int(1)]),
            num(f64::from(i32::MIN) / 2.0),
        ),
        (call("MIN", &[Integer], &[]), &three, int(0)),
        (call("MAX", &[Integer], &[]), &three, int(10)),
        (call("MAX", &[Integer], &[]), &none, Value::Null),
        (call("MAX", &[Double], &[]), &doubles, num(100.2)),
        (call("STDDEV_SAMP", &[Integer], &[]), &three, num(26.333333333333332)),
        (call("STDDEV_SAMP", &[Double], &[]), &doubles, num(3334.2033333333347)),
        (call("STDDEV_SAMPLE", &[Double], &[]), &doubles, num(57.74256084841869)),
        (call("STDDEV_SAMPLE", &[Double], &[]), &rows(&[num(5.0)]), num(0.0)),
        (
            call("SUM_LIST", &[SqlType::array(Integer)], &[]),
            &rows(&[ints(&[1, 2]), Value::Null, Value::Array(vec![Value::Null, int(4)])]),
            int(7),
        ),
    ];
    for (call, rows, expected) in golden {
        assert_eq!(last(&call, rows), expected, "{} of {rows:?}", call.function);
    }
}

#[test]
fn correlation_skips_pairs_with_null() {
    let call = call("CORRELATION", &[SqlType::Double, SqlType::Double], &[]);
    let rows = [
        vec![num(1.5), num(8.0)],
        vec![num(-1.0), num(-2.0)],
        vec![Value::Null, num(5.0)],
        vec![num(-4.5), num(-1.0)],
    ];
    let results = call.results(&rows);
    assert!(matches!(results[0], Value::Double(first) if first.is_nan()));
    assert_eq!(results[1..], [num(1.0), num(1.0), num(0.758_076_452_113_317_3)]);
}

#[test]
fn decimal_sums_overflow_with_an_error() {
    let ty = SqlType::Decimal { precision: 4, scale: 1 };
    let value = |text: &str| Value::Decimal(text.parse().expect("a decimal"));
    let rows = rows(&[value("500.9"), value("300.8"), Value::Null, value("400.8")]);
    let call = call("SUM", &[ty], &[]);
    assert_eq!(last(&call, &rows[..3]), value("801.7"));
    let mut slots = call.slots(&rows);
    (0..3).for_each(|row| slots.add(0, row).expect("it fits"));
    assert!(slots.add(0, 3).is_err());
}

#[test]
fn texts_have_extremes_by_code_unit() {
    let texts = rows(&[txt("b"), Value::Null, txt("\u{FF21}"), txt("\u{1F600}"), txt("a")]);
    assert_eq!(last(&call("MAX", &[SqlType::String], &[]), &texts), txt("\u{FF21}"));
    assert_eq!(last(&call("MIN", &[SqlType::String], &[]), &texts), txt("a"));
}

#[test]
fn offsets_keep_an_end() {
    let input = rows(&[int(12), Value::Null, int(13), int(14)]);
    let one = &[SqlType::Integer][..];
    let flag = |value| Value::Boolean(value);
    let array = |values: &[Value]| Value::Array(values.to_vec());
    let golden = [
        ("LATEST_BY_OFFSET", vec![], vec![int(12), int(12), int(13), int(14)]),
        ("LATEST_BY_OFFSET", vec![flag(false)], vec![int(12), Value::Null, int(13), int(14)]),
        ("EARLIEST_BY_OFFSET", vec![], vec![int(12); 4]),
        (
            "LATEST_BY_OFFSET",
            vec![int(2), flag(false)],
            vec![
                ints(&[12]),
                array(&[int(12), Value::Null]),
                array(&[Value::Null, int(13)]),
                ints(&[13, 14]),
            ],
        ),
        (
            "EARLIEST_BY_OFFSET",
            vec![int(2)],
            vec![ints(&[12]), ints(&[12]), ints(&[12, 13]), ints(&[12, 13])],
        ),
    ];
    for (function, constants, expected) in golden {
        assert_eq!(call(function, one, &constants).results(&input), expected, "{function}");
    }
    let refused = call("LATEST_BY_OFFSET", one, &[int(0)]).try_resolve();
    assert_eq!(refused.expect_err("n is too small").to_string(), "latestN must be 1 or greater");
}

#[test]
fn collections_gather_and_count() {
    let input = rows(&[txt("b"), txt("a"), Value::Null, txt("b")]);
    let one = &[SqlType::String][..];
    let map = Value::Map(vec![(txt("b"), big(2)), (txt("a"), big(1))]);
    let list = |values: &[Value]| Value::Array(values.to_vec());
    let golden = [
        ("COLLECT_LIST", list(&[txt("b"), txt("a"), Value::Null, txt("b")])),
        ("COLLECT_SET", list(&[txt("b"), txt("a"), Value::Null])),
        ("HISTOGRAM", map),
        ("COUNT_DISTINCT", big(2)),
        ("ATTR", Value::Null),
    ];
    for (function, expected) in golden {
        assert_eq!(last(&call(function, one, &[]), &input), expected, "{function}");
    }
    assert_eq!(last(&call("ATTR", one, &[]), &rows(&[txt("a"), txt("a")])), txt("a"));
    assert_eq!(last(&call("ATTR", one, &[]), &rows(&[txt("a"), Value::Null])), Value::Null);
}

#[test]
fn the_greatest_come_first() {
    let input = rows(&[int(0), int(100), Value::Null, int(99), int(7), int(100)]);
    let one = &[SqlType::Integer][..];
    assert_eq!(last(&call("TOPK", one, &[int(3)]), &input), ints(&[100, 100, 99]));
    assert_eq!(last(&call("TOPKDISTINCT", one, &[int(3)]), &input), ints(&[100, 99, 7]));
    let two = call("TOPK", &[SqlType::Integer, SqlType::String], &[int(2)]);
    let pairs = [vec![int(1), txt("a")], vec![int(2), txt("b")], vec![int(2), Value::Null]];
    let pair = |sort, other| Value::Struct(vec![int(sort), other]);
    let expected = Value::Array(vec![pair(2, txt("b")), pair(2, Value::Null)]);
    assert_eq!(last(&two, &pairs), expected);
    let SqlType::Array(element) = two.resolution().returns else {
        unreachable!("TOPK gives arrays")
    };
    assert_eq!(element.to_string(), "STRUCT<`sort_col` INTEGER, `col0` STRING>");
}

#[test]
fn what_no_signature_takes_is_refused() {
    for (function, ty) in [
        ("SUM", SqlType::String),
        ("AVG", SqlType::Boolean),
        ("MAX", SqlType::Boolean),
        ("HISTOGRAM", SqlType::Integer),
        ("SUM_LIST", SqlType::Integer),
        ("TOPK", SqlType::Integer),
    ] {
        let error = call(function, std::slice::from_ref(&ty), &[]).try_resolve();
        let text = error.expect_err("it is refused").to_string();
        let start = format!("Function '{function}' does not accept parameters ({ty}).");
        assert!(text.starts_with(&start), "{text}");
    }
}

/// One call of every function, all over one BIGINT, DOUBLE or STRING column or none.
fn calls() -> Vec<Call> {
    let of = |function, ty: SqlType| call(function, &[ty], &[]);
    let big = SqlType::Bigint;
    vec![
        call("COUNT", &[], &[]),
        of("COUNT", big.clone()),
        of("SUM", big.clone()),
        of("AVG", big.clone()),
        of("MIN", big.clone()),
        of("MAX", SqlType::String),
        of("STDDEV_SAMP", big.clone()),
        of("STDDEV_SAMPLE", big.clone()),
        of("LATEST_BY_OFFSET", SqlType::String),
        call("EARLIEST_BY_OFFSET", std::slice::from_ref(&big), &[int(3), Value::Boolean(false)]),
        of("COLLECT_LIST", big.clone()),
        of("COLLECT_SET", SqlType::String),
        of("HISTOGRAM", SqlType::String),
        of("ATTR", big.clone()),
        of("COUNT_DISTINCT", SqlType::String),
        call("TOPK", std::slice::from_ref(&big), &[int(3)]),
        call("TOPKDISTINCT", &[SqlType::String], &[int(3)]),
    ]
}

/// Numbers as the call's column wants them.
fn input(call: &Call, numbers: &[Option<i64>]) -> Vec<Vec<Value>> {
    let value = |number: &Option<i64>| match (number, call.columns.first()) {
        (None, _) => Value::Null,
        (Some(number), Some(SqlType::String)) => txt(&number.to_string()),
        (Some(number), _) => big(*number),
    };
    numbers.iter().map(|number| vec![value(number)]).collect()
}

fn result(slots: &mut Box<dyn Accumulators>, slot: usize) -> Value {
    slots.push_result(slot);
    values(&slots.take_results()).remove(0)
}

fn numbers() -> impl Strategy<Value = Vec<Option<i64>>> {
    proptest::collection::vec(proptest::option::weighted(0.9, -5_i64..6), 0..20)
}

proptest! {
    #[test]
    fn a_saved_state_goes_on_as_if_nothing_had_happened(numbers in numbers(), cut in 0_usize..20) {
        for call in calls() {
            let rows = input(&call, &numbers);
            let cut = cut.min(rows.len());
            let mut straight = call.slots(&rows);
            (0..rows.len()).for_each(|row| straight.add(0, row).expect("it fits"));
            let mut before = call.slots(&rows);
            (0..cut).for_each(|row| before.add(0, row).expect("it fits"));
            let mut saved = Vec::new();
            before.save(0, &mut saved);
            saved.push(0xAB);
            let mut after = call.slots(&rows);
            prop_assert_eq!(after.load(1, &saved), Ok(&[0xAB][..]), "{}", call.function);
            (cut..rows.len()).for_each(|row| after.add(1, row).expect("it fits"));
            prop_assert_eq!(result(&mut after, 1), result(&mut straight, 0), "{}", call.function);
            let mut again = Vec::new();
            after.save(1, &mut again);
            let mut reference = Vec::new();
            straight.save(0, &mut reference);
            prop_assert_eq!(again, reference, "{}", call.function);
            for short in 0..saved.len().saturating_sub(1) {
                prop_assert!(after.load(0, &saved[..short]).is_err(), "{}", call.function);
            }
        }
    }

    #[test]
    fn merging_two_halves_gives_the_whole(numbers in numbers(), cut in 0_usize..20) {
        for call in calls() {
            let rows = input(&call, &numbers);
            let cut = cut.min(rows.len());
            let mut whole = call.slots(&rows);
            (0..rows.len()).for_each(|row| whole.add(0, row).expect("it fits"));
            let mut halves = call.slots(&rows);
            (0..rows.len()).for_each(|row| halves.add(usize::from(row >= cut), row).expect("it fits"));
            halves.merge(0, 1).expect("they merge");
            let (merged, expected) = (result(&mut halves, 0), result(&mut whole, 0));
            match (&merged, &expected) {
                (Value::Double(l), Value::Double(r)) => {
                    prop_assert!((l - r).abs() <= 1e-9 * r.abs().max(1.0), "{l} is not {r}");
                }
                _ => prop_assert_eq!(merged, expected, "{}", call.function),
            }
        }
    }

    #[test]
    fn undo_takes_back_what_add_did(numbers in numbers(), more in numbers()) {
        for call in calls().into_iter().filter(|call| call.resolution().can_undo) {
            let all: Vec<Option<i64>> = numbers.iter().chain(&more).copied().collect();
            let rows = input(&call, &all);
            let mut slots = call.slots(&rows);
            (0..rows.len()).for_each(|row| slots.add(0, row).expect("it fits"));
            (numbers.len()..rows.len()).rev().for_each(|row| slots.undo(0, row).expect("it works"));
            (0..numbers.len()).for_each(|row| slots.add(1, row).expect("it fits"));
            let (undone, expected) = (result(&mut slots, 0), result(&mut slots, 1));
            match (&undone, &expected) {
                (Value::Double(l), Value::Double(r)) => {
                    // Differences of squares leave a rest, whose root is larger still.
                    prop_assert!((l - r).abs() <= 1e-4, "{l} is not {r}");
                }
                _ => prop_assert_eq!(undone, expected, "{}", call.function),
            }
        }
    }
}
