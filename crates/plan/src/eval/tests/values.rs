//! One table per kind of node: expression, value, whether a failure is noted.

use types::{Field, SqlType, Value};

use super::fixtures::*;
use crate::expression::{ArithmeticOp, CallArgument, CompareOp, Expr, ExprKind};

fn check(table: Vec<(Expr, Value, bool)>) {
    for (expr, value, fails) in table {
        assert_eq!(constant(&expr), (value, fails), "{expr:?}");
    }
}

fn yes() -> Value {
    Value::Boolean(true)
}

fn no() -> Value {
    Value::Boolean(false)
}

#[test]
fn arithmetic_wraps_and_fails_as_java_does() {
    use ArithmeticOp::{Modulo, Multiply, Subtract};
    check(vec![
        (add(int(i32::MAX), int(1)), Value::Integer(i32::MIN), false),
        (divide(int(-7), int(2)), Value::Integer(-3), false),
        (divide(int(i32::MIN), int(-1)), Value::Integer(i32::MIN), false),
        (divide(int(1), int(0)), Value::Null, true),
        (arithmetic(Modulo, int(-7), int(3)), Value::Integer(-1), false),
        (arithmetic(Modulo, int(7), int(0)), Value::Null, true),
        (divide(double(1.0), int(0)), Value::Double(f64::INFINITY), false),
        (add(int(1), null(SqlType::Integer)), Value::Null, true),
        (arithmetic(Multiply, int(3), double(0.5)), Value::Double(1.5), false),
        (
            arithmetic(Subtract, int(1), Expr::literal(Value::Bigint(1 << 40), SqlType::Bigint)),
            Value::Bigint(1 - (1 << 40)),
            false,
        ),
        (add(text("a"), null(SqlType::String)), Value::string("anull"), false),
        (
            Expr { kind: ExprKind::Negate(int(5).into()), ty: SqlType::Integer },
            Value::Integer(-5),
            false,
        ),
        (
            Expr { kind: ExprKind::Negate(null(SqlType::Integer).into()), ty: SqlType::Integer },
            Value::Null,
            true,
        ),
    ]);
}

#[test]
fn decimals_are_exact_or_fail() {
    use ArithmeticOp::{Modulo, Multiply};
    let wide = "9".repeat(70);
    check(vec![
        (add(exact("10.10", 4, 2), exact("10.1000", 6, 4)), decimal_value("20.2000"), false),
        (
            arithmetic(Multiply, exact("1.5", 2, 1), exact("-0.05", 3, 2)),
            decimal_value("-0.075"),
            false,
        ),
        (divide(exact("1.00", 3, 2), exact("4", 1, 0)), decimal_value("0.250000"), false),
        (divide(exact("1", 1, 0), exact("3", 1, 0)), Value::Null, true),
        (divide(exact("1", 1, 0), exact("0", 1, 0)), Value::Null, true),
        (
            arithmetic(Modulo, exact("10.10", 4, 2), exact("-2.00", 4, 2)),
            decimal_value("0.10"),
            false,
        ),
        (arithmetic(Modulo, exact("10.10", 4, 2), exact("0.00", 4, 2)), Value::Null, true),
        (add(exact("1.5", 2, 1), int(1)), decimal_value("2.5"), false),
        (add(exact("1.5", 2, 1), double(1.0)), Value::Double(2.5), false),
        (arithmetic(Multiply, exact(&wide, 70, 0), exact(&wide, 70, 0)), Value::Null, true),
        (
            Expr { kind: ExprKind::Negate(exact("1.50", 3, 2).into()), ty: decimal(3, 2) },
            decimal_value("-1.50"),
            false,
        ),
    ]);
}

