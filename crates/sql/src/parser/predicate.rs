//! Predicates: what may follow a value expression, once.

use plan::expression::CompareOp;

use crate::ast::{Expr, ExprKind, Spanned};
use crate::error::{Problem, Result};
use crate::lexer::{Symbol, TokenKind};

use super::cursor::Parser;

impl Parser<'_> {
    /// A value expression, perhaps with one predicate behind it.
    pub(super) fn predicated(&mut self) -> Result<Expr> {
        let value = self.value_above(0)?;
        if let Some(op) = self.compare_op() {
            return self.comparison(value, op);
        }
        if self.eat_word("IS") {
            return self.is_predicate(value);
        }
        let negated_ahead =
            ["BETWEEN", "IN", "LIKE"].iter().any(|word| self.at_words(&["NOT", word]));
        let negated = negated_ahead && self.eat_word("NOT");
        if self.eat_word("BETWEEN") {
            self.between(value, negated)
        } else if self.eat_word("IN") {
            self.in_list(value, negated)
        } else if self.eat_word("LIKE") {
            self.like(value, negated)
        } else {
            Ok(value)
        }
    }

    fn compare_op(&self) -> Option<CompareOp> {
        const OPS: [(Symbol, CompareOp); 6] = [
            (Symbol::Equal, CompareOp::Equal),
            (Symbol::NotEqual, CompareOp::NotEqual),
            (Symbol::Less, CompareOp::Less),
            (Symbol::LessOrEqual, CompareOp::LessOrEqual),
            (Symbol::Greater, CompareOp::Greater),
            (Symbol::GreaterOrEqual, CompareOp::GreaterOrEqual),
        ];
        OPS.iter().find(|(symbol, _)| self.at_symbol(*symbol)).map(|(_, op)| *op)
    }

    fn comparison(&mut self, left: Expr, op: CompareOp) -> Result<Expr> {
        let sign = self.advance();
        self.compared_with_next(left, Spanned::new(op, sign.span))
    }

    fn compared_with_next(&mut self, left: Expr, op: Spanned<CompareOp>) -> Result<Expr> {
        let levels = self.levels();
        let right = self.value_above(0)?;
        self.finish_level(levels.max(self.levels()))?;
        let span = left.span.to(right.span);
        Ok(Expr::new(ExprKind::Compare { op, left: Box::new(left), right: Box::new(right) }, span))
    }

    /// Behind `IS`: `[NOT] NULL` or `[NOT] DISTINCT FROM value`.
    fn is_predicate(&mut self, value: Expr) -> Result<Expr> {
        let start = self.next().span.start;
        let negated = self.eat_word("NOT");
        if self.eat_word("NULL") {
            self.finish_level(self.levels())?;
            let span = self.span_from(value.span.start);
            return Ok(Expr::new(ExprKind::IsNull { operand: Box::new(value), negated }, span));
        }
        if !self.eat_word("DISTINCT") {
            return Err(self.unexpected(&["NULL", "DISTINCT"]));
        }
        self.expect_words(&["FROM"])?;
        let op = if negated { CompareOp::IsNotDistinctFrom } else { CompareOp::IsDistinctFrom };
        let op = Spanned::new(op, self.span_from(start));
        self.compared_with_next(value, op)
    }

    fn between(&mut self, operand: Expr, negated: bool) -> Result<Expr> {
        let mut levels = self.levels();
        let low = self.value_above(0)?;
        levels = levels.max(self.levels());
        self.expect_words(&["AND"])?;
        let high = self.value_above(0)?;
        self.finish_level(levels.max(self.levels()))?;
        let span = operand.span.to(high.span);
        let (operand, low, high) = (Box::new(operand), Box::new(low), Box::new(high));
        Ok(Expr::new(ExprKind::Between { operand, low, high, negated }, span))
    }

    fn in_list(&mut self, operand: Expr, negated: bool) -> Result<Expr> {
        let levels = self.levels();
        self.expect_symbol(Symbol::LeftParen)?;
        let list = self.comma_list(Self::expression)?;
        self.finish_level(levels.max(self.levels()))?;
        self.expect_symbol(Symbol::RightParen)?;
        let span = self.span_from(operand.span.start);
        Ok(Expr::new(ExprKind::In { operand: Box::new(operand), list, negated }, span))
    }

    fn like(&mut self, operand: Expr, negated: bool) -> Result<Expr> {
        let levels = self.levels();
        let pattern = self.value_above(0)?;
        self.finish_level(levels.max(self.levels()))?;
        let escape = self.escape()?;
        let span = self.span_from(operand.span.start);
        let (operand, pattern) = (Box::new(operand), Box::new(pattern));
        Ok(Expr::new(ExprKind::Like { operand, pattern, escape, negated }, span))
    }

    /// `ESCAPE 'c'`; without a string behind it, ESCAPE is a name like any other.
    fn escape(&mut self) -> Result<Option<char>> {
        if !self.at_words(&["ESCAPE"]) || self.peek(1).kind != TokenKind::String {
            return Ok(None);
        }
        self.advance();
        let text = self.advance_string();
        let mut chars = text.node.chars();
        match (chars.next(), chars.next()) {
            (Some(escape), None) => Ok(Some(escape)),
            _ => {
                let message = "Expected exactly one character in ESCAPE clause";
                let problem = Problem::new("bad-escape", format!("{message}: {}", text.node));
                Err(problem.at(text.span).literal())
            }
        }
    }
}
