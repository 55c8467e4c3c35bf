//! The words that schemas of requests are written in.

use kafka_protocol::messages::ApiKey;

/// A request that has no flexible version.
pub(super) const NEVER: i16 = i16::MAX;

/// How a request's body is laid out, in every version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub(super) key: ApiKey,
    /// From this version on lengths are compact and structures end in tagged fields (KIP-482).
    pub(super) flexible_since: i16,
    pub(super) body: Kind,
}

/// How a value is laid out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// So many bytes.
    Fixed(usize),
    /// A length and as much text; null is possible.
    String,
    /// A length and as many bytes; null is possible.
    Bytes,
    /// A number and as many elements; null is possible.
    Array(&'static Kind),
    /// One field after the other.
    Structure(&'static [Field]),
    /// A byte that is 1, and a value; or any other byte.
    Optional(&'static Kind),
}

/// A field of a structure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// The first and the last version that has it.
    pub(super) since: i16,
    pub(super) until: i16,
    /// Its number, if it is among the tagged fields.
    pub(super) tag: Option<u32>,
}

pub(super) const BOOLEAN: Kind = Kind::Fixed(1);
pub(super) const INT8: Kind = Kind::Fixed(1);
pub(super) const INT16: Kind = Kind::Fixed(2);
pub(super) const INT32: Kind = Kind::Fixed(4);
pub(super) const INT64: Kind = Kind::Fixed(8);
pub(super) const FLOAT64: Kind = Kind::Fixed(8);
pub(super) const UUID: Kind = Kind::Fixed(16);
pub(super) const STRING: Kind = Kind::String;
pub(super) const BYTES: Kind = Kind::Bytes;

pub(super) const fn array(element: &'static Kind) -> Kind {
    Kind::Array(element)
}

pub(super) const fn structure(fields: &'static [Field]) -> Kind {
    Kind::Structure(fields)
}

pub(super) const fn optional(kind: &'static Kind) -> Kind {
    Kind::Optional(kind)
}

pub(super) const fn request(key: ApiKey, flexible_since: i16, body: Kind) -> Request {
    Request { key, flexible_since, body }
}

/// A field of every version, unless [`Field::since`] or [`Field::until`] say otherwise.
pub(super) const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, since: 0, until: i16::MAX, tag: None }
}

impl Field {
    pub(super) const fn since(mut self, version: i16) -> Self {
        self.since = version;
        self
    }

    pub(super) const fn until(mut self, version: i16) -> Self {
        self.until = version;
        self
    }

    pub(super) const fn tag(mut self, tag: u32) -> Self {
        self.tag = Some(tag);
        self
    }

    /// Whether `version` has the field.
    pub(super) fn is_in(&self, version: i16) -> bool {
        (self.since..=self.until).contains(&version)
    }
}
