//! Java's properties files: `name=value` lines with comments, continuations and escapes.

use std::str::Chars;

/// The properties of a file in order; a name given twice is there twice.
///
/// # Errors
/// What is wrong and in which line: only a malformed `\u` escape can be.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut properties = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, first)) = lines.next() {
        let first = first.trim_start_matches(is_blank);
        if first.is_empty() || first.starts_with(['#', '!']) {
            continue;
        }
        let mut logical = first.to_owned();
        while continues(&logical) {
            logical.pop();
            let Some((_, next)) = lines.next() else { break };
            logical.push_str(next.trim_start_matches(is_blank));
        }
        let property = split(&logical).map_err(|error| format!("line {}: {error}", index + 1))?;
        properties.push(property);
    }
    Ok(properties)
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{c}')
}

/// Whether a line ends in an odd number of backslashes.
fn continues(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// Name and value of one logical line, parted by `=`, `:` or blanks.
fn split(line: &str) -> Result<(String, String), String> {
    let mut is_escaped = false;
    let end = line.find(|c| {
        let ends = !is_escaped && (is_blank(c) || matches!(c, '=' | ':'));
        is_escaped = c == '\\' && !is_escaped;
        ends
    });
    let (name, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_start_matches(is_blank);
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start_matches(is_blank);
    Ok((unescape(name)?, unescape(value)?))
}

fn unescape(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => push_escape(&mut out, &mut chars)?,
            other => out.push(other),
        }
    }
    Ok(out)
}

fn push_escape(out: &mut String, chars: &mut Chars<'_>) -> Result<(), String> {
    match chars.next() {
        Some('t') => out.push('\t'),
        Some('n') => out.push('\n'),
        Some('r') => out.push('\r'),
        Some('f') => out.push('\u{c}'),
        Some('u') => out.push(unicode_escape(chars)?),
        Some(other) => out.push(other),
        None => {}
    }
    Ok(())
}

/// The character of `\uXXXX`; a high surrogate takes the low one's escape along.
fn unicode_escape(chars: &mut Chars<'_>) -> Result<char, String> {
    let wrong = || "malformed \\u escape".to_owned();
    let first = unit(chars).ok_or_else(wrong)?;
    let mut units = vec![first];
    if (0xD800..0xDC00).contains(&first) {
        if chars.next() != Some('\\') || chars.next() != Some('u') {
            return Err(wrong());
        }
        units.push(unit(chars).ok_or_else(wrong)?);
    }
    char::decode_utf16(units).next().and_then(Result::ok).ok_or_else(wrong)
}

fn unit(chars: &mut Chars<'_>) -> Option<u16> {
    let digits: String = chars.take(4).collect();
    let is_hex = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u16::from_str_radix(&digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn parsed(text: &str) -> Vec<(String, String)> {
        parse(text).expect("well formed")
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn names_and_values_part_at_the_first_separator() {
        let text = "a=1\n b : 2\nc 3\nd\ne==x\nf\\=g=h\\:i\n";
        let expected = [
            pair("a", "1"),
            pair("b", "2"),
            pair("c", "3"),
            pair("d", ""),
            pair("e", "=x"),
            pair("f=g", "h:i"),
        ];
        assert_eq!(parsed(text), expected);
    }

    #[test]
    fn comments_continuations_and_escapes() {
        let text =
            "# one\n  ! two\n\nlist=a,\\\n   b\\\n   ,c\npath=c:\\\\x\\u00e9\\ud83d\\ude00\\t.\n";
        assert_eq!(parsed(text), [pair("list", "a,b,c"), pair("path", "c:\\x\u{e9}\u{1f600}\t.")]);
        assert_eq!(parse("a=1\nb=\\u12").expect_err("malformed"), "line 2: malformed \\u escape");
        assert_eq!(parsed("end=\\"), [pair("end", "")]);
    }
}