#[test]
fn comparisons_know_two_values_only() {
    use CompareOp::{Greater, IsDistinctFrom, IsNotDistinctFrom, Less, LessOrEqual, NotEqual};
    let none = || null(SqlType::Integer);
    let nan = || double(f64::NAN);
    check(vec![
        (equal(int(1), int(1)), yes(), false),
        (equal(none(), int(1)), no(), false),
        (compare(NotEqual, none(), int(1)), no(), false),
        (not(equal(none(), int(1))), yes(), false),
        (compare(IsDistinctFrom, none(), int(1)), yes(), false),
        (compare(IsDistinctFrom, none(), none()), no(), false),
        (compare(IsNotDistinctFrom, none(), none()), yes(), false),
        (compare(NotEqual, nan(), nan()), no(), false),
        (equal(double(0.0), double(-0.0)), yes(), false),
        (equal(double(0.1), exact("0.1", 2, 1)), yes(), false),
        (compare(Less, exact("0.1", 2, 1), double(0.11)), yes(), false),
        (compare(Less, nan(), exact("0.1", 2, 1)), Value::Null, true),
        (compare(LessOrEqual, exact("10.01", 4, 2), exact("10.012", 5, 3)), yes(), false),
        (compare(Greater, exact("10.01", 4, 2), int(10)), yes(), false),
        (equal(int(1), double(1.0)), yes(), false),
        (compare(Less, text("Foo"), text("foo")), yes(), false),
        (equal(cast(text("1970-01-01"), SqlType::Date), text("1970")), yes(), false),
        (
            compare(
                Less,
                cast(text("1970-01-01"), SqlType::Date),
                cast(text("1970-01-01T00:00:01"), SqlType::Timestamp),
            ),
            yes(),
            false,
        ),
        (equal(cast(text("1970-01-01"), SqlType::Date), text("foo")), Value::Null, true),
        (compare(Greater, divide(int(1), int(0)), int(1)), Value::Null, true),
    ]);
}

#[test]
fn nested_values_are_compared_deeply() {
    let list = |items: Vec<Expr>| Expr {
        kind: ExprKind::Array(items),
        ty: SqlType::array(SqlType::Integer),
    };
    let map = |entries: Vec<(&str, i32)>| Expr {
        kind: ExprKind::Map(entries.into_iter().map(|(k, v)| (text(k), int(v))).collect()),
        ty: SqlType::map(SqlType::String, SqlType::Integer),
    };
    let point = |members: &[(&str, Value)]| {
        let fields = members.iter().map(|(name, _)| Field::new(*name, SqlType::Integer));
        let values = members.iter().map(|(_, value)| value.clone());
        Expr::literal(Value::Struct(values.collect()), SqlType::Struct(fields.collect()))
    };
    check(vec![
        (equal(list(vec![int(1), int(2)]), list(vec![int(1), int(2)])), yes(), false),
        (equal(list(vec![int(1)]), list(vec![int(1), int(2)])), no(), false),
        (equal(map(vec![("a", 1), ("b", 2)]), map(vec![("b", 2), ("a", 1)])), yes(), false),
        (equal(map(vec![("a", 1), ("a", 2)]), map(vec![("a", 2)])), yes(), false),
        (
            equal(list(vec![int(1)]), cast(list(vec![int(1)]), SqlType::array(SqlType::Bigint))),
            yes(),
            false,
        ),
        (
            equal(
                point(&[("A", Value::Integer(1))]),
                point(&[("A", Value::Integer(1)), ("B", Value::Null)]),
            ),
            yes(),
            false,
        ),
        (
            equal(point(&[("A", Value::Integer(1))]), point(&[("a", Value::Integer(1))])),
            no(),
            false,
        ),
        (compare(CompareOp::NotEqual, map(vec![("a", 1)]), map(vec![("a", 2)])), yes(), false),
    ]);
}

#[test]
fn logic_is_lazy_and_null_fails_it() {
    let broken = || equal(divide(int(1), int(0)), int(1));
    let unknown = || null(SqlType::Boolean);
    check(vec![
        (and(boolean(false), broken()), no(), false),
        (or(boolean(true), broken()), yes(), false),
        (and(boolean(true), broken()), Value::Null, true),
        (or(boolean(false), unknown()), Value::Null, true),
        (and(unknown(), boolean(false)), Value::Null, true),
        (not(unknown()), Value::Null, true),
        (is_null(unknown()), yes(), false),
        (is_null(broken()), Value::Null, true),
        (is_null(cast(text("x"), SqlType::Integer)), yes(), true),
    ]);
}

