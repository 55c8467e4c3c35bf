//! What there is to say about one configuration entry.

use commitlog::TopicConfig;

use super::value::{Kind, Valid, Value};

/// One configuration entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Definition {
    /// Kafka's name.
    pub(crate) name: &'static str,
    /// Type of its values.
    pub(crate) kind: Kind,
    /// Its value when nobody sets it; `None` is Kafka's `null`.
    pub(crate) default: Option<&'static str>,
    /// Which values it takes.
    pub(crate) valid: Valid,
    /// What says the same elsewhere, first the one that wins: for a topic's or group's entry, the
    /// broker's; for a broker's entry, others of the broker.
    pub(crate) synonyms: &'static [Synonym],
    /// Who may change it while the broker runs.
    pub(crate) access: Access,
    /// What it does here.
    pub(crate) effect: Effect,
    /// Where the log keeps it, when the log acts on it.
    pub(crate) field: Option<Field>,
    /// A sentence for whoever asks what it is.
    pub(crate) documentation: &'static str,
}

/// Another name under which an entry may be set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Synonym {
    /// The name.
    pub(crate) name: &'static str,
    /// How values there are counted.
    pub(crate) unit: Unit,
}

/// How a synonym counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Alike.
    Same,
    /// In minutes, where the entry counts milliseconds.
    Minutes,
    /// In hours, where the entry counts milliseconds.
    Hours,
}

impl Unit {
    /// `value` of the synonym as the entry counts it. What would be too large is the largest number.
    pub(crate) fn convert(self, value: Value) -> Value {
        const MINUTE_MS: i64 = 60_000;
        let factor = match self {
            Self::Same => return value,
            Self::Minutes => MINUTE_MS,
            Self::Hours => 60 * MINUTE_MS,
        };
        match value {
            // Negative values mean "unlimited", not so many hours.
            Value::Number(number) if number < 0 => Value::Number(-1),
            Value::Number(number) => Value::Number(number.saturating_mul(factor)),
            other => other,
        }
    }
}

/// When an entry can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Only in the server's file.
    ReadOnly,
    /// At any time, by clients, for the broker as a whole.
    Dynamic,
}

/// What an entry does here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// What it does in Kafka.
    Honoured,
    /// Nothing: it is accepted and shown, because one node that syncs every commit has no use for it.
    Accepted,
}

/// A field of the log's own configuration of a topic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// What the field holds.
    pub(crate) value: fn(&TopicConfig) -> Value,
    /// Sets the field.
    pub(crate) set: fn(&mut TopicConfig, &Value),
}

impl Definition {
    /// An entry of any value, without default, that is accepted without effect.
    const fn new(name: &'static str, kind: Kind, documentation: &'static str) -> Self {
        Self {
            name,
            kind,
            default: None,
            valid: Valid::Any,
            synonyms: &[],
            access: Access::ReadOnly,
            effect: Effect::Accepted,
            field: None,
            documentation,
        }
    }

    /// A boolean entry.
    pub(super) const fn boolean(name: &'static str, documentation: &'static str) -> Self {
        Self::new(name, Kind::Boolean, documentation)
    }

    /// An entry of 32 bits.
    pub(super) const fn int(name: &'static str, documentation: &'static str) -> Self {
        Self::new(name, Kind::Int, documentation)
    }

    /// An entry of 16 bits.
    pub(super) const fn short(name: &'static str, documentation: &'static str) -> Self {
        Self::new(name, Kind::Short, documentation)
    }

    /// An entry of 64 bits.
    pub(super) const fn long(name: &'static str, documentation: &'static str) -> Self {
        Self::new(name, Kind::Long, documentation)
    }

    /// A fraction.
    pub(super) const fn double(name: &'static str, documentation: &'static str) -> Self {
        Self::new(name, Kind::Double, documentation)
    }

    /// A list of texts.
    pub(super) const fn list(name: &'static str, documentation: &'static str) -> Self {
        Self::new(name, Kind::List, documentation)
    }

    /// A text.
    pub(super) const fn string(name: &'static str, documentation: &'static str) -> Self {
        Self::new(name, Kind::String, documentation)
    }

    /// The name of a Java class, which can only be refused or passed over here.
    pub(super) const fn class(name: &'static str, documentation: &'static str) -> Self {
        Self::new(name, Kind::Class, documentation)
    }

    /// A text that is never shown.
    pub(super) const fn password(name: &'static str, documentation: &'static str) -> Self {
        Self::new(name, Kind::Password, documentation)
    }

    /// With a default.
    pub(super) const fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// Only for some values.
    pub(super) const fn valid(self, valid: Valid) -> Self {
        Self { valid, ..self }
    }

    /// Only for numbers from `min` on.
    pub(super) const fn at_least(self, min: i64) -> Self {
        Self { valid: Valid::Between(min, i64::MAX), ..self }
    }

    /// That can also be set under other names.
    pub(super) const fn also(self, synonyms: &'static [Synonym]) -> Self {
        Self { synonyms, ..self }
    }

    /// That clients can change.
    pub(super) const fn dynamic(self) -> Self {
        Self { access: Access::Dynamic, ..self }
    }

    /// That does what it does in Kafka.
    pub(super) const fn honoured(self) -> Self {
        Self { effect: Effect::Honoured, ..self }
    }

    /// That the log acts on.
    pub(super) const fn kept(
        self,
        value: fn(&TopicConfig) -> Value,
        set: fn(&mut TopicConfig, &Value),
    ) -> Self {
        Self { field: Some(Field { value, set }), effect: Effect::Honoured, ..self }
    }

    /// Whether values must not be shown.
    pub(crate) fn is_sensitive(&self) -> bool {
        self.kind == Kind::Password
    }

    /// The value that `text` says.
    ///
    /// # Errors
    /// A sentence that names entry, text and reason.
    pub(crate) fn parse(&self, text: &str) -> Result<Value, String> {
        let parsed = self.kind.parse(text).and_then(|value| {
            self.valid.check(&value)?;
            Ok(value)
        });
        let shown = if self.is_sensitive() { "[hidden]" } else { text };
        parsed.map_err(|reason| {
            let (name, kind) = (self.name, self.kind.name());
            format!("Invalid value {shown} for configuration {name} of type {kind}: {reason}.")
        })
    }

    /// The default's value.
    pub(crate) fn default_value(&self) -> Option<Value> {
        self.default.and_then(|text| self.kind.parse(text).ok())
    }
}

/// The broker's entry of that name says the same.
pub(super) const fn same(name: &'static str) -> Synonym {
    Synonym { name, unit: Unit::Same }
}

/// The broker's entry of that name says the same in hours.
pub(super) const fn hours(name: &'static str) -> Synonym {
    Synonym { name, unit: Unit::Hours }
}

/// The broker's entry of that name says the same in minutes.
pub(super) const fn minutes(name: &'static str) -> Synonym {
    Synonym { name, unit: Unit::Minutes }
}
