//! ALTER STREAM and ALTER TABLE: value columns at the end (spec section 1.5).

use types::Column;

use crate::analysis::{is_pseudo, lookup};
use crate::ast;
use crate::context::{Context, Part};
use crate::data_type;
use crate::error::{Error, Result};
use crate::planned::Planned;
use crate::serdes;
use crate::text::quoted;

/// Plans the statement whose text is `text`.
///
/// # Errors
/// When the source can't be altered or a column exists already.
pub fn plan(change: &ast::AlterSource, text: &str, context: &Context<'_>) -> Result<Planned> {
    let known = lookup(context.catalog, &change.name)?;
    let refuse = |message: String| Err(Error::invalid_at("alter", message, change.name.span));
    let (word, name) = (known.kind_word(), &known.name);
    if known.kind != change.kind {
        let wanted = crate::catalog::kind_word(change.kind).to_uppercase();
        return refuse(format!(
            "Incompatible data source type is {}, but statement was ALTER {wanted}",
            word.to_uppercase()
        ));
    }
    if known.is_source {
        return refuse(format!(
            "Cannot alter {word} '{name}': ALTER operations are not supported on source {word}s."
        ));
    }
    if known.is_derived {
        return refuse(format!(
            "ALTER command is not supported for CREATE ... AS statements: '{name}' is made by a query."
        ));
    }
    let mut definition = known.as_ref().clone();
    for element in &change.columns {
        let column = &element.name.name;
        let exists = definition.schema.key.iter().chain(definition.value_columns());
        let exists = exists.into_iter().any(|known| known.name == *column);
        if exists || is_pseudo(column) {
            let message = format!(
                "Cannot add column {} to schema. A column with the same name already exists.",
                quoted(column)
            );
            return Err(Error::invalid_at("duplicate-column", message, element.name.span));
        }
        let ty = data_type::resolve(&element.ty, context.catalog)?;
        definition.schema.value.push(Column::new(column.clone(), ty));
    }
    serdes::check(Part::Value, &definition.value_serde, &definition.schema.value)?;
    definition.statement = text.to_owned();
    Ok(Planned::AlterSource(Box::new(definition)))
}
