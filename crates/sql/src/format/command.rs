//! LIST, DESCRIBE, PRINT, ASSERT.

use crate::ast::{
    AssertSchema, AssertSource, AssertTombstone, AssertTopic, AssertValues, ConnectorScope,
    Describe, Duration, List, Print,
};

use super::Writer;

impl Writer {
    pub(super) fn listing(&mut self, list: &List) {
        let (text, extended) = match list {
            List::Streams { extended, describe: true } => ("DESCRIBE STREAMS", *extended),
            List::Streams { extended, describe: false } => ("LIST STREAMS", *extended),
            List::Tables { extended, describe: true } => ("DESCRIBE TABLES", *extended),
            List::Tables { extended, describe: false } => ("LIST TABLES", *extended),
            List::Topics { all: true, extended } => ("LIST ALL TOPICS", *extended),
            List::Topics { all: false, extended } => ("LIST TOPICS", *extended),
            List::Queries { extended } => ("LIST QUERIES", *extended),
            List::Functions => ("LIST FUNCTIONS", false),
            List::Properties => ("LIST PROPERTIES", false),
            List::Types => ("LIST TYPES", false),
            List::Variables => ("LIST VARIABLES", false),
            List::Connectors(ConnectorScope::All) => ("LIST CONNECTORS", false),
            List::Connectors(ConnectorScope::Source) => ("LIST SOURCE CONNECTORS", false),
            List::Connectors(ConnectorScope::Sink) => ("LIST SINK CONNECTORS", false),
            List::ConnectorPlugins => ("LIST CONNECTOR PLUGINS", false),
        };
        self.put(text);
        self.put_if(extended, " EXTENDED");
    }

    pub(super) fn describe(&mut self, describe: &Describe) {
        match describe {
            Describe::Source { name, extended } => {
                self.put("DESCRIBE ");
                self.name(name);
                self.put_if(*extended, " EXTENDED");
            }
            Describe::Function(name) => {
                self.put("DESCRIBE FUNCTION ");
                self.name(name);
            }
            Describe::Connector(name) => {
                self.put("DESCRIBE CONNECTOR ");
                self.name(name);
            }
        }
    }

    pub(super) fn print(&mut self, print: &Print) {
        self.put("PRINT ");
        self.string(&print.topic.node);
        self.put_if(print.from_beginning, " FROM BEGINNING");
        if let Some(sampling) = print.sampling {
            self.put(&format!(" INTERVAL {}", sampling.every));
        }
        if let Some(limit) = print.limit {
            self.put(&format!(" LIMIT {limit}"));
        }
    }

    fn assert_head(&mut self, exists: bool) {
        self.put(if exists { "ASSERT " } else { "ASSERT NOT EXISTS " });
    }

    fn timeout(&mut self, timeout: Option<Duration>) {
        if let Some(timeout) = timeout {
            self.put(" TIMEOUT ");
            self.duration(timeout);
        }
    }

    pub(super) fn assert_topic(&mut self, assert: &AssertTopic) {
        self.assert_head(assert.exists);
        self.put("TOPIC ");
        self.string(&assert.topic.node);
        self.with(&assert.properties);
        self.timeout(assert.timeout);
    }

    pub(super) fn assert_schema(&mut self, assert: &AssertSchema) {
        self.assert_head(assert.exists);
        self.put("SCHEMA");
        if let Some(subject) = &assert.subject {
            self.put(" SUBJECT ");
            self.string(&subject.node);
        }
        if let Some(id) = &assert.id {
            self.put(&format!(" ID {}", id.node));
        }
        self.timeout(assert.timeout);
    }

    pub(super) fn assert_values(&mut self, assert: &AssertValues) {
        self.put("ASSERT VALUES ");
        self.name(&assert.source);
        self.columns(&assert.columns);
        self.enclosed(" VALUES (", &assert.values, ")");
    }

    pub(super) fn assert_tombstone(&mut self, assert: &AssertTombstone) {
        self.put("ASSERT NULL VALUES ");
        self.name(&assert.source);
        self.columns(&assert.columns);
        self.enclosed(" KEY (", &assert.values, ")");
    }

    pub(super) fn assert_source(&mut self, assert: &AssertSource) {
        self.put("ASSERT ");
        self.kind(assert.kind);
        self.name(&assert.name);
        self.elements(&assert.columns);
        self.with(&assert.properties);
    }
}