#[test]
fn between_in_and_like_take_null_as_they_should() {
    let between = |operand: Expr, low: Expr, high: Expr| {
        truth(ExprKind::Between { operand: operand.into(), low: low.into(), high: high.into() })
    };
    let is_in =
        |operand: Expr, list: Vec<Expr>| truth(ExprKind::In { operand: operand.into(), list });
    let like = |operand: Expr, pattern: Expr| {
        truth(ExprKind::Like { operand: operand.into(), pattern: pattern.into(), escape: None })
    };
    let none = || null(SqlType::Integer);
    check(vec![
        (between(int(2), int(2), int(3)), yes(), false),
        (between(double(3.9), int(2), exact("3.9", 2, 1)), yes(), false),
        (between(int(2), none(), int(3)), no(), false),
        (not(between(none(), int(2), int(3))), yes(), false),
        (is_in(int(2), vec![int(1), int(2)]), yes(), false),
        (is_in(int(2), vec![none(), int(2)]), yes(), false),
        (is_in(none(), vec![int(1)]), no(), false),
        (is_in(int(1), vec![Expr::literal(Value::Null, SqlType::String)]), no(), false),
        (like(text("barfoo"), text("%foo")), yes(), false),
        (like(null(SqlType::String), text("%")), Value::Null, true),
    ]);
}

#[test]
fn case_is_lazy() {
    let case = |branches: Vec<(Expr, Expr)>, otherwise: Option<Expr>| Expr {
        kind: ExprKind::Case { branches, otherwise: otherwise.map(Box::new) },
        ty: SqlType::Integer,
    };
    let broken = || divide(int(1), int(0));
    check(vec![
        (
            case(vec![(boolean(true), int(1)), (equal(broken(), int(1)), broken())], None),
            Value::Integer(1),
            false,
        ),
        (case(vec![(boolean(false), broken())], Some(int(2))), Value::Integer(2), false),
        (case(vec![(boolean(false), broken())], None), Value::Null, false),
        (case(vec![(null(SqlType::Boolean), int(1))], Some(int(2))), Value::Null, true),
        (case(vec![(boolean(true), broken())], Some(int(2))), Value::Null, true),
    ]);
}

#[test]
fn casts_follow_the_table() {
    use SqlType::{Bigint, Boolean, Bytes, Date, Double, Integer, String, Time, Timestamp};
    let bigint = |value| Expr::literal(Value::Bigint(value), Bigint);
    check(vec![
        (cast(bigint(i64::from(i32::MAX) + 1), Integer), Value::Integer(i32::MIN), false),
        (cast(double(3.99), Integer), Value::Integer(3), false),
        (cast(double(1e300), Bigint), Value::Bigint(i64::MAX), false),
        (cast(double(f64::NAN), Integer), Value::Integer(0), false),
        (cast(double(0.99), decimal(2, 1)), decimal_value("1.0"), false),
        (cast(double(0.05), decimal(2, 1)), decimal_value("0.1"), false),
        (cast(double(123.0), decimal(2, 1)), Value::Null, true),
        (cast(int(1000), decimal(3, 0)), Value::Null, true),
        (cast(exact("10.12", 4, 2), decimal(5, 3)), decimal_value("10.120"), false),
        (cast(exact("10.99", 4, 2), Integer), Value::Integer(10), false),
        (cast(exact("10.01", 4, 2), Double), Value::Double(10.01), false),
        (cast(exact("0.00", 4, 2), String), Value::string("0.00"), false),
        (cast(text(" 12 "), Integer), Value::Integer(12), false),
        (cast(text("1.5"), Integer), Value::Null, true),
        (cast(text("0.99"), decimal(2, 1)), decimal_value("1.0"), false),
        (cast(text("NaN"), Double), Value::Null, true),
        (cast(text("tr"), Boolean), yes(), false),
        (cast(text("no"), Boolean), no(), false),
        (cast(text("dGlkZQ=="), Bytes), Value::Bytes(b"tide".to_vec()), false),
        (cast(text("00:01"), Time), Value::Time(60_000), false),
        (cast(text("foo"), Timestamp), Value::Null, true),
        (cast(cast(text("1969-12-31T23:59:58"), Timestamp), Time), Value::Time(86_398_000), false),
        (cast(cast(text("1969-12-31T23:59:58"), Timestamp), Date), Value::Date(-1), false),
        (cast(cast(text("1970-01-02"), Date), Timestamp), Value::Timestamp(86_400_000), false),
        (cast(cast(text("1970-01-02"), Date), String), Value::string("1970-01-02"), false),
        (cast(double(1e10), String), Value::string("1.0E10"), false),
        (cast(boolean(true), String), Value::string("true"), false),
        (cast(Expr::literal(Value::Null, Integer), String), Value::Null, false),
        (add(cast(text("x"), Integer), int(1)), Value::Null, true),
    ]);
}

