//! Between texts and bytes: ENCODE, TO_BYTES, FROM_BYTES; numbers in bytes; MD5 and UUID.

use std::fmt::Write;

use md5::{Digest, Md5};
use types::text::{decode_base64, write_base64};

use super::rows::{map0, map1, map2, map3};
use crate::{Registry, Scalar};

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    let functions = [
        encode(),
        to_bytes(),
        from_bytes(),
        int_from_bytes(),
        bigint_from_bytes(),
        double_from_bytes(),
        md5(),
        uuid(),
    ];
    functions.into_iter().for_each(|function| registry.add_scalar(function));
}

fn encode() -> Scalar {
    Scalar::new(
        "ENCODE",
        "STRING",
        "A text of one encoding in another: hex, utf8, ascii or base64.",
    )
    .overload("(STRING, STRING, STRING) -> STRING", |call| {
        map3(call, |text: &str, from: &str, to: &str| {
            let (from, to) = (Encoding::named(from)?, Encoding::named(to)?);
            Ok::<_, String>(to.text(&from.bytes(text)?))
        })
    })
}

fn to_bytes() -> Scalar {
    Scalar::new("TO_BYTES", "STRING", "The bytes of a text in hex, utf8, ascii or base64.")
        .overload("(STRING, STRING) -> BYTES", |call| {
            map2(call, |text: &str, encoding: &str| Encoding::named(encoding)?.bytes(text))
        })
}

fn from_bytes() -> Scalar {
    Scalar::new("FROM_BYTES", "STRING", "Bytes as a text in hex, utf8, ascii or base64.").overload(
        "(BYTES, STRING) -> STRING",
        |call| {
            map2(call, |bytes: &[u8], encoding: &str| {
                Encoding::named(encoding).map(|encoding| encoding.text(bytes))
            })
        },
    )
}

/// A function that reads a number from bytes.
macro_rules! number_from_bytes {
    ($function:ident, $name:literal, $type:literal, $number:ty) => {
        fn $function() -> Scalar {
            Scalar::new(
                $name,
                "CONVERSION",
                "The number in exactly so many bytes, BIG_ENDIAN or LITTLE_ENDIAN.",
            )
            .overload(concat!("(BYTES) -> ", $type), |call| {
                map1(call, |bytes: &[u8]| exactly(bytes).map(<$number>::from_be_bytes))
            })
            .overload(concat!("(BYTES, STRING) -> ", $type), |call| {
                map2(call, |bytes: &[u8], order: &str| match order {
                    "BIG_ENDIAN" => exactly(bytes).map(<$number>::from_be_bytes),
                    "LITTLE_ENDIAN" => exactly(bytes).map(<$number>::from_le_bytes),
                    _ => {
                        Err(format!("the byte order is BIG_ENDIAN or LITTLE_ENDIAN, not '{order}'"))
                    }
                })
            })
        }
    };
}

number_from_bytes!(int_from_bytes, "INT_FROM_BYTES", "INT", i32);
number_from_bytes!(bigint_from_bytes, "BIGINT_FROM_BYTES", "BIGINT", i64);
number_from_bytes!(double_from_bytes, "DOUBLE_FROM_BYTES", "DOUBLE", f64);

fn md5() -> Scalar {
    Scalar::new("MD5", "STRING", "The MD5 digest of a text's UTF-8 bytes, in hexadecimal.")
        .overload("(STRING) -> STRING", |call| {
            map1(call, |text: &str| hexadecimal(&Md5::digest(text)))
        })
}

fn uuid() -> Scalar {
    Scalar::new("UUID", "STRING", "A random UUID, or the one that 16 bytes hold.")
        .overload("() -> STRING", |call| {
            let environment = call.environment;
            map0(call, || random_uuid([environment.random_u64(), environment.random_u64()]))
        })
        .overload("(BYTES) -> STRING", |call| {
            map1(call, |bytes: &[u8]| (bytes.len() == 16).then(|| uuid_text(bytes)))
        })
}

/// A way to write bytes as text.
#[derive(Clone, Copy)]
enum Encoding {
    Hex,
    Utf8,
    Ascii,
    Base64,
}

impl Encoding {
    fn named(name: &str) -> Result<Self, String> {
        match name.to_ascii_lowercase().as_str() {
            "hex" => Ok(Self::Hex),
            "utf8" => Ok(Self::Utf8),
            "ascii" => Ok(Self::Ascii),
            "base64" => Ok(Self::Base64),
            _ => Err(format!("the encoding is hex, utf8, ascii or base64, not '{name}'")),
        }
    }

