//! Columns from a registered .proto text (spec section 6.4).

use types::{Column, DECIMAL_PRECISION_MAX, Field as SqlField, SqlType};

use super::model::{Field, File, Label, Message, Named, Scalar, Type};
use super::well_known::WellKnown;
use crate::part::{INFERRED_FIELDS_MAX, too_many_fields};
use crate::{Error, InferredColumns, Result};

/// Precision of decimals whose schema gives none.
const DECIMAL_PRECISION_DEFAULT: u8 = 64;

/// The columns of the message called `full_name`, else of the first, named as they are there.
///
/// # Errors
/// `InvalidSchema` when the text is none, lacks the message, or its messages hold themselves.
pub fn infer(text: &str, full_name: Option<&str>) -> Result<InferredColumns> {
    let file = File::parse(text)?;
    let message = match full_name {
        Some(name) => file.message(name).map(|(_, message)| message).ok_or_else(|| {
            Error::InvalidSchema(format!("the .proto text defines no message {name}"))
        })?,
        None => &file.messages[0],
    };
    let mut inference =
        Inference { file: &file, open: Vec::new(), fields_left: INFERRED_FIELDS_MAX };
    let fields = inference.fields(message)?;
    let columns = fields.into_iter().map(|field| Column::new(field.name, field.ty)).collect();
    Ok(InferredColumns { columns, unwrapped: false })
}

struct Inference<'a> {
    file: &'a File,
    open: Vec<&'a str>,
    /// Fields that may still be found: messages that are used often multiply.
    fields_left: usize,
}

impl<'a> Inference<'a> {
    fn fields(&mut self, message: &'a Message) -> Result<Vec<SqlField>> {
        if self.open.contains(&message.name.as_str()) {
            return Err(Error::InvalidSchema(format!(
                "{} refers to itself; recursive schemas are not supported",
                message.name
            )));
        }
        self.open.push(&message.name);
        let mut fields = Vec::with_capacity(message.fields.len());
        self.fields_left =
            self.fields_left.checked_sub(message.fields.len()).ok_or_else(too_many_fields)?;
        for field in &message.fields {
            if let Some(ty) = self.field(message, field)? {
                fields.push(SqlField::new(&field.name, ty));
            }
        }
        self.open.pop();
        Ok(fields)
    }

    fn field(&mut self, message: &'a Message, field: &'a Field) -> Result<Option<SqlType>> {
        if let Type::Map(_, value) = &field.ty {
            let value = self.element(message, value, field)?;
            return Ok(value.map(|value| SqlType::map(SqlType::String, value)));
        }
        if field.label != Label::Repeated {
            return self.element(message, &field.ty, field);
        }
        if let Some(value) = self.entry_value(message, &field.ty) {
            let value = self.element(value.0, &value.1.ty, value.1)?;
            return Ok(value.map(|value| SqlType::map(SqlType::String, value)));
        }
        Ok(self.element(message, &field.ty, field)?.map(SqlType::array))
    }

    /// The value field when the type is a map's entry, written as a message.
    fn entry_value(&self, message: &'a Message, ty: &Type) -> Option<(&'a Message, &'a Field)> {
        let Type::Named(name) = ty else { return None };
        let Some(Named::Message(entry)) = self.file.find(&message.name, name) else { return None };
        match entry.fields.as_slice() {
            [key, value]
                if entry.name.ends_with("Entry") && key.name == "key" && value.name == "value" =>
            {
                Some((entry, value))
            }
            _ => None,
        }
    }

    fn element(
        &mut self,
        message: &'a Message,
        ty: &'a Type,
        field: &'a Field,
    ) -> Result<Option<SqlType>> {
        match ty {
            Type::Scalar(scalar) => Ok(Some(sql_scalar(*scalar))),
            Type::Map(..) => Ok(None),
            Type::Named(name) => match self.file.find(&message.name, name) {
                Some(Named::Message(inner)) => Ok(Some(SqlType::Struct(self.fields(inner)?))),
                Some(Named::Enum(_)) => Ok(Some(SqlType::String)),
                Some(Named::WellKnown(known)) => Ok(well_known(known, field)),
                None => Err(Error::InvalidSchema(format!(
                    "{} uses {name}, which neither the .proto text nor what it refers to defines",
                    message.name
                ))),
            },
        }
    }
}

fn sql_scalar(scalar: Scalar) -> SqlType {
    match scalar {
        Scalar::Double | Scalar::Float => SqlType::Double,
        Scalar::Int32 | Scalar::Sint32 | Scalar::Sfixed32 => SqlType::Integer,
        Scalar::Bool => SqlType::Boolean,
        Scalar::String => SqlType::String,
        Scalar::Bytes => SqlType::Bytes,
        _ => SqlType::Bigint,
    }
}

fn well_known(known: WellKnown, field: &Field) -> Option<SqlType> {
    match known {
        WellKnown::Wrapper(scalar) => Some(sql_scalar(scalar)),
        WellKnown::Timestamp => Some(SqlType::Timestamp),
        WellKnown::Date => Some(SqlType::Date),
        WellKnown::TimeOfDay => Some(SqlType::Time),
        WellKnown::Decimal => {
            let parameter =
                |name: &str| field.parameters.get(name).and_then(|text| text.parse::<u8>().ok());
            let precision = parameter("precision").unwrap_or(DECIMAL_PRECISION_DEFAULT);
            let scale = parameter("scale").unwrap_or(0);
            let fits = (1..=DECIMAL_PRECISION_MAX).contains(&precision) && scale <= precision;
            fits.then_some(SqlType::Decimal { precision, scale })
        }
    }
}
