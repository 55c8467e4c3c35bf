//! CREATE, DROP, ALTER, INSERT.

use types::SourceKind;

use crate::ast::{
    AlterSource, ColumnConstraint, ColumnDefinition, ConnectorScope, CreateAsSelect,
    CreateConnector, CreateSource, CreateType, DropConnector, DropSource, DropType, Identifier,
    InsertSelect, InsertValues, Properties,
};
use crate::lexer::is_identifier;

use super::Writer;
use super::name::{identifier, string};

impl Writer {
    pub(super) fn create_source(&mut self, create: &CreateSource) {
        self.put("CREATE ");
        self.put_if(create.or_replace, "OR REPLACE ");
        self.put_if(create.is_source, "SOURCE ");
        self.kind(create.kind);
        self.put_if(create.if_not_exists, "IF NOT EXISTS ");
        self.name(&create.name);
        self.elements(&create.columns);
        self.with(&create.properties);
    }

    pub(super) fn create_as_select(&mut self, create: &CreateAsSelect) {
        self.put("CREATE ");
        self.put_if(create.or_replace, "OR REPLACE ");
        self.kind(create.kind);
        self.put_if(create.if_not_exists, "IF NOT EXISTS ");
        self.name(&create.name);
        self.with(&create.properties);
        self.put(" AS ");
        self.query(&create.query);
    }

    pub(super) fn kind(&mut self, kind: SourceKind) {
        self.put(match kind {
            SourceKind::Stream => "STREAM ",
            SourceKind::Table => "TABLE ",
        });
    }

    pub(super) fn elements(&mut self, columns: &[ColumnDefinition]) {
        if !columns.is_empty() {
            self.put(" (");
            self.list(columns, Self::element);
            self.put(")");
        }
    }

    fn element(&mut self, column: &ColumnDefinition) {
        self.name(&column.name);
        self.put(" ");
        self.data_type(&column.ty);
        match column.constraint.as_ref().map(|constraint| &constraint.node) {
            None => {}
            Some(ColumnConstraint::Key) => self.put(" KEY"),
            Some(ColumnConstraint::PrimaryKey) => self.put(" PRIMARY KEY"),
            Some(ColumnConstraint::Headers) => self.put(" HEADERS"),
            Some(ColumnConstraint::Header(key)) => {
                self.put(&format!(" HEADER({})", string(key)));
            }
        }
    }

    /// ` WITH (NAME='value', ...)`, or nothing when there are no properties.
    pub(super) fn with(&mut self, properties: &Properties) {
        if !properties.is_empty() {
            self.put(" WITH (");
            self.list(&properties.entries, |writer, property| {
                let name = &property.name.node;
                let bare = is_identifier(name);
                writer.put(&if bare { name.clone() } else { string(name) });
                writer.put("=");
                writer.literal(&property.value.node);
            });
            self.put(")");
        }
    }

    pub(super) fn insert_select(&mut self, insert: &InsertSelect) {
        self.put("INSERT INTO ");
        self.name(&insert.target);
        self.with(&insert.properties);
        self.put(" ");
        self.query(&insert.query);
    }

    pub(super) fn insert_values(&mut self, insert: &InsertValues) {
        self.put("INSERT INTO ");
        self.name(&insert.target);
        self.columns(&insert.columns);
        self.enclosed(" VALUES (", &insert.values, ")");
    }

    /// ` (name, ...)`, or nothing when there are no names.
    pub(super) fn columns(&mut self, columns: &[Identifier]) {
        if !columns.is_empty() {
            self.put(" (");
            self.list(columns, Self::name);
            self.put(")");
        }
    }

    pub(super) fn drop_source(&mut self, drop: &DropSource) {
        self.put("DROP ");
        self.kind(drop.kind);
        self.put_if(drop.if_exists, "IF EXISTS ");
        self.name(&drop.name);
        self.put_if(drop.delete_topic, " DELETE TOPIC");
    }

    pub(super) fn alter_source(&mut self, alter: &AlterSource) {
        self.put("ALTER ");
        self.kind(alter.kind);
        self.name(&alter.name);
        self.put(" ");
        self.list(&alter.columns, |writer, column| {
            writer.put("ADD COLUMN ");
            writer.element(column);
        });
    }

    pub(super) fn create_type(&mut self, create: &CreateType) {
        self.put("CREATE TYPE ");
        self.put_if(create.if_not_exists, "IF NOT EXISTS ");
        self.put(&identifier(&create.name.name));
        self.put(" AS ");
        self.data_type(&create.ty);
    }

    pub(super) fn drop_type(&mut self, drop: &DropType) {
        self.put("DROP TYPE ");
        self.put_if(drop.if_exists, "IF EXISTS ");
        self.name(&drop.name);
    }

    pub(super) fn create_connector(&mut self, create: &CreateConnector) {
        self.put("CREATE ");
        self.put(if create.scope == ConnectorScope::Sink { "SINK" } else { "SOURCE" });
        self.put(" CONNECTOR ");
        self.put_if(create.if_not_exists, "IF NOT EXISTS ");
        self.name(&create.name);
        self.put_if(create.properties.is_empty(), " WITH ()");
        self.with(&create.properties);
    }

    pub(super) fn drop_connector(&mut self, drop: &DropConnector) {
        self.put("DROP CONNECTOR ");
        self.put_if(drop.if_exists, "IF EXISTS ");
        self.name(&drop.name);
    }
}