    fn bytes(self, text: &str) -> Result<Vec<u8>, String> {
        match self {
            Self::Hex => hex_bytes(text).ok_or_else(|| format!("not a hexadecimal text: '{text}'")),
            Self::Utf8 => Ok(text.as_bytes().to_vec()),
            Self::Ascii => {
                Ok(text.chars().map(|c| if c.is_ascii() { c as u8 } else { b'?' }).collect())
            }
            Self::Base64 => {
                decode_base64(text).ok_or_else(|| format!("not a base64 text: '{text}'"))
            }
        }
    }

    fn text(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => hexadecimal(bytes),
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Self::Ascii => {
                bytes
                    .iter()
                    .map(|byte| {
                        if byte.is_ascii() {
                            char::from(*byte)
                        } else {
                            char::REPLACEMENT_CHARACTER
                        }
                    })
                    .collect()
            }
            Self::Base64 => {
                let mut text = String::new();
                write_base64(bytes, &mut text);
                text
            }
        }
    }
}

/// Reads `4578`, `0x4578` or `X'4578'`. Only behind `0x` may the first byte lack its zero.
fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    let padded;
    let digits = if let Some(digits) = text.strip_prefix("0x") {
        padded = if digits.len() % 2 == 1 { format!("0{digits}") } else { digits.to_owned() };
        padded.as_str()
    } else if let Some(quoted) = text.strip_prefix("X'").or_else(|| text.strip_prefix("x'")) {
        quoted.strip_suffix('\'')?
    } else {
        text
    };
    let nibble = |byte: &u8| char::from(*byte).to_digit(16);
    let pairs = digits.as_bytes().chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let byte = |pair: &[u8]| u8::try_from(nibble(&pair[0])? << 4 | nibble(&pair[1])?).ok();
    pairs.map(byte).collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        write!(text, "{byte:02x}").expect("writing to a String never fails");
    }
    text
}

fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], String> {
    bytes.try_into().map_err(|_| format!("the number has {N} bytes, not {}", bytes.len()))
}

/// A version 4 UUID (RFC 9562).
fn random_uuid(random: [u64; 2]) -> String {
    let mut bytes = [random[0].to_be_bytes(), random[1].to_be_bytes()].concat();
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    uuid_text(&bytes)
}

fn uuid_text(bytes: &[u8]) -> String {
    let mut text = hexadecimal(bytes);
    for position in [20, 16, 12, 8] {
        text.insert(position, '-');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalars::testing::{bytes, evaluate, fails, text};
    use types::Value;

    #[test]
    fn hexadecimal_texts_have_three_forms() {
        for hex in
            ["4578616d706C6521", "0x4578616d706C6521", "X'4578616d706C6521'", "x'4578616d706C6521'"]
        {
            assert_eq!(hex_bytes(hex).as_deref(), Some(&b"Example!"[..]), "{hex}");
        }
        for empty in ["", "0x", "X''", "x''"] {
            assert_eq!(hex_bytes(empty), Some(Vec::new()), "{empty}");
        }
        assert_eq!(hex_bytes("0x578"), Some(vec![5, 0x78]));
        for bad in ["0x0x", "578", "X'", "x'4578", "x'578'", "zz", "+1"] {
            assert_eq!(hex_bytes(bad), None, "{bad}");
        }
    }

    #[test]
    fn texts_change_their_encoding() {
        let encode = |t, from, to| evaluate("ENCODE", &[text(t), text(from), text(to)]);
        assert_eq!(encode("Έλλ", "ascii", "hex"), Value::string("3f3f3f"));
        assert_eq!(encode("c39c62", "hex", "ascii"), Value::string("\u{fffd}\u{fffd}b"));
        assert_eq!(encode("RXhhbXBsZSE=", "base64", "utf8"), Value::string("Example!"));
        assert!(fails("ENCODE", &[text("a"), text("utf8"), text("utf9")]));
        assert_eq!(evaluate("FROM_BYTES", &[bytes(b"abc"), text("hex")]), Value::string("616263"));
    }

    #[test]
    fn numbers_are_read_from_bytes() {
        assert_eq!(evaluate("INT_FROM_BYTES", &[bytes(&[0, 0, 1, 2])]), Value::Integer(258));
        let little = [bytes(&[1, 0, 0, 0, 0, 0, 0, 0]), text("LITTLE_ENDIAN")];
        assert_eq!(evaluate("BIGINT_FROM_BYTES", &little), Value::Bigint(1));
        assert!(fails("DOUBLE_FROM_BYTES", &[bytes(&[1])]));
    }

    #[test]
    fn digests_and_ids() {
        assert_eq!(
            evaluate("MD5", &[text("r1")]),
            Value::string("7c92cf1eee8d99cc85f8355a3d6e4b86")
        );
        assert_eq!(random_uuid([u64::MAX, u64::MAX]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(evaluate("UUID", &[bytes(&[1])]), Value::Null);
    }
}
