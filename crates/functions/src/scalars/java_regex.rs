//! Java's regular expressions on the engine used here: [`compile`] rewrites what the two syntaxes
//! understand differently, [`expand`] and [`split`] follow Java's `Matcher` and Guava's `Splitter`.
//!
//! Java's `\d \w \s` and POSIX classes are ASCII only; its `.` stops at five line terminators; its
//! `$` also matches before a final one.

use fancy_regex::{Captures, Regex, RegexBuilder};

/// Steps of backtracking after which a match is given up, lest a pattern stop the query.
const BACKTRACK_MAX: usize = 1_000_000;

const ANY_BUT_LINE_END: &str = r"[^\n\r\x{85}\x{2028}\x{2029}]";
const END_OF_TEXT: &str = r"(?=(?:\r\n|[\n\r\x{85}\x{2028}\x{2029}])?\z)";

/// ASCII classes that Java writes with `\` or `\p{...}`, as the inside of a bracketed class.
const CLASSES: [(&str, &str); 20] = [
    ("d", "0-9"),
    ("w", "a-zA-Z0-9_"),
    ("s", r" \t\n\x0B\f\r"),
    ("h", r" \t\x{A0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}"),
    ("v", r"\n\x0B\f\r\x{85}\x{2028}\x{2029}"),
    ("Lower", "a-z"),
    ("Upper", "A-Z"),
    ("ASCII", r"\x00-\x7F"),
    ("Alpha", "a-zA-Z"),
    ("Digit", "0-9"),
    ("Alnum", "a-zA-Z0-9"),
    ("Punct", r"!-/:-@\[-`{-~"),
    ("Graph", "!-~"),
    ("Print", " -~"),
    ("Blank", r" \t"),
    ("Cntrl", r"\x00-\x1F\x7F"),
    ("XDigit", "0-9a-fA-F"),
    ("Space", r" \t\n\x0B\f\r"),
    ("javaLowerCase", r"\p{Lowercase}"),
    ("javaUpperCase", r"\p{Uppercase}"),
];

/// A compiled Java pattern.
///
/// # Errors
/// When the pattern is wrong, or uses something that is not supported.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(&translate(pattern))
        .backtrack_limit(BACKTRACK_MAX)
        .build()
        .map_err(|error| format!("invalid regular expression '{pattern}': {error}"))
}

/// The pattern in the engine's syntax.
fn translate(pattern: &str) -> String {
    Translator {
        rest: pattern,
        out: String::with_capacity(pattern.len()),
        class_depth: 0,
        dot_matches_all: sets_flag(pattern, 's'),
        multi_line: sets_flag(pattern, 'm'),
    }
    .translate()
}

/// Whether an inline group such as `(?is)` sets `flag` anywhere.
fn sets_flag(pattern: &str, flag: char) -> bool {
    pattern.split("(?").skip(1).any(|group| {
        let flags = group.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
        group[flags.len()..].starts_with([')', ':', '-']) && flags.contains(flag)
    })
}

struct Translator<'a> {
    rest: &'a str,
    out: String,
    class_depth: usize,
    dot_matches_all: bool,
    multi_line: bool,
}