#[test]
fn collections_are_cast_by_element() {
    let pair = |first: SqlType, second: SqlType| {
        SqlType::Struct(vec![Field::new("A", first), Field::new("B", second)])
    };
    let value = Expr::literal(
        Value::Struct(vec![Value::Integer(1), Value::Null]),
        pair(SqlType::Integer, SqlType::String),
    );
    let to =
        SqlType::Struct(vec![Field::new("C", SqlType::Bigint), Field::new("A", SqlType::String)]);
    let list = Expr::literal(
        Value::Array(vec![Value::string("1"), Value::string("x")]),
        SqlType::array(SqlType::String),
    );
    let map = Expr::literal(
        Value::Map(vec![
            (Value::string("x"), Value::Null),
            (Value::string("1"), Value::Integer(2)),
        ]),
        SqlType::map(SqlType::String, SqlType::Integer),
    );
    check(vec![
        (cast(value.clone(), to), Value::Struct(vec![Value::Null, Value::string("1")]), false),
        (cast(value, SqlType::String), Value::string("Struct{A=1}"), false),
        (
            cast(list.clone(), SqlType::array(SqlType::Integer)),
            Value::Array(vec![Value::Integer(1), Value::Null]),
            true,
        ),
        (cast(list, SqlType::String), Value::string("[1, x]"), false),
        (cast(map.clone(), SqlType::String), Value::string("{x=null, 1=2}"), false),
        (cast(map, SqlType::map(SqlType::Integer, SqlType::Integer)), Value::Null, true),
    ]);
}

#[test]
fn collections_are_read_from_one_and_from_the_end() {
    let list = Expr::literal(
        Value::Array(vec![Value::Integer(10), Value::Integer(20)]),
        SqlType::array(SqlType::Integer),
    );
    let at = |base: &Expr, index: Expr| Expr {
        kind: ExprKind::Subscript { base: base.clone().into(), index: index.into() },
        ty: SqlType::Integer,
    };
    let map = Expr::literal(
        Value::Map(vec![(Value::string("a"), Value::Integer(1))]),
        SqlType::map(SqlType::String, SqlType::Integer),
    );
    let point = SqlType::Struct(vec![Field::new("X", SqlType::Integer)]);
    let field = |base: Expr| Expr {
        kind: ExprKind::Field { base: base.into(), index: 0 },
        ty: SqlType::Integer,
    };
    check(vec![
        (at(&list, int(1)), Value::Integer(10), false),
        (at(&list, int(-1)), Value::Integer(20), false),
        (at(&list, int(0)), Value::Null, false),
        (at(&list, int(3)), Value::Null, false),
        (at(&list, int(-3)), Value::Null, false),
        (at(&list, null(SqlType::Integer)), Value::Null, true),
        (at(&map, text("a")), Value::Integer(1), false),
        (at(&map, text("b")), Value::Null, false),
        (at(&map, null(SqlType::String)), Value::Null, false),
        (
            field(Expr::literal(Value::Struct(vec![Value::Integer(7)]), point.clone())),
            Value::Integer(7),
            false,
        ),
        (field(Expr::literal(Value::Null, point)), Value::Null, false),
    ]);
}

