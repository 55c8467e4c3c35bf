//! The .proto text that a source with given columns registers.

use std::collections::BTreeSet;
use std::fmt::Write;

use types::{Column, NullableRepresentation, SerdeSpec, SqlType};

use crate::{Error, Result};

/// Name of the message when none was set; messages within count on from it.
const MESSAGE_DEFAULT: &str = "ConnectDefault";

/// The schema text for `columns`.
///
/// # Errors
/// `Unsupported` for names that Protobuf does not allow and types it can't nest.
pub fn schema_text(spec: &SerdeSpec, columns: &[Column]) -> Result<String> {
    let default = format!("{MESSAGE_DEFAULT}1");
    let full_name = spec.full_schema_name.as_deref().unwrap_or(&default);
    let (package, name) = match full_name.rsplit_once('.') {
        Some((package, name)) => (Some(package), name),
        None => (None, full_name),
    };
    let mut generator =
        Generator { nullable: spec.nullable_representation, imports: BTreeSet::new(), messages: 1 };
    let fields = columns.iter().map(|column| (column.name.as_str(), &column.ty));
    let message = generator.message(name, fields, 0)?;
    let mut text = "syntax = \"proto3\";\n".to_owned();
    if let Some(package) = package {
        text.push_str(&format!("package {package};\n"));
    }
    if !generator.imports.is_empty() {
        text.push('\n');
    }
    for import in &generator.imports {
        text.push_str(&format!("import \"{import}\";\n"));
    }
    text.push('\n');
    text.push_str(&message);
    Ok(text)
}

struct Generator {
    nullable: Option<NullableRepresentation>,
    imports: BTreeSet<&'static str>,
    /// Messages named so far.
    messages: u32,
}

/// A field's type as text, with the message it needs inside this one.
struct FieldType {
    text: String,
    nested: Option<String>,
    options: String,
}

impl Generator {
    fn message<'a>(
        &mut self,
        name: &str,
        fields: impl Iterator<Item = (&'a str, &'a SqlType)>,
        depth: usize,
    ) -> Result<String> {
        check_name(name)?;
        let indent = "  ".repeat(depth);
        let mut text = format!("{indent}message {name} {{\n");
        let mut nested = String::new();
        for (index, (name, ty)) in fields.enumerate() {
            check_name(name)?;
            let field = self.field(ty, depth)?;
            let (number, FieldType { text: ty, options, .. }) = (index + 1, &field);
            writeln!(text, "{indent}  {ty} {name} = {number}{options};")
                .map_err(|_| unwritable())?;
            if let Some(message) = field.nested {
                nested.push('\n');
                nested.push_str(&message);
            }
        }
        text.push_str(&nested);
        text.push_str(&format!("{indent}}}\n"));
        Ok(text)
    }

    fn field(&mut self, ty: &SqlType, depth: usize) -> Result<FieldType> {
        match ty {
            SqlType::Array(element) => {
                refuse_nesting(element, ty)?;
                let element = self.element(element, depth)?;
                Ok(FieldType { text: format!("repeated {}", element.text), ..element })
            }
            SqlType::Map(_, value) => {
                refuse_nesting(value, ty)?;
                let value = self.element(value, depth)?;
                Ok(FieldType { text: format!("map<string, {}>", value.text), ..value })
            }
            SqlType::Struct(_) => self.element(ty, depth),
            scalar => self.scalar(scalar, depth),
        }
    }

    /// A scalar field, which may have to tell NULL from its default.
    fn scalar(&mut self, ty: &SqlType, depth: usize) -> Result<FieldType> {
        let field = self.element(ty, depth)?;
        let wrapper = wrapper(ty);
        let text = match (self.nullable, wrapper) {
            (Some(NullableRepresentation::Optional), Some(_)) => format!("optional {}", field.text),
            (Some(NullableRepresentation::Wrapper), Some(wrapper)) => {
                self.imports.insert("google/protobuf/wrappers.proto");
                format!("google.protobuf.{wrapper}")
            }
            _ => field.text,
        };
        Ok(FieldType { text, ..field })
    }

    fn element(&mut self, ty: &SqlType, depth: usize) -> Result<FieldType> {
        let mut options = String::new();
        let text = match ty {
            SqlType::Boolean => "bool",
            SqlType::Integer => "int32",
            SqlType::Bigint => "int64",
            SqlType::Double => "double",
            SqlType::String => "string",
            SqlType::Bytes => "bytes",
            SqlType::Time => self.import("google/type/timeofday.proto", "google.type.TimeOfDay"),
            SqlType::Date => self.import("google/type/date.proto", "google.type.Date"),
            SqlType::Timestamp => {
                self.import("google/protobuf/timestamp.proto", "google.protobuf.Timestamp")
            }
            SqlType::Decimal { precision, scale } => {
                self.imports.insert("confluent/meta.proto");
                options = format!(
                    " [(confluent.field_meta) = {{ params: [{{ value: \"{precision}\", key: \"precision\" }}, \
                     {{ value: \"{scale}\", key: \"scale\" }}] }}]"
                );
                self.import("confluent/type/decimal.proto", "confluent.type.Decimal")
            }
            SqlType::Struct(fields) => {
                self.messages += 1;
                let name = format!("{MESSAGE_DEFAULT}{}", self.messages);
                let fields = fields.iter().map(|field| (field.name.as_str(), &field.ty));
                let nested = Some(self.message(&name, fields, depth + 1)?);
                return Ok(FieldType { text: name, nested, options });
            }
            SqlType::Array(_) | SqlType::Map(..) => return Err(nesting(ty)),
        };
        Ok(FieldType { text: text.to_owned(), nested: None, options })
    }

    fn import(&mut self, file: &'static str, ty: &'static str) -> &'static str {
        self.imports.insert(file);
        ty
    }
}

fn unwritable() -> Error {
    Error::Unsupported("the .proto text can't be written".to_owned())
}

/// The wrapper message of a scalar; other types are messages already, or can't be told from empty.
fn wrapper(ty: &SqlType) -> Option<&'static str> {
    Some(match ty {
        SqlType::Boolean => "BoolValue",
        SqlType::Integer => "Int32Value",
        SqlType::Bigint => "Int64Value",
        SqlType::Double => "DoubleValue",
        SqlType::String => "StringValue",
        SqlType::Bytes => "BytesValue",
        _ => return None,
    })
}

fn refuse_nesting(inner: &SqlType, outer: &SqlType) -> Result<()> {
    match inner {
        SqlType::Array(_) | SqlType::Map(..) => Err(nesting(outer)),
        _ => Ok(()),
    }
}

fn nesting(ty: &SqlType) -> Error {
    Error::Unsupported(format!("PROTOBUF can't hold ARRAYs or MAPs directly within others: {ty}"))
}

fn check_name(name: &str) -> Result<()> {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts && name.chars().all(legal) {
        return Ok(());
    }
    Err(Error::Unsupported(format!("Schema is not compatible with Protobuf: illegal name {name}")))
}
