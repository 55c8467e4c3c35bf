//! Converters by class name: what turns a key or a value into bytes, chosen per connector, and bound
//! to one topic's schema as an [`Encoding`].

use std::fmt;
use std::sync::Arc;

use formats::{SchemaStore, SchemaType};

use super::avro::AvroWriter;
use super::avro_schema::avro_schema;
use super::json::JsonWriter;
use super::json_schema::json_schema;
use super::text::TextWriter;
use super::{Schema, Writer};
use crate::config::{Kind, OptionDef, Settings};
use crate::error::{Error, Result};

const AVRO: &str = "io.confluent.connect.avro.AvroConverter";
const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";
const STRING: &str = "org.apache.kafka.connect.storage.StringConverter";
const CLASSES: Kind = Kind::OneOf(&[AVRO, JSON, STRING]);

/// The converters' own properties.
pub const CONVERTER_OPTIONS: &[OptionDef] = &[
    OptionDef::new("key.converter", CLASSES, "how record keys are written").default(AVRO),
    OptionDef::new("value.converter", CLASSES, "how record values are written").default(AVRO),
    OptionDef::new("key.converter.schemas.enable", Kind::Boolean, "JSON keys carry their schema")
        .default("true"),
    OptionDef::new("value.converter.schemas.enable", Kind::Boolean, "JSON values carry theirs")
        .default("true"),
    OptionDef::new("key.converter.decimal.format", DECIMALS, "decimals of JSON keys")
        .default("BASE64"),
    OptionDef::new("value.converter.decimal.format", DECIMALS, "decimals of JSON values")
        .default("BASE64"),
    OptionDef::new("key.converter.key.subject.name.strategy", STRATEGIES, ""),
    OptionDef::new("value.converter.value.subject.name.strategy", STRATEGIES, ""),
    OptionDef::new("key.converter.*", Kind::Ignored, "the registry is built in"),
    OptionDef::new("value.converter.*", Kind::Ignored, "the registry is built in"),
    OptionDef::new("header.converter", Kind::Ignored, "no headers are written"),
];

const STRATEGIES: Kind = Kind::OneOf(&["io.confluent.kafka.serializers.subject.TopicNameStrategy"]);
const DECIMALS: Kind = Kind::OneOf(&["BASE64", "NUMERIC"]);

/// How keys or values become bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Converter {
    /// Avro with Confluent's prefix, its schema in the registry.
    Avro,
    /// Connect's JSON.
    Json {
        /// Whether the schema goes with each payload.
        schemas: bool,
        /// Whether decimals are numbers.
        numeric_decimals: bool,
    },
    /// Java's `toString`.
    Text,
}

impl Converter {
    /// The converter that `settings` choose for `part` (`key` or `value`).
    pub fn new(settings: &Settings, part: &str) -> Self {
        match settings.text(&format!("{part}.converter")) {
            class if class.eq_ignore_ascii_case(JSON) => Self::Json {
                schemas: settings.flag(&format!("{part}.converter.schemas.enable")),
                numeric_decimals: settings.word(&format!("{part}.converter.decimal.format"))
                    == "numeric",
            },
            class if class.eq_ignore_ascii_case(STRING) => Self::Text,
            _ => Self::Avro,
        }
    }

    /// Binds the converter to `schema` for `part` of `topic`; Avro registers it. May block.
    ///
    /// # Errors
    /// When the registry refuses the schema.
    pub fn bind(
        &self,
        schema: &Schema,
        topic: &str,
        part: &str,
        store: &Arc<dyn SchemaStore>,
    ) -> Result<Encoding> {
        Ok(match self {
            Self::Avro => {
                let subject = format!("{topic}-{part}");
                let id = store
                    .register(&subject, SchemaType::Avro, &avro_schema(schema))
                    .map_err(|source| Error::Schema { subject, source })?;
                let mut prefix = vec![0];
                prefix.extend_from_slice(&id.0.to_be_bytes());
                Encoding { converter: self.clone(), prefix, suffix: &[] }
            }
            Self::Json { schemas: true, .. } => {
                let prefix = format!("{{\"schema\":{},\"payload\":", json_schema(schema));
                Encoding { converter: self.clone(), prefix: prefix.into_bytes(), suffix: b"}" }
            }
            _ => Encoding { converter: self.clone(), prefix: Vec::new(), suffix: &[] },
        })
    }
}

/// A converter bound to a schema.
#[derive(Clone)]
pub struct Encoding {
    converter: Converter,
    prefix: Vec<u8>,
    suffix: &'static [u8],
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Encoding").field(&self.converter).finish()
    }
}

impl Encoding {
    /// Replaces `out` by the bytes of the value that `write` writes.
    pub fn encode(&self, out: &mut Vec<u8>, write: impl FnOnce(&mut dyn Writer)) {
        out.clear();
        out.extend_from_slice(&self.prefix);
        match self.converter {
            Converter::Avro => write(&mut AvroWriter(out)),
            Converter::Json { numeric_decimals, .. } => {
                write(&mut JsonWriter { out, numeric_decimals });
            }
            Converter::Text => write(&mut TextWriter::new(out)),
        }
        out.extend_from_slice(self.suffix);
    }
}
