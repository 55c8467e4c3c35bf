//! Types.

use crate::ast::{Type, TypeKind};

use super::Writer;

/// A type's text: `ARRAY<STRUCT<A INTEGER>>`.
pub fn data_type(ty: &Type) -> String {
    Writer::collect(|writer| writer.data_type(ty))
}

impl Writer {
    pub(super) fn data_type(&mut self, ty: &Type) {
        match &ty.kind {
            TypeKind::Scalar(scalar) => self.put(scalar.base_name()),
            TypeKind::Custom(name) => self.name(name),
            TypeKind::Decimal { precision, scale } => {
                self.put(&format!("DECIMAL({precision}, {scale})"));
            }
            TypeKind::Array(element) => self.type_parameters("ARRAY", &[element]),
            TypeKind::Map(key, value) => self.type_parameters("MAP", &[key, value]),
            TypeKind::Struct(fields) => {
                self.put("STRUCT<");
                self.list(fields, |writer, field| {
                    writer.name(&field.name);
                    writer.put(" ");
                    writer.data_type(&field.ty);
                });
                self.put(">");
            }
        }
    }

    fn type_parameters(&mut self, name: &str, parameters: &[&Type]) {
        self.put(name);
        self.put("<");
        self.list(parameters, |writer, parameter| writer.data_type(parameter));
        self.put(">");
    }
}
