//! The one face of all output formats: values are written in the order of their schema.

use super::Nullness;

/// Writes one value. The caller follows the schema; the writer knows only the format.
pub trait Writer {
    /// Begins a struct.
    fn open(&mut self);
    /// Begins a field of the open struct.
    fn field(&mut self, name: &FieldName);
    /// Ends the struct.
    fn close(&mut self);
    /// Writes that an optional value is absent; of a required one, the nearest thing to nothing.
    fn absent(&mut self, nullness: Nullness);
    /// Says that the value to follow is present.
    fn present(&mut self, nullness: Nullness);
    /// A boolean.
    fn boolean(&mut self, value: bool);
    /// An integer of up to 32 bits.
    fn int(&mut self, value: i32);
    /// A 64-bit integer.
    fn long(&mut self, value: i64);
    /// A 32-bit float.
    fn float(&mut self, value: f32);
    /// A 64-bit float.
    fn double(&mut self, value: f64);
    /// Text.
    fn string(&mut self, value: &str);
    /// Bytes.
    fn bytes(&mut self, value: &[u8]);
    /// A decimal number: its unscaled value in big-endian two's complement, and its scale.
    fn decimal(&mut self, unscaled: &[u8], scale: u32);
}

/// A field's name with what formats make of it, made once per schema.
#[derive(Clone, Debug)]
pub struct FieldName {
    /// The name itself.
    pub plain: String,
    /// `"name":` as JSON writes it.
    pub json: String,
}

impl FieldName {
    /// Prepares `name`.
    pub fn new(name: &str) -> Self {
        let quoted = serde_json::Value::from(name).to_string();
        Self { plain: name.to_owned(), json: format!("{quoted}:") }
    }
}
