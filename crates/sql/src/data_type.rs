//! Types as written into SQL types: custom names expanded, DECIMAL bounds checked (spec section 2.1).

use types::{DECIMAL_PRECISION_MAX, Field, SqlType};

use crate::ast::{Span, Type, TypeKind};
use crate::catalog::Catalog;
use crate::error::{Error, Result};

/// The type that `ty` means.
///
/// # Errors
/// For unknown custom types, DECIMALs out of bounds and STRUCTs with a field name twice.
pub fn resolve(ty: &Type, catalog: &Catalog) -> Result<SqlType> {
    match &ty.kind {
        TypeKind::Scalar(scalar) => Ok(scalar.clone()),
        TypeKind::Custom(name) => catalog.custom_type(&name.name).cloned().ok_or_else(|| {
            let message = format!("Cannot resolve unknown type: {}", name.name);
            Error::invalid_at("unknown-type", message, ty.span)
        }),
        TypeKind::Decimal { precision, scale } => decimal(*precision, *scale, ty.span),
        TypeKind::Array(element) => Ok(SqlType::array(resolve(element, catalog)?)),
        TypeKind::Map(key, value) => {
            Ok(SqlType::map(resolve(key, catalog)?, resolve(value, catalog)?))
        }
        TypeKind::Struct(fields) => {
            let mut resolved: Vec<Field> = Vec::with_capacity(fields.len());
            for field in fields {
                if resolved.iter().any(|known| known.name == field.name.name) {
                    let message =
                        format!("Duplicate field names found in STRUCT: '{}'", field.name.name);
                    return Err(Error::invalid_at("duplicate-field", message, field.name.span));
                }
                resolved.push(Field::new(field.name.name.clone(), resolve(&field.ty, catalog)?));
            }
            Ok(SqlType::Struct(resolved))
        }
    }
}

fn decimal(precision: u64, scale: u64, span: Span) -> Result<SqlType> {
    let refuse = |message: String| Err(Error::invalid_at("decimal-bounds", message, span));
    if precision == 0 {
        return refuse(format!("DECIMAL precision must be >= 1: DECIMAL({precision},{scale})"));
    }
    if scale > precision {
        return refuse(format!("DECIMAL precision must be >= scale: DECIMAL({precision},{scale})"));
    }
    if precision > u64::from(DECIMAL_PRECISION_MAX) {
        return refuse(format!(
            "DECIMAL precision must be <= {DECIMAL_PRECISION_MAX}: DECIMAL({precision},{scale})"
        ));
    }
    let narrow = |number| u8::try_from(number).expect("the bounds were just checked");
    Ok(SqlType::Decimal { precision: narrow(precision), scale: narrow(scale) })
}