impl Translator<'_> {
    fn translate(mut self) -> String {
        while let Some(c) = self.next() {
            match c {
                '\\' => self.escape(),
                '[' => self.open_class(),
                ']' if self.class_depth > 0 => self.close_class(),
                '.' if self.class_depth == 0 && !self.dot_matches_all => {
                    self.push(ANY_BUT_LINE_END)
                }
                '$' if self.class_depth == 0 && !self.multi_line => self.push(END_OF_TEXT),
                '-' | '~' if self.class_depth > 0 && self.rest.starts_with(c) => self.double(c),
                other => self.out.push(other),
            }
        }
        self.out
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn open_class(&mut self) {
        self.class_depth += 1;
        self.out.push('[');
        if self.rest.starts_with('^') {
            self.next();
            self.out.push('^');
        }
        if self.rest.starts_with(']') {
            self.next();
            self.push(r"\]");
        }
    }

    fn close_class(&mut self) {
        self.class_depth -= 1;
        self.out.push(']');
    }

    /// `--` and `~~` are set operations in the engine, but plain characters in Java.
    fn double(&mut self, c: char) {
        self.next();
        self.out.extend(['\\', c, '\\', c]);
    }

    fn escape(&mut self) {
        match self.next() {
            Some('Q') => self.quoted(),
            Some('R') => self.push(r"(?:\r\n|[\n\x0B\f\r\x{85}\x{2028}\x{2029}])"),
            Some('Z') => self.push(END_OF_TEXT),
            Some('e') => self.push(r"\x1B"),
            Some('u') => self.unicode(),
            Some(c @ ('p' | 'P')) => self.property(c == 'P'),
            Some(c @ ('d' | 'w' | 's' | 'h' | 'v')) => {
                self.class(class_named(&c.to_string()), false, c)
            }
            Some(c @ ('D' | 'W' | 'S' | 'H' | 'V')) => {
                self.class(class_named(&c.to_ascii_lowercase().to_string()), true, c);
            }
            // The engine refuses escapes of characters that mean nothing, such as `\"`.
            Some(c) if !c.is_ascii_alphanumeric() && !is_syntax(c) => self.out.push(c),
            Some(c) => self.out.extend(['\\', c]),
            None => self.out.push('\\'),
        }
    }

    /// Everything up to `\E` stands for itself.
    fn quoted(&mut self) {
        let end = self.rest.find(r"\E").unwrap_or(self.rest.len());
        let quoted = fancy_regex::escape(&self.rest[..end]).into_owned();
        self.rest = self.rest[end..].strip_prefix(r"\E").unwrap_or("");
        self.push(&quoted);
    }

    fn unicode(&mut self) {
        match self.rest.get(..4) {
            Some(code) if code.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                self.rest = &self.rest[4..];
                self.out.push_str(&format!(r"\x{{{code}}}"));
            }
            _ => self.push(r"\u"),
        }
    }

    fn property(&mut self, negated: bool) {
        let name = self.rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let Some((name, rest)) = name else {
            return self.push(if negated { r"\P" } else { r"\p" });
        };
        self.rest = rest;
        match class_named(name) {
            Some(class) => self.class(Some(class), negated, 'p'),
            None => {
                let name =
                    name.strip_prefix("Is").or_else(|| name.strip_prefix("In")).unwrap_or(name);
                let letter = if negated { 'P' } else { 'p' };
                self.out.push_str(&format!(r"\{letter}{{{name}}}"));
            }
        }
    }

    fn class(&mut self, inside: Option<&str>, negated: bool, letter: char) {
        let Some(inside) = inside else { return self.out.extend(['\\', letter]) };
        let caret = if negated { "^" } else { "" };
        self.out.push_str(&format!("[{caret}{inside}]"));
    }
}

fn class_named(name: &str) -> Option<&'static str> {
    CLASSES.iter().find(|(known, _)| *known == name).map(|(_, inside)| *inside)
}

fn is_syntax(c: char) -> bool {
    r"\.+*?()|[]{}^$#&-~/".contains(c)
}

/// Appends Java's replacement text for a match: `$1`, `${name}`, and `\` before a literal character.
///
/// # Errors
/// When the replacement is malformed or names a group that the pattern lacks.
pub fn expand(
    captures: &Captures<'_, str>,
    replacement: &str,
    out: &mut String,
) -> Result<(), String> {
    let mut rest = replacement;
    while let Some(at) = rest.find(['\\', '$']) {
        out.push_str(&rest[..at]);
        let is_group = rest[at..].starts_with('$');
        rest = &rest[at + 1..];
        if is_group {
            rest = expand_group(captures, rest, out)?;
        } else {
            let c = rest.chars().next().ok_or("the replacement ends in a backslash")?;
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out.push_str(rest);
    Ok(())
}

fn expand_group<'r>(
    captures: &Captures<'_, str>,
    rest: &'r str,
    out: &mut String,
) -> Result<&'r str, String> {
    if let Some((name, rest)) = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        out.push_str(captures.name(name).map_or("", |group| group.as_str()));
        return Ok(rest);
    }
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    // Java takes as many digits as still name a group, but at least one.
    let taken = (2..=digits)
        .rev()
        .find(|taken| rest[..*taken].parse().is_ok_and(|group: usize| group < captures.len()))
        .unwrap_or(1);
    let group: usize = match rest.get(..taken.min(digits)).map(str::parse) {
        Some(Ok(group)) => group,
        _ => return Err("a $ in the replacement is followed by no group".to_owned()),
    };
    if group >= captures.len() {
        return Err(format!("the pattern has no group {group}"));
    }
    out.push_str(captures.get(group).map_or("", |found| found.as_str()));
    Ok(&rest[taken..])
}

