//! The schema registry as definitions need it: inference for planning, registration for sources.

use std::sync::Arc;

use formats::{Part, RegisteredSchema, SchemaStore};
use sql::catalog::SourceDefinition;
use sql::context::{InferredColumns, SchemaLookup};
use types::{Column, Field, Format, SerdeSpec, SqlType};

/// Answers planning's questions from a schema store.
#[derive(Clone, Debug)]
pub struct StoreLookup {
    schemas: Arc<dyn SchemaStore>,
}

impl StoreLookup {
    /// A lookup in `schemas`.
    pub fn new(schemas: Arc<dyn SchemaStore>) -> Self {
        Self { schemas }
    }

    fn registered(
        &self,
        subject: &str,
        serde: &SerdeSpec,
    ) -> formats::Result<Option<RegisteredSchema>> {
        match serde.schema_id {
            Some(id) => self.schemas.schema(id).map(Some),
            None => self.schemas.latest(subject),
        }
    }
}

impl SchemaLookup for StoreLookup {
    fn columns(
        &self,
        topic: &str,
        part: sql::context::Part,
        serde: &SerdeSpec,
    ) -> Result<Option<InferredColumns>, String> {
        let part = match part {
            sql::context::Part::Key => Part::Key,
            sql::context::Part::Value => Part::Value,
        };
        let found = self.registered(&part.subject(topic), serde).map_err(|e| e.to_string())?;
        let Some(schema) = found else { return Ok(None) };
        let name = serde.full_schema_name.as_deref();
        // Columns of a fixed schema id keep their names as they stand in the schema.
        let inferred = match serde.schema_id {
            Some(_) => formats::infer_verbatim(&schema, part, name),
            None => formats::infer(&schema, part, name),
        };
        let inferred = inferred.map_err(|error| error.to_string())?;
        let columns = InferredColumns { columns: inferred.columns, unwrapped: inferred.unwrapped };
        Ok(Some(if is_one_column(part, serde) { as_one_column(columns, part) } else { columns }))
    }
}

/// Whether the schema as a whole is one column, even if it is a record: keys of formats that can
/// leave single columns unwrapped, and values said to be unwrapped (spec section 6.3).
fn is_one_column(part: Part, serde: &SerdeSpec) -> bool {
    let can_unwrap = matches!(serde.format, Format::Avro | Format::JsonSr);
    can_unwrap && (part == Part::Key || serde.wrap_single == Some(false))
}

fn as_one_column(inferred: InferredColumns, part: Part) -> InferredColumns {
    if inferred.unwrapped {
        return inferred;
    }
    let field = |column: Column| Field::new(column.name, column.ty);
    let record = SqlType::Struct(inferred.columns.into_iter().map(field).collect());
    let columns = vec![Column::new(part.anonymous_column(), record)];
    InferredColumns { columns, unwrapped: true }
}

/// Registers the schemas of a source's key and value. A source over a topic leaves a subject that
/// has a schema already alone; a derived one always registers (spec section 6.4).
///
/// # Errors
/// When the registry refuses.
pub fn register(definition: &SourceDefinition, schemas: &dyn SchemaStore) -> formats::Result<()> {
    let schema = &definition.schema;
    register_part(definition, &definition.key_serde, &schema.key, Part::Key, schemas)?;
    register_part(definition, &definition.value_serde, &schema.value, Part::Value, schemas)
}

fn register_part(
    definition: &SourceDefinition,
    serde: &SerdeSpec,
    columns: &[Column],
    part: Part,
    schemas: &dyn SchemaStore,
) -> formats::Result<()> {
    if !serde.format.uses_registry() || serde.schema_id.is_some() || columns.is_empty() {
        return Ok(());
    }
    let subject = part.subject(&definition.topic);
    if !definition.is_derived && schemas.latest(&subject)?.is_some() {
        return Ok(());
    }
    if let Some((schema_type, text)) = formats::schema_text(serde, columns, part)? {
        schemas.register(&subject, schema_type, &text)?;
    }
    Ok(())
}
