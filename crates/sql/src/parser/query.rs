//! The query clause, in its fixed order (spec section 1.2).

use crate::ast::{
    Emit, Expr, From, Identifier, Join, JoinKind, Literal, Query, SelectItem, SourceRef, Span,
    Spanned,
};
use crate::error::{Error, Problem, Result};
use crate::lexer::{Symbol, TokenKind};

use super::cursor::Parser;

impl Parser<'_> {
    /// `SELECT ... FROM ...` with all its clauses.
    pub(super) fn query(&mut self) -> Result<Query> {
        self.expect_words(&["SELECT"])?;
        let select = self.comma_list(Self::select_item)?;
        self.expect_words(&["FROM"])?;
        let from = self.from()?;
        let window = self.optional(&["WINDOW"], Self::window)?;
        let filter = self.optional(&["WHERE"], Self::expression)?;
        let group_by = self.optional(&["GROUP", "BY"], Self::grouping)?;
        let partition_by = self.optional(&["PARTITION", "BY"], Self::grouping)?;
        let having = self.optional(&["HAVING"], Self::expression)?;
        let emit = self.optional(&["EMIT"], Self::emit)?;
        let limit = self.optional(&["LIMIT"], |parser| parser.limit(emit.is_some()))?;
        Ok(Query { select, from, window, filter, group_by, partition_by, having, emit, limit })
    }

    /// A clause that begins with `words`, if they are next.
    fn optional<T>(
        &mut self,
        words: &[&str],
        clause: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<Option<T>> {
        if self.eat_words(words) { clause(self).map(Some) } else { Ok(None) }
    }

    fn select_item(&mut self) -> Result<SelectItem> {
        let start = self.next();
        if self.eat_symbol(Symbol::Star) {
            return Ok(SelectItem::AllColumns(Spanned::new((), start.span)));
        }
        if self.is_name(start) && self.peek(1).is(Symbol::Dot) && self.peek(2).is(Symbol::Star) {
            let source = self.identifier()?;
            self.advance();
            self.advance();
            return Ok(SelectItem::SourceColumns(source));
        }
        let expr = self.expression()?;
        if self.at_symbol(Symbol::Arrow) && self.peek(1).is(Symbol::Star) {
            self.advance();
            self.advance();
            return Ok(SelectItem::Fields(expr));
        }
        let alias = self.alias()?;
        Ok(SelectItem::Expr { expr, alias })
    }

    /// `[AS] name`, if one is next. Without AS, words that begin a clause are not taken for a name.
    fn alias(&mut self) -> Result<Option<Identifier>> {
        let explicit = self.eat_word("AS");
        let clause_ahead = self.at_words(&["PARTITION", "BY"])
            || self.at_words(&["EMIT", "CHANGES"])
            || self.at_words(&["EMIT", "FINAL"]);
        if explicit || (self.is_name(self.next()) && !clause_ahead) {
            return self.identifier().map(Some);
        }
        Ok(None)
    }

    fn from(&mut self) -> Result<From> {
        let source = self.source_ref()?;
        let mut joins = Vec::new();
        while let Some(join) = self.join()? {
            joins.push(join);
        }
        Ok(From { source, joins })
    }

    fn source_ref(&mut self) -> Result<SourceRef> {
        let name = self.identifier()?;
        let alias = self.alias()?;
        Ok(SourceRef { name, alias })
    }

    fn join(&mut self) -> Result<Option<Join>> {
        let start = self.next().span.start;
        let Some(kind) = self.join_kind()? else { return Ok(None) };
        let source = self.source_ref()?;
        let within = self.optional(&["WITHIN"], Self::within)?;
        self.expect_words(&["ON"])?;
        let on = self.expression()?;
        let place = Spanned::new((), self.span_from(start));
        Ok(Some(Join { kind, source, within, on, place }))
    }

    fn join_kind(&mut self) -> Result<Option<JoinKind>> {
        const KINDS: [(&str, JoinKind); 3] =
            [("LEFT", JoinKind::Left), ("RIGHT", JoinKind::Right), ("FULL", JoinKind::Full)];
        if self.eat_word("JOIN") {
            return Ok(Some(JoinKind::Inner));
        }
        if self.eat_word("INNER") {
            self.expect_words(&["JOIN"])?;
            return Ok(Some(JoinKind::Inner));
        }
        for (word, kind) in KINDS {
            if self.eat_word(word) {
                self.eat_word("OUTER");
                self.expect_words(&["JOIN"])?;
                return Ok(Some(kind));
            }
        }
        Ok(None)
    }

    /// `value, ...` or all of it in one pair of parentheses, which may be empty.
    fn grouping(&mut self) -> Result<Spanned<Vec<Expr>>> {
        let start = self.next().span.start;
        let mark = self.mark();
        let keys = match self.parenthesized_grouping() {
            Some(keys) => keys,
            None => {
                self.rewind(mark);
                self.comma_list(Self::value_expression)?
            }
        };
        Ok(Spanned::new(keys, self.span_from(start)))
    }

    /// `(value, ...)` if nothing of the list follows; else the parenthesis belongs to the first value.
    fn parenthesized_grouping(&mut self) -> Option<Vec<Expr>> {
        if !self.eat_symbol(Symbol::LeftParen) {
            return None;
        }
        if self.eat_symbol(Symbol::RightParen) {
            return Some(Vec::new());
        }
        let keys = self.comma_list(Self::value_expression).ok()?;
        let closed = self.eat_symbol(Symbol::RightParen);
        let ended = match self.next().kind {
            TokenKind::End => true,
            TokenKind::Symbol(symbol) => symbol == Symbol::Semicolon,
            _ => self.grouping_ends(),
        };
        (closed && ended).then_some(keys)
    }

    fn grouping_ends(&self) -> bool {
        ["PARTITION", "HAVING", "EMIT", "LIMIT"].iter().any(|word| self.at_words(&[word]))
    }

    fn emit(&mut self) -> Result<Spanned<Emit>> {
        let token = self.next();
        let emit = if self.eat_word("CHANGES") {
            Emit::Changes
        } else if self.eat_word("FINAL") {
            Emit::Final
        } else {
            return Err(self.unexpected(&["CHANGES", "FINAL"]));
        };
        Ok(Spanned::new(emit, token.span))
    }

    /// Behind LIMIT: any number can be written, whole ones from 0 are accepted.
    fn limit(&mut self, is_push: bool) -> Result<Spanned<u64>> {
        if self.number_ahead().is_none() {
            return Err(self.unexpected(&["INTEGER_VALUE"]));
        }
        let limit = self.literal()?;
        let value = match limit.node {
            Literal::Integer(value) => i64::from(value),
            Literal::Bigint(value) => value,
            _ => return Err(fractional_limit(limit.span)),
        };
        let value = u64::try_from(value).map_err(|_| negative_limit(is_push, limit.span))?;
        Ok(Spanned::new(value, limit.span))
    }
}

fn fractional_limit(span: Span) -> Error {
    let message = "Value must be integer for command: LIMIT";
    Problem::new("bad-limit", message).at(span).wire_without_place().literal()
}

fn negative_limit(is_push: bool, span: Span) -> Error {
    let kind = if is_push { "Push" } else { "Pull" };
    let message = format!(
        "{kind} queries don't support negative integers in the LIMIT clause. \
         See https://cnfl.io/queries for more info."
    );
    Problem::new("bad-limit", message).at(span).wire_without_place().invalid()
}
