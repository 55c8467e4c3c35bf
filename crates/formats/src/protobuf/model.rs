//! What a .proto file consists of, as far as payloads need it.

use std::collections::HashMap;

pub use super::well_known::WellKnown;

/// A parsed file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Messages at the top, in order: message indexes count them.
    pub messages: Vec<Message>,
    /// Enums by full name, wherever they stand.
    pub enums: HashMap<String, Vec<(i32, String)>>,
}

/// A message type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Full name: package, outer messages, own name, with dots between.
    pub name: String,
    /// The fields in the text's order.
    pub fields: Vec<Field>,
    /// Messages within, in order.
    pub nested: Vec<Message>,
}

/// A field of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name.
    pub name: String,
    /// Number on the wire.
    pub number: u32,
    /// How often it occurs.
    pub label: Label,
    /// Type.
    pub ty: Type,
    /// Parameters of Confluent's `field_meta` option.
    pub parameters: HashMap<String, String>,
}

/// How often a field occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Once; not told apart from its default when it is a scalar.
    Implicit,
    /// Once or not at all.
    Optional,
    /// Any number of times.
    Repeated,
}

/// Type of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// A scalar.
    Scalar(Scalar),
    /// A message or enum, by the name as written.
    Named(String),
    /// A map.
    Map(Scalar, Box<Type>),
}

/// Scalar types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are Protobuf's own type names")]
pub enum Scalar {
    Double,
    Float,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub enum Named<'a> {
    /// A message of the file.
    Message(&'a Message),
    /// The values of an enum.
    Enum(&'a [(i32, String)]),
    /// A message with a meaning of its own.
    WellKnown(WellKnown),
}

impl File {
    /// What `name` stands for inside the message `scope`: innermost first, as Protobuf looks it up.
    pub fn find(&self, scope: &str, name: &str) -> Option<Named<'_>> {
        if let Some(known) = WellKnown::named(name.trim_start_matches('.')) {
            return Some(Named::WellKnown(known));
        }
        if let Some(absolute) = name.strip_prefix('.') {
            return self.full(absolute);
        }
        let mut scope = Some(scope);
        while let Some(outer) = scope {
            if let Some(found) = self.full(&format!("{outer}.{name}")) {
                return Some(found);
            }
            scope = outer.rsplit_once('.').map(|(outer, _)| outer);
        }
        self.full(name)
    }

    fn full(&self, name: &str) -> Option<Named<'_>> {
        if let Some(values) = self.enums.get(name) {
            return Some(Named::Enum(values));
        }
        self.message(name).map(|(_, message)| Named::Message(message))
    }

    /// The message of that full (or unqualified top-level) name and its message indexes.
    pub fn message(&self, name: &str) -> Option<(Vec<i32>, &Message)> {
        within(&self.messages, name)
    }

    /// The message at those indexes.
    pub fn at(&self, indexes: &[i32]) -> Option<&Message> {
        let mut messages = &self.messages;
        let mut found = None;
        for index in indexes {
            let message = messages.get(usize::try_from(*index).ok()?)?;
            messages = &message.nested;
            found = Some(message);
        }
        found
    }
}

fn within<'a>(messages: &'a [Message], name: &str) -> Option<(Vec<i32>, &'a Message)> {
    for (message, index) in messages.iter().zip(0_i32..) {
        if message.name == name {
            return Some((vec![index], message));
        }
        if let Some((mut indexes, found)) = within(&message.nested, name) {
            indexes.insert(0, index);
            return Some((indexes, found));
        }
    }
    None
}

impl Scalar {
    /// The type of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "double" => Self::Double,
            "float" => Self::Float,
            "int32" => Self::Int32,
            "int64" => Self::Int64,
            "uint32" => Self::Uint32,
            "uint64" => Self::Uint64,
            "sint32" => Self::Sint32,
            "sint64" => Self::Sint64,
            "fixed32" => Self::Fixed32,
            "fixed64" => Self::Fixed64,
            "sfixed32" => Self::Sfixed32,
            "sfixed64" => Self::Sfixed64,
            "bool" => Self::Bool,
            "string" => Self::String,
            "bytes" => Self::Bytes,
            _ => return None,
        })
    }
}
