//! Overload choice by spec section 2.5.

use super::*;

fn function(signatures: &[&str]) -> Scalar {
    signatures.iter().fold(Scalar::new("F", "TEST", "Tests."), |function, signature| {
        function.overload(signature, |call| call.column(0).clone())
    })
}

fn sql(ty: SqlType) -> ArgumentType {
    ArgumentType::Sql(ty)
}

fn decimal(precision: u8, scale: u8) -> SqlType {
    SqlType::Decimal { precision, scale }
}

use SqlType::{Bigint, Date, Double, Integer, String as Text};

#[test]
fn exact_overloads_win_over_castable_ones() {
    let f = function(&["(DOUBLE) -> DOUBLE", "(BIGINT) -> BIGINT", "(DECIMAL) -> DECIMAL"]);
    assert_eq!(f.resolve(&[sql(Bigint)]).expect("fits").overload, 1);
    assert_eq!(f.resolve(&[sql(decimal(5, 2))]).expect("fits").returns, decimal(5, 2));
}

#[test]
fn arguments_are_cast_to_the_parameters() {
    let f = function(&["(DOUBLE, DATE) -> STRING"]);
    let found = f.resolve(&[sql(Integer), sql(Text)]).expect("castable");
    assert_eq!(found.arguments, [Some(Double), Some(Date)]);
    assert!(f.resolve(&[sql(Text), sql(Text)]).is_err());
}

#[test]
fn equally_good_casts_are_ambiguous() {
    let f = function(&["(BIGINT, BIGINT...) -> BIGINT", "(DOUBLE, DOUBLE...) -> DOUBLE"]);
    let error = f.resolve(&[sql(Integer), sql(Bigint)]).expect_err("both fit").to_string();
    assert!(error.starts_with(
        "Function 'f' cannot be resolved due to ambiguous method parameters (INTEGER, BIGINT)."
    ));
    assert!(matches!(f.resolve(&[ArgumentType::Null]), Err(Error::Ambiguous(_))));
}

#[test]
fn fixed_overloads_win_over_variadic_ones() {
    let f =
        function(&["(STRING...) -> INT", "(STRING, STRING) -> INT", "(STRING, STRING...) -> INT"]);
    assert_eq!(f.resolve(&[sql(Text), sql(Text)]).expect("fits").overload, 1);
    assert_eq!(f.resolve(&[sql(Text)]).expect("fits").overload, 2);
    assert_eq!(f.resolve(&[]).expect("fits").overload, 0);
}

#[test]
fn the_variadic_parameter_may_stand_in_the_middle() {
    let f = function(&["(INT, STRING..., BIGINT) -> INT"]);
    assert!(f.resolve(&[sql(Integer), sql(Bigint)]).is_ok());
    assert!(f.resolve(&[sql(Integer), sql(Text), sql(Text), sql(Bigint)]).is_ok());
    assert!(f.resolve(&[sql(Integer), sql(Text), sql(Text)]).is_err());
}

#[test]
fn generics_bind_once() {
    let f = function(&["(ARRAY<T>, T) -> T"]);
    let list = || sql(SqlType::array(Integer));
    assert_eq!(f.resolve(&[list(), sql(Integer)]).expect("fits").returns, Integer);
    let null = f.resolve(&[list(), ArgumentType::Null]).expect("NULL fits");
    assert_eq!(null.arguments[1], Some(Integer));
    assert!(f.resolve(&[list(), sql(Bigint)]).is_err());
    assert!(f.resolve(&[ArgumentType::Null, ArgumentType::Null]).is_err());
}

#[test]
fn lambdas_are_typed_in_two_steps() {
    let f = function(&["(ARRAY<T>, S, (S, T) => S) -> S", "(MAP<K, V>, S, (S, K, V) => S) -> S"]);
    let lambda = |returns| ArgumentType::Lambda { parameters: 2, returns };
    let collection = sql(SqlType::array(Integer));
    let untyped = [collection.clone(), sql(Bigint), lambda(None)];
    let parameters = f.lambda_parameters(&untyped).expect("fits");
    assert_eq!(parameters, [None, None, Some(vec![Bigint, Integer])]);
    let typed = [collection.clone(), sql(Bigint), lambda(Some(Bigint))];
    assert_eq!(f.resolve(&typed).expect("fits").returns, Bigint);
    assert!(f.resolve(&[collection, sql(Bigint), lambda(Some(Text))]).is_err());
}

#[test]
fn decimals_widen_together() {
    let f = function(&["(DECIMAL, DECIMAL...) -> DECIMAL"]);
    let arguments = [sql(decimal(5, 4)), sql(decimal(10, 1)), sql(Integer)];
    assert_eq!(f.resolve(&arguments).expect("fits").returns, decimal(14, 4));
}

#[test]
fn refusals_name_the_alternatives() {
    let f = function(&["(UNIT, INT, DATE) -> DATE"]);
    let error = f.resolve(&[sql(Date), sql(Integer), sql(Date)]).expect_err("no unit").to_string();
    assert!(error.starts_with("Function 'f' does not accept parameters (DATE, INTEGER, DATE)."));
    assert!(error.contains("Valid alternatives are:\nf(INTERVALUNIT, INTEGER, DATE)"));
    let none = function(&["(INT) -> INT"]).resolve(&[]).expect_err("too few").to_string();
    assert!(none.starts_with("Function 'f' does not accept parameters ()."));
}
