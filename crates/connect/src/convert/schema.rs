//! Kafka Connect's schemas: what a source says about its values, whatever the format.

/// A value's schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// The type.
    pub kind: Type,
    /// The logical name, such as `io.debezium.time.Date`.
    pub name: Option<String>,
    /// The logical type's version.
    pub version: Option<i32>,
    /// Parameters of the logical type.
    pub parameters: Vec<(&'static str, String)>,
    /// Whether the value may be absent.
    pub optional: bool,
    /// The default.
    pub default: Option<Constant>,
}

/// The types in use.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are Connect's own")]
pub enum Type {
    Boolean,
    Int16,
    Int32,
    Int64,
    Float32,
    Float64,
    String,
    Bytes,
    Struct(Vec<Field>),
}

/// A field of a struct.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: Schema,
}

/// A default value.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// Of an integer type.
    Int(i64),
    /// Of a floating-point type.
    Float(f64),
    /// Of a string.
    Text(String),
}

/// Whether a value may be absent, and on which side of its Avro union the null stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nullness {
    /// Always present: no union.
    Required,
    /// `["null", T]`.
    NullFirst,
    /// `[T, "null"]`, because the default is a T.
    NullLast,
}

impl Schema {
    /// A required, nameless schema.
    pub fn new(kind: Type) -> Self {
        Self {
            kind,
            name: None,
            version: None,
            parameters: Vec::new(),
            optional: false,
            default: None,
        }
    }

    /// A struct of `fields` called `name`.
    pub fn record(name: impl Into<String>, fields: Vec<Field>) -> Self {
        Self { name: Some(name.into()), ..Self::new(Type::Struct(fields)) }
    }

    /// The same as logical type `name`, version 1.
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), version: Some(1), ..self }
    }

    /// The same with another version.
    pub fn version(self, version: i32) -> Self {
        Self { version: Some(version), ..self }
    }

    /// The same with a parameter more.
    pub fn parameter(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parameters.push((name, value.into()));
        self
    }

    /// The same, optional.
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// The same with a default.
    pub fn default(self, default: Constant) -> Self {
        Self { default: Some(default), ..self }
    }

    /// A field of this schema.
    pub fn field(self, name: impl Into<String>) -> Field {
        Field { name: name.into(), schema: self }
    }

    /// How absence is written.
    pub fn nullness(&self) -> Nullness {
        match (self.optional, &self.default) {
            (false, _) => Nullness::Required,
            (true, None) => Nullness::NullFirst,
            (true, Some(_)) => Nullness::NullLast,
        }
    }
}
