//! Queries.

use crate::ast::{
    Duration, Emit, Expr, From, Join, JoinKind, Query, SelectItem, SourceRef, Window, WindowKind,
    Within,
};

use super::Writer;

/// A query's text, in one line.
pub fn query(query: &Query) -> String {
    Writer::collect(|writer| writer.query(query))
}

impl Writer {
    pub(super) fn query(&mut self, query: &Query) {
        self.put("SELECT ");
        self.list(&query.select, Self::select_item);
        self.put(" FROM ");
        self.from(&query.from);
        if let Some(window) = &query.window {
            self.window(&window.node);
        }
        self.clause(" WHERE ", query.filter.as_ref());
        self.keys(" GROUP BY ", query.group_by.as_ref().map(|keys| &keys.node));
        self.keys(" PARTITION BY ", query.partition_by.as_ref().map(|keys| &keys.node));
        self.clause(" HAVING ", query.having.as_ref());
        match query.emit.as_ref().map(|emit| emit.node) {
            Some(Emit::Changes) => self.put(" EMIT CHANGES"),
            Some(Emit::Final) => self.put(" EMIT FINAL"),
            None => {}
        }
        if let Some(limit) = &query.limit {
            self.put(&format!(" LIMIT {}", limit.node));
        }
    }

    fn clause(&mut self, words: &str, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            self.put(words);
            self.expression(expr);
        }
    }

    fn keys(&mut self, words: &str, keys: Option<&Vec<Expr>>) {
        match keys.map(Vec::as_slice) {
            None => {}
            Some([key]) => {
                self.put(words);
                self.expression(key);
            }
            Some(keys) => {
                self.put(words);
                self.enclosed("(", keys, ")");
            }
        }
    }

    fn select_item(&mut self, item: &SelectItem) {
        match item {
            SelectItem::Expr { expr, alias } => {
                self.expression(expr);
                if let Some(alias) = alias {
                    self.put(" AS ");
                    self.name(alias);
                }
            }
            SelectItem::Fields(base) => {
                self.base(base);
                self.put("->*");
            }
            SelectItem::SourceColumns(source) => {
                self.name(source);
                self.put(".*");
            }
            SelectItem::AllColumns(_) => self.put("*"),
        }
    }

    fn from(&mut self, from: &From) {
        self.source_ref(&from.source);
        for join in &from.joins {
            self.join(join);
        }
    }

    fn source_ref(&mut self, source: &SourceRef) {
        self.name(&source.name);
        if let Some(alias) = &source.alias {
            self.put(" AS ");
            self.name(alias);
        }
    }

    fn join(&mut self, join: &Join) {
        self.put(match join.kind {
            JoinKind::Inner => " INNER JOIN ",
            JoinKind::Left => " LEFT OUTER JOIN ",
            JoinKind::Right => " RIGHT OUTER JOIN ",
            JoinKind::Full => " FULL OUTER JOIN ",
        });
        self.source_ref(&join.source);
        if let Some(within) = &join.within {
            self.within(&within.node);
        }
        self.clause(" ON ", Some(&join.on));
    }

    fn within(&mut self, within: &Within) {
        self.put(" WITHIN ");
        if within.before == within.after {
            self.duration(within.before);
        } else {
            self.put("(");
            self.duration(within.before);
            self.put(", ");
            self.duration(within.after);
            self.put(")");
        }
        self.optional_duration(" GRACE PERIOD ", within.grace);
    }

    fn window(&mut self, window: &Window) {
        self.put(" WINDOW ");
        if let Some(name) = &window.name {
            self.name(name);
            self.put(" ");
        }
        match window.kind {
            WindowKind::Tumbling { size } => {
                self.put("TUMBLING (SIZE ");
                self.duration(size);
            }
            WindowKind::Hopping { size, advance } => {
                self.put("HOPPING (SIZE ");
                self.duration(size);
                self.put(", ADVANCE BY ");
                self.duration(advance);
            }
            WindowKind::Session { gap } => {
                self.put("SESSION (");
                self.duration(gap);
            }
        }
        self.optional_duration(", RETENTION ", window.retention);
        self.optional_duration(", GRACE PERIOD ", window.grace);
        self.put(")");
    }

    fn optional_duration(&mut self, words: &str, duration: Option<Duration>) {
        if let Some(duration) = duration {
            self.put(words);
            self.duration(duration);
        }
    }

    pub(super) fn duration(&mut self, duration: Duration) {
        self.put(&format!("{} {}", duration.value, duration.unit.word()));
    }
}
