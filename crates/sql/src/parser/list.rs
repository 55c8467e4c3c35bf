//! LIST, SHOW and DESCRIBE.

use crate::ast::{ConnectorScope, Describe, List, StatementKind};
use crate::error::Result;

use super::cursor::Parser;

impl Parser<'_> {
    /// Behind LIST or SHOW.
    pub(super) fn list(&mut self) -> Result<StatementKind> {
        self.listed().map(StatementKind::List)
    }

    fn listed(&mut self) -> Result<List> {
        if self.eat_word("STREAMS") {
            Ok(List::Streams { extended: self.eat_word("EXTENDED"), describe: false })
        } else if self.eat_word("TABLES") {
            Ok(List::Tables { extended: self.eat_word("EXTENDED"), describe: false })
        } else if self.eat_words(&["ALL", "TOPICS"]) {
            Ok(List::Topics { all: true, extended: self.eat_word("EXTENDED") })
        } else if self.eat_word("TOPICS") {
            Ok(List::Topics { all: false, extended: self.eat_word("EXTENDED") })
        } else if self.eat_word("QUERIES") {
            Ok(List::Queries { extended: self.eat_word("EXTENDED") })
        } else {
            self.listed_plainly()
        }
    }

    fn listed_plainly(&mut self) -> Result<List> {
        const FORMS: [(&[&str], List); 8] = [
            (&["FUNCTIONS"], List::Functions),
            (&["PROPERTIES"], List::Properties),
            (&["TYPES"], List::Types),
            (&["VARIABLES"], List::Variables),
            (&["CONNECTORS"], List::Connectors(ConnectorScope::All)),
            (&["SOURCE", "CONNECTORS"], List::Connectors(ConnectorScope::Source)),
            (&["SINK", "CONNECTORS"], List::Connectors(ConnectorScope::Sink)),
            (&["CONNECTOR", "PLUGINS"], List::ConnectorPlugins),
        ];
        for (words, list) in FORMS {
            if self.eat_words(words) {
                return Ok(list);
            }
        }
        Err(self.unexpected(&[
            "STREAMS",
            "TABLES",
            "TOPICS",
            "QUERIES",
            "FUNCTIONS",
            "PROPERTIES",
            "TYPES",
            "VARIABLES",
            "CONNECTORS",
            "CONNECTOR",
        ]))
    }

    /// Behind DESCRIBE.
    pub(super) fn describe(&mut self) -> Result<StatementKind> {
        if self.eat_word("STREAMS") {
            let extended = self.eat_word("EXTENDED");
            return Ok(StatementKind::List(List::Streams { extended, describe: true }));
        }
        if self.at_words(&["TABLES"]) && !self.is_name(self.peek(1)) {
            self.advance();
            let extended = self.eat_word("EXTENDED");
            return Ok(StatementKind::List(List::Tables { extended, describe: true }));
        }
        if self.eat_word("CONNECTOR") {
            return Ok(StatementKind::Describe(Describe::Connector(self.identifier()?)));
        }
        if self.at_words(&["FUNCTION"]) && self.is_name(self.peek(1)) {
            self.advance();
            return Ok(StatementKind::Describe(Describe::Function(self.identifier()?)));
        }
        self.describe_source()
    }

    fn describe_source(&mut self) -> Result<StatementKind> {
        let leading = self.eat_word("EXTENDED");
        let name = self.identifier()?;
        let extended = leading || self.eat_word("EXTENDED");
        Ok(StatementKind::Describe(Describe::Source { name, extended }))
    }
}
