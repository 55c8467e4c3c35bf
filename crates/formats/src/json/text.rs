//! JSON of any kind as a STRING: scalars as their text, objects as JSON, arrays as `[a, b]`
//! (spec section 6.5).

use jiter::{Jiter, Peek};

use super::scalars::malformed;
use super::write::write_string;
use crate::decimals;
use crate::fault::{Decode, Fault};

/// Nesting beyond this is refused, as in the parser.
const DEPTH_MAX: usize = 128;

/// Appends the text of the value that stands next.
pub fn write_as_text(json: &mut Jiter<'_>, peek: Peek, out: &mut Vec<u8>) -> Decode<()> {
    as_text(json, peek, out, 0)
}

fn as_text(json: &mut Jiter<'_>, peek: Peek, out: &mut Vec<u8>, depth: usize) -> Decode<()> {
    match peek {
        Peek::String => {
            out.extend_from_slice(json.known_str().map_err(malformed)?.as_bytes());
            Ok(())
        }
        Peek::Array => array_as_text(json, out, depth),
        Peek::Object => object(json, out, depth),
        scalar => literal(json, scalar, out, decimals::big_decimal_text),
    }
}

fn array_as_text(json: &mut Jiter<'_>, out: &mut Vec<u8>, depth: usize) -> Decode<()> {
    check_depth(depth)?;
    out.push(b'[');
    let mut next = json.known_array().map_err(malformed)?;
    let mut first = true;
    while let Some(peek) = next {
        if !std::mem::take(&mut first) {
            out.extend_from_slice(b", ");
        }
        as_text(json, peek, out, depth + 1)?;
        next = json.array_step().map_err(malformed)?;
    }
    out.push(b']');
    Ok(())
}

/// Appends the value as compact JSON.
fn compact(json: &mut Jiter<'_>, peek: Peek, out: &mut Vec<u8>, depth: usize) -> Decode<()> {
    match peek {
        Peek::String => {
            write_string(json.known_str().map_err(malformed)?, out);
            Ok(())
        }
        Peek::Array => array(json, out, depth),
        Peek::Object => object(json, out, depth),
        scalar => literal(json, scalar, out, plain),
    }
}

fn array(json: &mut Jiter<'_>, out: &mut Vec<u8>, depth: usize) -> Decode<()> {
    check_depth(depth)?;
    out.push(b'[');
    let mut next = json.known_array().map_err(malformed)?;
    let mut first = true;
    while let Some(peek) = next {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        compact(json, peek, out, depth + 1)?;
        next = json.array_step().map_err(malformed)?;
    }
    out.push(b']');
    Ok(())
}

fn object(json: &mut Jiter<'_>, out: &mut Vec<u8>, depth: usize) -> Decode<()> {
    check_depth(depth)?;
    out.push(b'{');
    let mut found = write_key(json.known_object().map_err(malformed)?, out);
    while found {
        let peek = json.peek().map_err(malformed)?;
        compact(json, peek, out, depth + 1)?;
        let key = json.next_key().map_err(malformed)?;
        if key.is_some() {
            out.push(b',');
        }
        found = write_key(key, out);
    }
    out.push(b'}');
    Ok(())
}

fn write_key(key: Option<&str>, out: &mut Vec<u8>) -> bool {
    if let Some(key) = key {
        write_string(key, out);
        out.push(b':');
    }
    key.is_some()
}

/// A number, true, false or null; numbers with a fraction or exponent as `number` spells them.
fn literal(
    json: &mut Jiter<'_>,
    peek: Peek,
    out: &mut Vec<u8>,
    number: fn(&str) -> Option<String>,
) -> Decode<()> {
    let start = json.current_index();
    json.known_skip(peek).map_err(malformed)?;
    let raw = json.slice_to_current(start);
    let spelled = std::str::from_utf8(raw).map_err(malformed)?;
    if peek.is_num() && spelled.contains(['.', 'e', 'E']) {
        let text = number(spelled);
        out.extend_from_slice(text.as_deref().unwrap_or(spelled).as_bytes());
    } else if spelled == "-0" {
        out.push(b'0');
    } else {
        out.extend_from_slice(raw);
    }
    Ok(())
}

/// A number without exponent, where that is not absurdly long.
fn plain(spelled: &str) -> Option<String> {
    spelled.parse::<types::Decimal>().ok().map(|decimal| decimal.to_string())
}

fn check_depth(depth: usize) -> Decode<()> {
    if depth >= DEPTH_MAX {
        return Err(Fault::new(format!("JSON is nested deeper than {DEPTH_MAX} levels")));
    }
    Ok(())
}