/// The parts of `text` between the matches, empty ones included. A pattern that matches the empty text splits
/// as Java's `Pattern.split`: no empty part in front of a match of no width, none at the end.
///
/// # Errors
/// When matching takes too long.
pub fn split(regex: &Regex, text: &str) -> Result<Vec<String>, String> {
    let matches_nothing = regex.is_match("").map_err(|error| error.to_string())?;
    let mut parts = Vec::new();
    let mut start = 0;
    for found in regex.find_iter(text) {
        let found = found.map_err(|error| error.to_string())?;
        if found.end() == 0 || (found.start() == text.len() && found.range().is_empty()) {
            if found.end() == 0 && !found.range().is_empty() {
                parts.push(String::new());
            }
            continue;
        }
        parts.push(text[start..found.start()].to_owned());
        start = found.end();
    }
    parts.push(text[start..].to_owned());
    if matches_nothing {
        while parts.len() > 1 && parts.last().is_some_and(String::is_empty) {
            parts.pop();
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(pattern: &str, text: &str) -> Option<String> {
        let regex = compile(pattern).expect("a pattern");
        regex.find(text).expect("quick").map(|found| found.as_str().to_owned())
    }

    #[test]
    fn classes_are_those_of_java() {
        for (pattern, text, expected) in [
            (r"\w+", "éab_1é", Some("ab_1")),
            (r"[\w.]+", "é a.b", Some("a.b")),
            (r"\d", "٣", None),
            (r"[^\d]", "1x", Some("x")),
            (r"[\D]", "1x", Some("x")),
            (r"\s", "\u{a0}", None),
            (r"\p{Alpha}+", "éab", Some("ab")),
            (r"\P{Alpha}+", "ab12", Some("12")),
            (r"\p{IsAlphabetic}+", "éab", Some("éab")),
            (r"\p{L}+", "1é", Some("é")),
            (r"\Qa.b\E+", "axb a.bb", Some("a.bb")),
            (r"a.b", "a\rb", None),
            (r"(?s)a.b", "a\rb", Some("a\rb")),
            (r"b$", "ab\n", Some("b")),
            (r"\u0041", "A", Some("A")),
            (r"[a-z&&[^b]]+", "bac", Some("ac")),
            (r"[]a]+", "]a", Some("]a")),
            (r#"\"(\w)\""#, r#"x"a""#, Some(r#""a""#)),
            (r"(a)\1", "aa", Some("aa")),
            (r"(?<=x)y", "xy", Some("y")),
            (r"[+--]", ",", None),
        ] {
            assert_eq!(first(pattern, text).as_deref(), expected, "{pattern} on {text:?}");
        }
        assert!(compile("(").is_err());
    }

    #[test]
    fn replacements_name_groups() {
        let regex = compile(r"(?<first>a)(b)").expect("a pattern");
        let captures = regex.captures("ab").expect("quick").expect("it matches");
        let expanded = |replacement: &str| {
            let mut out = String::new();
            expand(&captures, replacement, &mut out).map(|()| out)
        };
        assert_eq!(expanded(r"$2-${first}\$1"), Ok("b-a$1".to_owned()));
        assert_eq!(expanded("$11"), Ok("a1".to_owned()));
        assert!(expanded("$3").is_err() && expanded("$").is_err() && expanded("\\").is_err());
    }

    #[test]
    fn texts_are_split() {
        let parts = |pattern: &str, text: &str| {
            split(&compile(pattern).expect("a pattern"), text).expect("quick").join("|")
        };
        assert_eq!(parts("x", "xaxxb"), "|a||b");
        assert_eq!(parts("x+", "aXb"), "aXb");
        assert_eq!(parts("x", "ax"), "a|");
        assert_eq!(parts("", "abc"), "a|b|c");
        assert_eq!(parts("x*", "abxxc"), "a|b|c");
    }

    #[test]
    fn matches_are_those_of_java() {
        let unescaped = |text: &str| {
            let parts = text
                .split(r"\\")
                .map(|part| part.replace(r"\n", "\n").replace(r"\r", "\r").replace(r"\t", "\t"));
            parts.collect::<Vec<_>>().join(r"\")
        };
        let mut wrong = Vec::new();
        for line in include_str!("testdata/java_regex.txt").lines().skip(1) {
            let parts: Vec<String> = line.split('\t').map(unescaped).collect();
            let [pattern, text, expected] = parts.as_slice() else {
                panic!("{line} has three parts")
            };
            let matches = compile(pattern).map(|regex| {
                let found =
                    regex.find_iter(text).map(|found| found.expect("quick").as_str().to_owned());
                found.map(|found| format!("<{found}>")).collect::<String>()
            });
            if matches.clone().unwrap_or_else(|_| "!".to_owned()) != *expected {
                wrong.push(format!("{line}\n    got {matches:?}"));
            }
        }
        assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    }
}
