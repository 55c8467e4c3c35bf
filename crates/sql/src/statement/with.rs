//! The WITH clause of CREATE and INSERT statements, checked and typed (spec section 1.14).

use std::str::FromStr;

use types::{Delimiter, Format, NullableRepresentation, SchemaId, WindowKind};

use crate::ast::{self, Literal, Spanned, TimeUnit};
use crate::context::Part;
use crate::error::{Error, Problem, Result};

/// Which statement a clause belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Owner {
    Create,
    CreateAs,
}

/// Names allowed in both CREATE and CREATE ... AS SELECT.
const SHARED: [&str; 24] = [
    "KAFKA_TOPIC",
    "FORMAT",
    "KEY_FORMAT",
    "VALUE_FORMAT",
    "PARTITIONS",
    "REPLICAS",
    "RETENTION_MS",
    "CLEANUP_POLICY",
    "WRAP_SINGLE_VALUE",
    "KEY_DELIMITER",
    "VALUE_DELIMITER",
    "KEY_SCHEMA_ID",
    "VALUE_SCHEMA_ID",
    "KEY_SCHEMA_FULL_NAME",
    "VALUE_SCHEMA_FULL_NAME",
    "VALUE_AVRO_SCHEMA_FULL_NAME",
    "KEY_PROTOBUF_NULLABLE_REPRESENTATION",
    "VALUE_PROTOBUF_NULLABLE_REPRESENTATION",
    "TIMESTAMP",
    "TIMESTAMP_FORMAT",
    "SOURCED_BY_CONNECTOR",
    "SOURCE_CONNECTOR",
    "WINDOW_TYPE",
    "WINDOW_SIZE",
];

/// How many of [`SHARED`], from the front, CREATE ... AS SELECT takes.
const CREATE_AS_NAMES: usize = 20;

/// Properties of the key or the value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartProperties {
    /// KEY_FORMAT, VALUE_FORMAT or FORMAT.
    pub format: Option<Format>,
    /// `*_DELIMITER`.
    pub delimiter: Option<Delimiter>,
    /// `*_SCHEMA_ID`.
    pub schema_id: Option<SchemaId>,
    /// `*_SCHEMA_FULL_NAME`.
    pub full_name: Option<String>,
    /// `*_PROTOBUF_NULLABLE_REPRESENTATION`.
    pub nullable: Option<NullableRepresentation>,
}

/// A WITH clause.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct With {
    /// KAFKA_TOPIC.
    pub topic: Option<String>,
    /// Properties of the key.
    pub key: PartProperties,
    /// Properties of the value.
    pub value: PartProperties,
    /// Whether KEY_FORMAT itself was written.
    pub has_key_format: bool,
    /// PARTITIONS.
    pub partitions: Option<i32>,
    /// REPLICAS.
    pub replicas: Option<i16>,
    /// RETENTION_MS.
    pub retention_ms: Option<i64>,
    /// WRAP_SINGLE_VALUE.
    pub wrap_single_value: Option<bool>,
    /// TIMESTAMP.
    pub timestamp: Option<Spanned<String>>,
    /// TIMESTAMP_FORMAT.
    pub timestamp_format: Option<String>,
    /// WINDOW_TYPE and WINDOW_SIZE.
    pub window: Option<WindowKind>,
}

impl With {
    /// Reads a clause.
    ///
    /// # Errors
    /// For unknown names, values of the wrong type and combinations that contradict each other.
    pub fn read(properties: &ast::Properties, owner: Owner) -> Result<Self> {
        check_names(properties, owner)?;
        check_formats(properties)?;
        let reader = Reader { properties };
        Ok(Self {
            topic: reader.text("KAFKA_TOPIC")?,
            key: reader.part(Part::Key)?,
            value: reader.part(Part::Value)?,
            has_key_format: properties.value("KEY_FORMAT").is_some(),
            partitions: reader.number("PARTITIONS")?,
            replicas: reader.number("REPLICAS")?,
            retention_ms: reader.number("RETENTION_MS")?,
            wrap_single_value: reader.boolean("WRAP_SINGLE_VALUE")?,
            timestamp: reader.column("TIMESTAMP")?,
            timestamp_format: reader.text("TIMESTAMP_FORMAT")?,
            window: reader.window()?,
        })
    }
}

