//! CONCAT and CONCAT_WS, and picking one of many: ELT and FIELD.

use super::rows::{Cell, collect, map_all};
use super::utf16::as_int;
use crate::{Registry, Scalar};

const CATEGORY: &str = "STRING";

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    let functions = [concat(), concat_ws(), elt(), field()];
    functions.into_iter().for_each(|function| registry.add_scalar(function));
}

fn concat() -> Scalar {
    Scalar::new("CONCAT", CATEGORY, "All arguments one behind the other; NULLs are skipped.")
        .overload("(STRING...) -> STRING", |call| {
            map_all(call, |texts: &[Option<&str>]| {
                texts.iter().flatten().copied().collect::<String>()
            })
        })
        .overload("(BYTES...) -> BYTES", |call| {
            map_all(call, |parts: &[Option<&[u8]>]| {
                parts.iter().flatten().copied().flatten().copied().collect::<Vec<u8>>()
            })
        })
}

fn concat_ws() -> Scalar {
    Scalar::new(
        "CONCAT_WS",
        CATEGORY,
        "All arguments behind the first one by one, which separates them; NULLs are skipped.",
    )
    .overload("(STRING, STRING, STRING...) -> STRING", |call| {
        map_all(call, |texts: &[Option<&str>]| {
            let present: Vec<&str> = texts[1..].iter().flatten().copied().collect();
            texts[0].map(|separator| present.join(separator))
        })
    })
    .overload("(BYTES, BYTES, BYTES...) -> BYTES", |call| {
        map_all(call, |parts: &[Option<&[u8]>]| {
            let present: Vec<&[u8]> = parts[1..].iter().flatten().copied().collect();
            parts[0].map(|separator| present.join(separator))
        })
    })
}

fn elt() -> Scalar {
    Scalar::new("ELT", CATEGORY, "The argument at a position, counted from 1 behind the first.")
        .overload("(INT, STRING...) -> STRING", |call| {
            let arguments = call.arguments.len();
            let positions = call.column(0).clone();
            let positions = <i32 as Cell<'_>>::column(&positions);
            let texts: Vec<_> = (1..arguments).map(|index| call.column(index).clone()).collect();
            let texts: Vec<_> = texts.iter().map(<&str as Cell<'_>>::column).collect();
            collect(call, |row| {
                let position = usize::try_from(i32::read(&positions, row)?).ok()?;
                let text = texts.get(position.checked_sub(1)?)?;
                <&str as Cell<'_>>::read(text, row).map(str::to_owned)
            })
        })
}

fn field() -> Scalar {
    Scalar::new(
        "FIELD",
        CATEGORY,
        "The position, from 1, of the first argument among the others; else 0.",
    )
    .overload("(STRING, STRING...) -> INT", |call| {
        map_all(call, |texts: &[Option<&str>]| {
            let position =
                texts[1..].iter().position(|text| texts[0].is_some() && *text == texts[0]);
            position.map_or(0, |position| as_int(position + 1))
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::scalars::testing::{bytes, evaluate, int, null, text};
    use types::{SqlType, Value};

    #[test]
    fn nulls_are_skipped() {
        let none = || null(SqlType::String);
        assert_eq!(evaluate("CONCAT", &[text("a"), none(), text("b")]), Value::string("ab"));
        assert_eq!(evaluate("CONCAT", &[none()]), Value::string(""));
        assert_eq!(
            evaluate("CONCAT_WS", &[text("-"), text("a"), none(), text("b")]),
            Value::string("a-b")
        );
        assert_eq!(evaluate("CONCAT_WS", &[none(), text("a"), text("b")]), Value::Null);
        assert_eq!(evaluate("CONCAT", &[bytes(b"a"), bytes(b"b")]), bytes(b"ab").1);
        assert_eq!(
            evaluate("CONCAT_WS", &[bytes(b"-"), bytes(b"a"), bytes(b"b")]),
            bytes(b"a-b").1
        );
    }

    #[test]
    fn one_of_many() {
        let abc = || [text("a"), text("b"), text("c")];
        let pick = |n| evaluate("ELT", &[vec![int(n)], abc().to_vec()].concat());
        assert_eq!(pick(2), Value::string("b"));
        assert_eq!(pick(0), Value::Null);
        assert_eq!(pick(4), Value::Null);
        let find = |wanted| evaluate("FIELD", &[vec![wanted], abc().to_vec()].concat());
        assert_eq!(find(text("c")), Value::Integer(3));
        assert_eq!(find(text("x")), Value::Integer(0));
        assert_eq!(find(null(SqlType::String)), Value::Integer(0));
    }
}