#[test]
fn collections_contain_the_failures_of_their_elements() {
    let list = Expr {
        kind: ExprKind::Array(vec![divide(int(1), int(0)), int(2)]),
        ty: SqlType::array(SqlType::Integer),
    };
    let map = Expr {
        kind: ExprKind::Map(vec![(null(SqlType::String), int(1))]),
        ty: SqlType::map(SqlType::String, SqlType::Integer),
    };
    let empty = Expr { kind: ExprKind::Struct(Vec::new()), ty: SqlType::Struct(Vec::new()) };
    check(vec![
        (list, Value::Array(vec![Value::Null, Value::Integer(2)]), true),
        (map, Value::Map(vec![(Value::string("null"), Value::Integer(1))]), false),
        (empty, Value::Struct(Vec::new()), false),
    ]);
}

#[test]
fn calls_fail_alone_or_with_what_surrounds_them() {
    let reject = |expr: Expr| call("REJECT_ODD", vec![CallArgument::Value(expr)]);
    let parameter =
        || Expr { kind: ExprKind::LambdaParameter { depth: 0, index: 0 }, ty: SqlType::Integer };
    let apply = |expr: Expr, body: Expr| {
        let parameters = vec![SqlType::Integer];
        call("APPLY", vec![CallArgument::Value(expr), CallArgument::Lambda { parameters, body }])
    };
    check(vec![
        (reject(int(2)), Value::Integer(2), false),
        (is_null(reject(int(1))), Value::Null, true),
        (reject(add(int(1), null(SqlType::Integer))), Value::Null, true),
        (is_null(reject(divide(int(1), int(0)))), yes(), true),
        (apply(int(5), add(parameter(), int(1))), Value::Integer(6), false),
        (is_null(apply(int(5), divide(parameter(), int(0)))), Value::Null, true),
        (is_null(apply(int(5), cast(text("x"), SqlType::Integer))), yes(), true),
    ]);
}

#[test]
fn lambdas_see_the_row_around_them() {
    let parameter =
        |depth| Expr { kind: ExprKind::LambdaParameter { depth, index: 0 }, ty: SqlType::Integer };
    let apply = |expr: Expr, body: Expr| {
        let parameters = vec![SqlType::Integer];
        call("APPLY", vec![CallArgument::Value(expr), CallArgument::Lambda { parameters, body }])
    };
    let (a, b) = (column(0, SqlType::Integer), column(1, SqlType::Integer));
    // a => (b => b + a + column b)(10)
    let inner = apply(int(10), add(add(parameter(0), parameter(1)), b));
    let numbers = |values: &[i32]| values.iter().map(|v| Value::Integer(*v)).collect::<Vec<_>>();
    let mut first = numbers(&[1, 2, 3]);
    first[1] = Value::Null;
    let input = batch(&[(SqlType::Integer, first), (SqlType::Integer, numbers(&[100, 200, 300]))]);
    let (values, failures) = run(&apply(a, inner), &input);
    assert_eq!(values, [Value::Integer(111), Value::Null, Value::Integer(313)]);
    assert!(failures.rows.is_empty());
}

#[test]
fn a_failing_row_is_noted_once() {
    let broken = || divide(column(0, SqlType::Integer), int(0));
    let input = batch(&[(SqlType::Integer, vec![Value::Integer(1), Value::Null])]);
    let (values, failures) = run(&add(broken(), broken()), &input);
    assert_eq!(values, [Value::Null, Value::Null]);
    let mut rows: Vec<usize> = failures.rows.iter().map(|(row, _)| *row).collect();
    rows.sort_unstable();
    assert_eq!(rows, [0, 1]);
}

#[test]
fn evaluators_move_between_threads() {
    fn is_send<T: Send>() {}
    is_send::<crate::eval::Evaluator>();
}

#[test]
fn an_empty_batch_gives_no_rows() {
    let expr = add(int(1), column(0, SqlType::Integer));
    let (values, failures) = run(&expr, &batch(&[(SqlType::Integer, Vec::new())]));
    assert!(values.is_empty() && failures.rows.is_empty());
    let constant = divide(int(1), int(0));
    let (values, failures) = run(&constant, &batch(&[(SqlType::Integer, Vec::new())]));
    assert!(values.is_empty() && failures.rows.is_empty());
}