fn check_names(properties: &ast::Properties, owner: Owner) -> Result<()> {
    let allowed = match owner {
        Owner::Create => &SHARED[..],
        Owner::CreateAs => &SHARED[..CREATE_AS_NAMES],
    };
    for property in &properties.entries {
        let name = property.name.node.as_str();
        if !allowed.contains(&name) || name == "CLEANUP_POLICY" {
            let message = format!("Invalid config variable(s) in the WITH clause: {name}");
            return Err(Error::invalid_at("with-name", message, property.name.span));
        }
    }
    Ok(())
}

fn check_formats(properties: &ast::Properties) -> Result<()> {
    let Some(format) = properties.property("FORMAT") else { return Ok(()) };
    for name in ["KEY_FORMAT", "VALUE_FORMAT"] {
        if properties.value(name).is_some() {
            let message = format!(
                "Cannot supply both '{name}' and 'FORMAT' properties, as 'FORMAT' sets both key and \
                 value formats. Either use just 'FORMAT', or use 'KEY_FORMAT' and 'VALUE_FORMAT'."
            );
            return Err(Error::invalid_at("with-formats", message, format.name.span));
        }
    }
    Ok(())
}

struct Reader<'a> {
    properties: &'a ast::Properties,
}

impl Reader<'_> {
    fn text(&self, name: &str) -> Result<Option<String>> {
        match self.properties.value(name) {
            None => Ok(None),
            Some(Spanned { node: Literal::String(text), .. }) => Ok(Some(text.clone())),
            Some(other) => Err(invalid(name, other, "a string")),
        }
    }

    fn number<T: TryFrom<i64>>(&self, name: &str) -> Result<Option<T>> {
        let Some(value) = self.properties.value(name) else { return Ok(None) };
        let number = match &value.node {
            Literal::Integer(number) => Some(i64::from(*number)),
            Literal::Bigint(number) => Some(*number),
            Literal::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let number = number.and_then(|number| T::try_from(number).ok());
        number.map(Some).ok_or_else(|| invalid(name, value, "a whole number in range"))
    }

    fn boolean(&self, name: &str) -> Result<Option<bool>> {
        let Some(value) = self.properties.value(name) else { return Ok(None) };
        match &value.node {
            Literal::Boolean(value) => Ok(Some(*value)),
            Literal::String(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Literal::String(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            _ => Err(invalid(name, value, "TRUE or FALSE")),
        }
    }

    /// The name of a column: upper case unless it is quoted inside the string.
    fn column(&self, name: &str) -> Result<Option<Spanned<String>>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let span = self.properties.value(name).map(|value| value.span).unwrap_or_default();
        let quoted = ['`', '"'].into_iter().find_map(|quote| {
            let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
            Some(inner.replace(&format!("{quote}{quote}"), &quote.to_string()))
        });
        Ok(Some(Spanned::new(quoted.unwrap_or_else(|| text.to_uppercase()), span)))
    }

    fn part(&self, part: Part) -> Result<PartProperties> {
        let word = part.word();
        let full_name = match self.text(&format!("{word}_SCHEMA_FULL_NAME"))? {
            None if part == Part::Value => self.text("VALUE_AVRO_SCHEMA_FULL_NAME")?,
            Some(_)
                if part == Part::Value && self.text("VALUE_AVRO_SCHEMA_FULL_NAME")?.is_some() =>
            {
                let message = "Cannot supply both 'VALUE_AVRO_SCHEMA_FULL_NAME' and 'VALUE_SCHEMA_FULL_NAME' properties. Please only set 'VALUE_SCHEMA_FULL_NAME'.";
                return Err(Error::invalid("with-full-name", message));
            }
            other => other,
        };
        let schema_id: Option<i32> = self.number(&format!("{word}_SCHEMA_ID"))?;
        Ok(PartProperties {
            format: self.format(&format!("{word}_FORMAT"))?.or(self.format("FORMAT")?),
            delimiter: self.delimiter(&format!("{word}_DELIMITER"))?,
            schema_id: schema_id.map(SchemaId),
            full_name: full_name.map(|name| name.trim().to_owned()),
            nullable: self.nullable(&format!("{word}_PROTOBUF_NULLABLE_REPRESENTATION"))?,
        })
    }

    fn format(&self, name: &str) -> Result<Option<Format>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let span = self.properties.value(name).map(|value| value.span).unwrap_or_default();
        let format = Format::from_str(&text);
        format
            .map(Some)
            .map_err(|error| Error::invalid_at("unknown-format", error.to_string(), span))
    }

    fn delimiter(&self, name: &str) -> Result<Option<Delimiter>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let span = self.properties.value(name).map(|value| value.span).unwrap_or_default();
        let refuse = |reason: &str| {
            let message =
                format!("Failed to prepare statement: Configuration {name} is invalid: {reason}");
            let detail = "Example valid value: ';'";
            Err(Problem::new("with-delimiter", message).at(span).detail(detail).invalid())
        };
        let mut letters = text.chars();
        match (text.as_str(), letters.next(), letters.next()) {
            ("SPACE", ..) => Ok(Some(Delimiter(' '))),
            ("TAB", ..) => Ok(Some(Delimiter('\t'))),
            (blank, ..) if blank.trim().is_empty() => refuse(
                "Delimiter cannot be empty, if you meant to have a tab or space for delimiter, \
                 please use the special values 'TAB' or 'SPACE'",
            ),
            (_, Some(only), None) => Ok(Some(Delimiter(only))),
            _ => refuse(&format!(
                "Invalid delimiter value: '{text}'. Delimiter must be a single character or TAB,SPACE"
            )),
        }
    }

    fn nullable(&self, name: &str) -> Result<Option<NullableRepresentation>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match text.to_uppercase().as_str() {
            "OPTIONAL" => Ok(Some(NullableRepresentation::Optional)),
            "WRAPPER" => Ok(Some(NullableRepresentation::Wrapper)),
            _ => {
                let value = self.properties.value(name).expect("the text was just read");
                Err(invalid(name, value, "OPTIONAL or WRAPPER"))
            }
        }
    }

    fn window(&self) -> Result<Option<WindowKind>> {
        let size_ms = match self.text("WINDOW_SIZE")? {
            Some(text) => Some(duration_ms(&text).ok_or_else(|| {
                let value = self.properties.value("WINDOW_SIZE").expect("the text was just read");
                invalid("WINDOW_SIZE", value, "a duration such as '10 SECONDS'")
            })?),
            None => None,
        };
        let Some(kind) = self.text("WINDOW_TYPE")? else { return Ok(None) };
        let refuse = |message: String| {
            let span =
                self.properties.value("WINDOW_TYPE").map(|value| value.span).unwrap_or_default();
            Err(Error::invalid_at("with-window", message, span))
        };
        match (kind.to_uppercase().as_str(), size_ms) {
            ("SESSION", None) => Ok(Some(WindowKind::Session)),
            ("SESSION", Some(_)) => {
                refuse("'WINDOW_SIZE' should not be set for SESSION windows.".to_owned())
            }
            ("TUMBLING", Some(size_ms)) => Ok(Some(WindowKind::Tumbling { size_ms })),
            ("HOPPING", Some(size_ms)) => Ok(Some(WindowKind::Hopping { size_ms })),
            (known @ ("TUMBLING" | "HOPPING"), None) => refuse(format!(
                "{known} windows require 'WINDOW_SIZE' to be provided in the WITH clause. For example: 'WINDOW_SIZE'='10 SECONDS'"
            )),
            (other, _) => refuse(format!(
                "Configuration WINDOW_TYPE is invalid: Unknown window type: {other}. Expected one of SESSION, HOPPING, TUMBLING."
            )),
        }
    }
}

/// Milliseconds of `10 SECONDS`.
fn duration_ms(text: &str) -> Option<i64> {
    let (value, unit) = text.trim().split_once(char::is_whitespace)?;
    let value: i64 = value.parse().ok()?;
    let unit = TimeUnit::from_word(unit.trim())?;
    value.checked_mul(unit.as_ms()).filter(|ms| *ms > 0)
}

fn invalid(name: &str, value: &Spanned<Literal>, wanted: &str) -> Error {
    let message = format!("Configuration {name} is invalid: expected {wanted}.");
    Error::invalid_at("with-value", message, value.span)
}
