//! The text that Connect's StringConverter makes of a value: Java's `toString` of it.

use std::io::Write;

use super::{FieldName, Nullness, Writer};

/// Appends to a buffer; absent fields of a struct are left out.
pub struct TextWriter<'a> {
    out: &'a mut Vec<u8>,
    /// Where the pending field's name begins, so that an absent value can take it back.
    pending_field: Option<usize>,
}

impl<'a> TextWriter<'a> {
    /// A writer at the end of `out`.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, pending_field: None }
    }

    fn display(&mut self, value: impl std::fmt::Display) {
        self.pending_field = None;
        write!(self.out, "{value}").expect("writing to a Vec does not fail");
    }
}

impl Writer for TextWriter<'_> {
    fn open(&mut self) {
        self.display("Struct{");
    }

    fn field(&mut self, name: &FieldName) {
        let start = self.out.len();
        if self.out.last() != Some(&b'{') {
            self.out.push(b',');
        }
        self.display(&name.plain);
        self.out.push(b'=');
        self.pending_field = Some(start);
    }

    fn close(&mut self) {
        self.display("}");
    }

    fn absent(&mut self, _nullness: Nullness) {
        if let Some(start) = self.pending_field.take() {
            self.out.truncate(start);
        }
    }

    fn present(&mut self, _nullness: Nullness) {}

    fn boolean(&mut self, value: bool) {
        self.display(value);
    }

    fn int(&mut self, value: i32) {
        self.display(value);
    }

    fn long(&mut self, value: i64) {
        self.display(value);
    }

    fn float(&mut self, value: f32) {
        self.display(format_args!("{value:?}"));
    }

    fn double(&mut self, value: f64) {
        self.display(format_args!("{value:?}"));
    }

    fn string(&mut self, value: &str) {
        self.display(value);
    }

    fn bytes(&mut self, value: &[u8]) {
        self.display(format_args!("{value:?}"));
    }

    fn decimal(&mut self, unscaled: &[u8], scale: u32) {
        self.display(crate::decimal::text_of(unscaled, scale));
    }
}
