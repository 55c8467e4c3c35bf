//! Types.

use types::SqlType;

use crate::ast::{Identifier, Type, TypeField, TypeKind};
use crate::error::Result;
use crate::lexer::{Symbol, TokenKind};

use super::cursor::Parser;

impl Parser<'_> {
    /// A type, with any number of `ARRAY` behind it.
    pub(super) fn data_type(&mut self) -> Result<Type> {
        self.nested(Self::array_suffixed_type)
    }

    fn array_suffixed_type(&mut self) -> Result<Type> {
        let start = self.next().span.start;
        let mut kind = self.plain_type()?;
        let mut levels = self.levels();
        self.finish_level(levels)?;
        while self.eat_word("ARRAY") {
            levels = self.levels();
            let element = Type { kind, span: self.span_from(start) };
            kind = TypeKind::Array(Box::new(element));
            self.finish_level(levels)?;
        }
        Ok(Type { kind, span: self.span_from(start) })
    }

    fn plain_type(&mut self) -> Result<TypeKind> {
        let opens = |parser: &Self| parser.peek(1).is(Symbol::Less);
        if self.at_words(&["ARRAY"]) && opens(self) {
            self.array_type()
        } else if self.at_words(&["MAP"]) && opens(self) {
            self.map_type()
        } else if self.at_words(&["STRUCT"]) && (opens(self) || self.peek(1).is(Symbol::NotEqual)) {
            self.struct_type()
        } else if self.eat_word("DECIMAL") {
            self.decimal_type()
        } else {
            self.named_type()
        }
    }

    fn array_type(&mut self) -> Result<TypeKind> {
        self.advance();
        self.expect_symbol(Symbol::Less)?;
        let element = self.data_type()?;
        self.expect_symbol(Symbol::Greater)?;
        Ok(TypeKind::Array(Box::new(element)))
    }

    fn map_type(&mut self) -> Result<TypeKind> {
        self.advance();
        self.expect_symbol(Symbol::Less)?;
        let key = self.data_type()?;
        let levels = self.levels();
        self.expect_symbol(Symbol::Comma)?;
        let value = self.data_type()?;
        self.expect_symbol(Symbol::Greater)?;
        let higher = levels.max(self.levels());
        self.finish_level(higher)?;
        Ok(TypeKind::Map(Box::new(key), Box::new(value)))
    }

    fn struct_type(&mut self) -> Result<TypeKind> {
        self.advance();
        if self.eat_symbol(Symbol::NotEqual) {
            return Ok(TypeKind::Struct(Vec::new()));
        }
        self.expect_symbol(Symbol::Less)?;
        if self.eat_symbol(Symbol::Greater) {
            return Ok(TypeKind::Struct(Vec::new()));
        }
        let fields = self.comma_list(Self::type_field)?;
        self.expect_symbol(Symbol::Greater)?;
        Ok(TypeKind::Struct(fields))
    }

    fn type_field(&mut self) -> Result<TypeField> {
        let name = self.identifier()?;
        let ty = self.data_type()?;
        Ok(TypeField { name, ty })
    }

    fn decimal_type(&mut self) -> Result<TypeKind> {
        self.expect_symbol(Symbol::LeftParen)?;
        let precision = self.count()?.node;
        self.expect_symbol(Symbol::Comma)?;
        let scale = self.count()?.node;
        self.expect_symbol(Symbol::RightParen)?;
        self.reset_levels();
        Ok(TypeKind::Decimal { precision, scale })
    }

    fn named_type(&mut self) -> Result<TypeKind> {
        let name = self.identifier_as("a type")?;
        if self.eat_symbol(Symbol::LeftParen) {
            self.comma_list(Self::ignored_type_parameter)?;
            self.expect_symbol(Symbol::RightParen)?;
        }
        self.reset_levels();
        Ok(match scalar(&name) {
            Some(ty) => TypeKind::Scalar(ty),
            None => TypeKind::Custom(name),
        })
    }

    /// The parameter of `VARCHAR(20)` or `VARCHAR(STRING)`, which means nothing.
    fn ignored_type_parameter(&mut self) -> Result<()> {
        if self.next().kind == TokenKind::Integer || self.at_words(&["STRING"]) {
            self.advance();
            return Ok(());
        }
        Err(self.unexpected(&["'STRING'", "INTEGER_VALUE"]))
    }
}

fn scalar(name: &Identifier) -> Option<SqlType> {
    match name.as_str() {
        "BOOLEAN" => Some(SqlType::Boolean),
        "INT" | "INTEGER" => Some(SqlType::Integer),
        "BIGINT" => Some(SqlType::Bigint),
        "DOUBLE" => Some(SqlType::Double),
        "STRING" | "VARCHAR" => Some(SqlType::String),
        "BYTES" => Some(SqlType::Bytes),
        "TIME" => Some(SqlType::Time),
        "DATE" => Some(SqlType::Date),
        "TIMESTAMP" => Some(SqlType::Timestamp),
        _ => None,
    }
}
