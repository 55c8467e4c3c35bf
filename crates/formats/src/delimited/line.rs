//! One line of separated values: splitting into fields, and quoting.

use crate::fault::{Decode, Fault};

/// A field of a line: a range of the line's text, or of the buffer for fields that had to be
/// put together from quoted pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    start: usize,
    end: usize,
    unquoted: bool,
    buffered: bool,
}

/// The fields of the line that was split last; reused from line to line.
#[derive(Debug, Default)]
pub struct Line {
    fields: Vec<Field>,
    buffer: String,
}

impl Line {
    /// Splits the first line of `text`; empty lines before it are skipped.
    ///
    /// Fails when there is no line at all, or a quote stays open.
    pub fn split(&mut self, text: &str, delimiter: char) -> Decode<()> {
        self.fields.clear();
        self.buffer.clear();
        let start = text.len() - text.trim_start_matches(['\r', '\n']).len();
        if start == text.len() {
            return Err(Fault::new("No fields in record"));
        }
        let mut at = start;
        loop {
            let end = if text[at..].starts_with('"') {
                self.quoted(text, at + 1, delimiter)?
            } else {
                self.bare(text, at, delimiter)
            };
            match text[end..].chars().next() {
                Some(c) if c == delimiter => at = end + delimiter.len_utf8(),
                _ => return Ok(()),
            }
        }
    }

    fn bare(&mut self, text: &str, start: usize, delimiter: char) -> usize {
        let stop = |c: char| c == delimiter || c == '\r' || c == '\n';
        let end = text[start..].find(stop).map_or(text.len(), |length| start + length);
        self.fields.push(Field { start, end, unquoted: true, buffered: false });
        end
    }

    /// A field whose opening quote has been read; gives where the delimiter or the line's end is.
    fn quoted(&mut self, text: &str, start: usize, delimiter: char) -> Decode<usize> {
        let from = self.buffer.len();
        let mut at = start;
        loop {
            let Some(length) = text[at..].find('"') else {
                return Err(Fault::new("EOF reached before encapsulated token finished"));
            };
            self.buffer.push_str(&text[at..at + length]);
            at += length + 1;
            if !text[at..].starts_with('"') {
                break;
            }
            self.buffer.push('"');
            at += 1;
        }
        let rest = &text[at..];
        let end = rest.find(|c: char| c != ' ').map_or(text.len(), |blanks| at + blanks);
        let ends_here = match text[end..].chars().next() {
            None => true,
            Some(c) => c == delimiter || c == '\r' || c == '\n',
        };
        if !ends_here {
            return Err(Fault::new("invalid char between encapsulated token and delimiter"));
        }
        let to = self.buffer.len();
        self.fields.push(Field { start: from, end: to, unquoted: false, buffered: true });
        Ok(end)
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Field `index` of the line split from `text`; `None` when it is empty and not quoted.
    pub fn field<'t>(&'t self, text: &'t str, index: usize) -> Option<&'t str> {
        let field = &self.fields[index];
        let source = if field.buffered { self.buffer.as_str() } else { text };
        let content = &source[field.start..field.end];
        (!(field.unquoted && content.is_empty())).then_some(content)
    }
}

/// Appends `value` as a field, quoted when it must be (as Commons CSV's minimal mode does).
pub fn write_field(value: &str, first: bool, delimiter: char, out: &mut Vec<u8>) {
    if !needs_quotes(value, first, delimiter) {
        out.extend_from_slice(value.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in value.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// The first field of a line is quoted unless it begins with a letter or digit (an empty one, so
/// that the line is not blank); any other when it begins with a character up to `#`. Delimiters,
/// quotes and line breaks anywhere need quotes, and so does a trailing blank.
fn needs_quotes(value: &str, first: bool, delimiter: char) -> bool {
    let Some(start) = value.chars().next() else { return first };
    let doubtful = if first { !start.is_ascii_alphanumeric() } else { start <= '#' };
    doubtful || value.contains([delimiter, '"', '\r', '\n']) || value.ends_with(|c| c <= ' ')
}
