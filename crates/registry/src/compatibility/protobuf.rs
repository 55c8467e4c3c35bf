//! Whether messages written by one .proto file can be read by another.
//!
//! What the wire format bears is allowed: fields and messages may be added, fields may go or be
//! renamed, and change within types that share their encoding. A message may not go, and a field
//! number may not change its kind, its named type, or, for numbers, whether it repeats.

use formats::protobuf_schema::{Field, File, Label, Message, Named, Scalar, Type};

/// What keeps `reader` from reading what was written with `writer`.
pub fn incompatibilities(reader: &File, writer: &File) -> Vec<String> {
    let mut findings = Vec::new();
    compare_all(reader, &reader.messages, writer, &writer.messages, &mut findings);
    findings
}

fn compare_all(
    reader: &File,
    read: &[Message],
    writer: &File,
    written: &[Message],
    findings: &mut Vec<String>,
) {
    for message in written {
        match read.iter().find(|other| other.name == message.name) {
            None => {
                findings.push(finding("MESSAGE_REMOVED", &message.name, "the message is missing"))
            }
            Some(other) => {
                compare_fields(reader, other, writer, message, findings);
                compare_all(reader, &other.nested, writer, &message.nested, findings);
            }
        }
    }
}

fn compare_fields(
    reader: &File,
    read: &Message,
    writer: &File,
    written: &Message,
    findings: &mut Vec<String>,
) {
    for field in &written.fields {
        let Some(other) = read.fields.iter().find(|other| other.number == field.number) else {
            continue;
        };
        let path = format!("{}.{}", written.name, field.name);
        let (old, new) = (kind(writer, written, &field.ty), kind(reader, read, &other.ty));
        if old != new {
            findings.push(finding("FIELD_KIND_CHANGED", &path, "the field has another type"));
        }
        if repeats(field) != repeats(other) && !matches!(old, Kind::Text | Kind::Named(_)) {
            findings.push(finding(
                "FIELD_NUMERIC_LABEL_CHANGED",
                &path,
                "the field repeats in one schema only",
            ));
        }
    }
}

fn finding(word: &str, path: &str, text: &str) -> String {
    format!("{{errorType:'{word}', description:'{text}', additionalInfo:'{path}'}}")
}

fn repeats(field: &Field) -> bool {
    field.label == Label::Repeated
}

/// Types that read each other's bytes alike.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Varint,
    ZigZag,
    Fixed32,
    Fixed64,
    Float,
    Double,
    Text,
    Named(String),
    Map(Box<Kind>, Box<Kind>),
}

fn kind(file: &File, scope: &Message, ty: &Type) -> Kind {
    match ty {
        Type::Scalar(scalar) => scalar_kind(*scalar),
        Type::Map(key, value) => {
            Kind::Map(Box::new(scalar_kind(*key)), Box::new(kind(file, scope, value)))
        }
        Type::Named(name) => match file.find(&scope.name, name) {
            Some(Named::Message(message)) => Kind::Named(message.name.clone()),
            Some(Named::Enum(_)) => Kind::Varint,
            // Types of other files go by the name they are used with.
            Some(Named::WellKnown(_)) | None => {
                Kind::Named(name.trim_start_matches('.').to_owned())
            }
        },
    }
}

fn scalar_kind(scalar: Scalar) -> Kind {
    match scalar {
        Scalar::Int32 | Scalar::Int64 | Scalar::Uint32 | Scalar::Uint64 | Scalar::Bool => {
            Kind::Varint
        }
        Scalar::Sint32 | Scalar::Sint64 => Kind::ZigZag,
        Scalar::Fixed32 | Scalar::Sfixed32 => Kind::Fixed32,
        Scalar::Fixed64 | Scalar::Sfixed64 => Kind::Fixed64,
        Scalar::Float => Kind::Float,
        Scalar::Double => Kind::Double,
        Scalar::String | Scalar::Bytes => Kind::Text,
    }
}
