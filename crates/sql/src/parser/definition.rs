//! CREATE, DROP and ALTER.

use types::SourceKind;

use crate::ast::{
    AlterSource, ColumnConstraint, ColumnDefinition, ConnectorScope, CreateAsSelect,
    CreateConnector, CreateSource, CreateType, DropConnector, DropSource, DropType, Spanned,
    StatementKind,
};
use crate::error::{Error, Result};
use crate::lexer::Symbol;

use super::cursor::Parser;
use super::property::NameCase;

/// What stands between CREATE and the name of a source.
struct SourceHead {
    kind: SourceKind,
    or_replace: bool,
    is_source: bool,
}

impl Parser<'_> {
    /// Behind CREATE.
    pub(super) fn create(&mut self) -> Result<StatementKind> {
        if self.eat_word("TYPE") {
            return self.create_type();
        }
        if self.eat_words(&["SOURCE", "CONNECTOR"]) {
            return self.create_connector(ConnectorScope::Source);
        }
        if self.eat_words(&["SINK", "CONNECTOR"]) {
            return self.create_connector(ConnectorScope::Sink);
        }
        let or_replace = self.eat_words(&["OR", "REPLACE"]);
        let is_source = self.eat_word("SOURCE");
        let kind = self.source_kind()?;
        self.create_source(SourceHead { kind, or_replace, is_source })
    }

    /// STREAM or TABLE.
    pub(super) fn source_kind(&mut self) -> Result<SourceKind> {
        if self.eat_word("STREAM") {
            Ok(SourceKind::Stream)
        } else if self.eat_word("TABLE") {
            Ok(SourceKind::Table)
        } else {
            Err(self.unexpected(&["STREAM", "TABLE"]))
        }
    }

    fn create_source(&mut self, head: SourceHead) -> Result<StatementKind> {
        let SourceHead { kind, or_replace, is_source } = head;
        let if_not_exists = self.eat_words(&["IF", "NOT", "EXISTS"]);
        let name = self.new_source_name()?;
        let has_elements = self.at_symbol(Symbol::LeftParen);
        let columns = if has_elements { self.elements(kind)? } else { Vec::new() };
        let properties = self.optional_with()?;
        if !has_elements && !is_source && self.eat_word("AS") {
            let query = self.query()?;
            let statement =
                CreateAsSelect { kind, name, properties, query, or_replace, if_not_exists };
            return Ok(StatementKind::CreateAsSelect(statement));
        }
        let statement =
            CreateSource { kind, name, columns, properties, or_replace, if_not_exists, is_source };
        Ok(StatementKind::CreateSource(statement))
    }

    /// `(column type constraint, ...)`.
    pub(super) fn elements(&mut self, kind: SourceKind) -> Result<Vec<ColumnDefinition>> {
        self.expect_symbol(Symbol::LeftParen)?;
        if self.eat_symbol(Symbol::RightParen) {
            return Ok(Vec::new());
        }
        let columns = self.comma_list(Self::element)?;
        if !self.eat_symbol(Symbol::RightParen) {
            return Err(self.unexpected(&["','", "')'"]));
        }
        for column in &columns {
            check_constraint(column, kind)?;
        }
        Ok(columns)
    }

    fn element(&mut self) -> Result<ColumnDefinition> {
        let name = self.identifier()?;
        let ty = self.data_type()?;
        let constraint = self.constraint()?;
        Ok(ColumnDefinition { name, ty, constraint })
    }

    fn constraint(&mut self) -> Result<Option<Spanned<ColumnConstraint>>> {
        let start = self.next().span.start;
        let constraint = if self.eat_word("KEY") {
            ColumnConstraint::Key
        } else if self.eat_word("PRIMARY") {
            self.expect_words(&["KEY"])?;
            ColumnConstraint::PrimaryKey
        } else if self.eat_word("HEADERS") {
            ColumnConstraint::Headers
        } else if self.eat_word("HEADER") {
            self.expect_symbol(Symbol::LeftParen)?;
            let key = self.string()?.node;
            self.expect_symbol(Symbol::RightParen)?;
            ColumnConstraint::Header(key)
        } else {
            return Ok(None);
        };
        Ok(Some(Spanned::new(constraint, self.span_from(start))))
    }

    fn create_type(&mut self) -> Result<StatementKind> {
        let if_not_exists = self.eat_words(&["IF", "NOT", "EXISTS"]);
        let name = self.identifier()?;
        self.expect_words(&["AS"])?;
        let ty = self.data_type()?;
        Ok(StatementKind::CreateType(CreateType { name, ty, if_not_exists }))
    }

    fn create_connector(&mut self, scope: ConnectorScope) -> Result<StatementKind> {
        let if_not_exists = self.eat_words(&["IF", "NOT", "EXISTS"]);
        let name = self.identifier()?;
        self.expect_words(&["WITH"])?;
        let properties = self.properties(NameCase::AsWritten)?;
        let statement = CreateConnector { name, scope, properties, if_not_exists };
        Ok(StatementKind::CreateConnector(statement))
    }

    /// Behind DROP.
    pub(super) fn drop_statement(&mut self) -> Result<StatementKind> {
        if self.eat_word("TYPE") {
            let if_exists = self.eat_words(&["IF", "EXISTS"]);
            let name = self.identifier()?;
            return Ok(StatementKind::DropType(DropType { name, if_exists }));
        }
        if self.eat_word("CONNECTOR") {
            let if_exists = self.eat_words(&["IF", "EXISTS"]);
            let name = self.identifier()?;
            return Ok(StatementKind::DropConnector(DropConnector { name, if_exists }));
        }
        let kind = self.source_kind()?;
        let if_exists = self.eat_words(&["IF", "EXISTS"]);
        let name = self.identifier()?;
        let delete_topic = self.eat_words(&["DELETE", "TOPIC"]);
        Ok(StatementKind::DropSource(DropSource { kind, name, if_exists, delete_topic }))
    }

    /// Behind ALTER.
    pub(super) fn alter(&mut self) -> Result<StatementKind> {
        if self.eat_word("SYSTEM") {
            let (name, value) = self.assignment()?;
            return Ok(StatementKind::AlterSystem { name, value });
        }
        let kind = self.source_kind()?;
        let name = self.identifier()?;
        let columns = self.comma_list(Self::added_column)?;
        Ok(StatementKind::AlterSource(AlterSource { kind, name, columns }))
    }

    fn added_column(&mut self) -> Result<ColumnDefinition> {
        self.expect_words(&["ADD"])?;
        // COLUMN can also be the column's name; then a type follows, and no second name.
        let type_ahead = self.is_name(self.peek(2)) || self.peek(2).is_word(self.text, "DECIMAL");
        if self.at_words(&["COLUMN"]) && type_ahead {
            self.advance();
        }
        let name = self.identifier()?;
        let ty = self.data_type()?;
        Ok(ColumnDefinition { name, ty, constraint: None })
    }
}

/// Streams have KEY columns and tables PRIMARY KEY columns.
fn check_constraint(column: &ColumnDefinition, kind: SourceKind) -> Result<()> {
    let constraint = column.constraint.as_ref().map(|constraint| &constraint.node);
    let (wrong, right, sources) = match (constraint, kind) {
        (Some(ColumnConstraint::PrimaryKey), SourceKind::Stream) => {
            ("PRIMARY KEY", "KEY", "streams")
        }
        (Some(ColumnConstraint::Key), SourceKind::Table) => ("KEY", "PRIMARY KEY", "tables"),
        _ => return Ok(()),
    };
    let message = format!(
        "Column `{}` is a '{wrong}' column: please use '{right}' for {sources}.",
        column.name.name
    );
    Err(Error::invalid_at("wrong-key-word", message, column.name.span))
}
