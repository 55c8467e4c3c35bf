//! `(name = literal, ...)`.

use std::collections::HashSet;

use crate::ast::{Properties, Property, Spanned};
use crate::error::{Error, Result};
use crate::lexer::{Symbol, TokenKind};

use super::cursor::Parser;

/// What becomes of the names of properties.
#[derive(Clone, Copy)]
pub(super) enum NameCase {
    /// Any case is meant: stored in upper case.
    Upper,
    /// Kept, as for the configuration of connectors.
    AsWritten,
}

impl Parser<'_> {
    /// `WITH (...)`, if it is next.
    pub(super) fn optional_with(&mut self) -> Result<Properties> {
        if !self.eat_word("WITH") {
            return Ok(Properties::default());
        }
        self.properties(NameCase::Upper)
    }

    /// Behind WITH: `(name = literal, ...)`, possibly empty.
    pub(super) fn properties(&mut self, case: NameCase) -> Result<Properties> {
        self.expect_symbol(Symbol::LeftParen)?;
        if self.eat_symbol(Symbol::RightParen) {
            return Ok(Properties::default());
        }
        let entries = self.comma_list(|parser| parser.property(case))?;
        self.expect_symbol(Symbol::RightParen)?;
        let mut seen = HashSet::with_capacity(entries.len());
        for Property { name, .. } in &entries {
            if !seen.insert(name.node.as_str()) {
                let message = format!("Duplicate property: {}", name.node);
                return Err(Error::invalid_at("duplicate-property", message, name.span));
            }
        }
        Ok(Properties { entries })
    }

    fn property(&mut self, case: NameCase) -> Result<Property> {
        let mut name = self.property_name()?;
        if let NameCase::Upper = case {
            name = Spanned::new(name.node.to_ascii_uppercase(), name.span);
        }
        self.expect_symbol(Symbol::Equal)?;
        let value = self.literal()?;
        Ok(Property { name, value })
    }

    /// A name, a string, or any word: there is nothing a reserved one could be mistaken for.
    fn property_name(&mut self) -> Result<Spanned<String>> {
        let token = self.next();
        if token.kind != TokenKind::Word {
            return self.name_as_written();
        }
        self.advance();
        Ok(Spanned::new(self.text_of(token).to_owned(), token.span))
    }
}
