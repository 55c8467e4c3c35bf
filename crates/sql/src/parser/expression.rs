//! Expressions with operators, from OR down to unary signs (spec section 2.3).
//!
//! Two kinds of rule: *expressions* may hold predicates and AND, OR, NOT; *value expressions* may not,
//! unless in parentheses. Chains are loops, so that only parentheses cost stack.

use plan::expression::ArithmeticOp;

use crate::ast::{Call, Expr, ExprKind, Identifier, LogicalOp, Span, Spanned};
use crate::error::Result;
use crate::lexer::Symbol;

use super::cursor::Parser;

/// An operator between two value expressions.
#[derive(Clone, Copy)]
enum ValueOp {
    Arithmetic(ArithmeticOp),
    Concat,
}

impl ValueOp {
    /// How tightly it binds.
    fn binding(self) -> u8 {
        match self {
            Self::Concat => 1,
            Self::Arithmetic(ArithmeticOp::Add | ArithmeticOp::Subtract) => 2,
            Self::Arithmetic(_) => 3,
        }
    }
}

impl Parser<'_> {
    /// Any expression.
    pub(super) fn expression(&mut self) -> Result<Expr> {
        self.nested(Self::disjunction)
    }

    /// An expression without predicates or AND, OR, NOT outside parentheses.
    pub(super) fn value_expression(&mut self) -> Result<Expr> {
        self.nested(|parser| parser.value_above(0))
    }

    fn disjunction(&mut self) -> Result<Expr> {
        self.logical_chain("OR", LogicalOp::Or, Self::conjunction)
    }

    fn conjunction(&mut self) -> Result<Expr> {
        self.logical_chain("AND", LogicalOp::And, Self::negation)
    }

    fn logical_chain(
        &mut self,
        word: &str,
        op: LogicalOp,
        operand: fn(&mut Self) -> Result<Expr>,
    ) -> Result<Expr> {
        let mut left = operand(self)?;
        while self.eat_word(word) {
            let levels = self.levels();
            let right = operand(self)?;
            self.finish_level(levels.max(self.levels()))?;
            let span = left.span.to(right.span);
            let kind = ExprKind::Logical { op, left: Box::new(left), right: Box::new(right) };
            left = Expr::new(kind, span);
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Expr> {
        let start = self.next().span.start;
        if !self.eat_word("NOT") {
            return self.predicated();
        }
        let operand = self.nested(Self::negation)?;
        self.finish_level(self.levels())?;
        Ok(Expr::new(ExprKind::Not(Box::new(operand)), self.span_from(start)))
    }

    /// Precedence climbing over the operators that bind tighter than `floor`; all associate left.
    pub(super) fn value_above(&mut self, floor: u8) -> Result<Expr> {
        let mut left = self.signed()?;
        while let Some(op) = self.value_op_above(floor) {
            let sign = self.advance();
            let levels = self.levels();
            let right = self.value_above(op.binding())?;
            self.finish_level(levels.max(self.levels()))?;
            let span = left.span.to(right.span);
            let kind = match op {
                ValueOp::Arithmetic(op) => arithmetic(Spanned::new(op, sign.span), left, right),
                ValueOp::Concat => concat(left, right, sign.span),
            };
            left = Expr::new(kind, span);
        }
        Ok(left)
    }

    fn value_op_above(&self, floor: u8) -> Option<ValueOp> {
        const OPS: [(Symbol, ValueOp); 6] = [
            (Symbol::Concat, ValueOp::Concat),
            (Symbol::Plus, ValueOp::Arithmetic(ArithmeticOp::Add)),
            (Symbol::Minus, ValueOp::Arithmetic(ArithmeticOp::Subtract)),
            (Symbol::Star, ValueOp::Arithmetic(ArithmeticOp::Multiply)),
            (Symbol::Slash, ValueOp::Arithmetic(ArithmeticOp::Divide)),
            (Symbol::Percent, ValueOp::Arithmetic(ArithmeticOp::Modulo)),
        ];
        let (_, op) = OPS.iter().find(|(symbol, _)| self.at_symbol(*symbol))?;
        (op.binding() > floor).then_some(*op)
    }

    /// A primary expression behind any number of signs. A minus before a number is the number's.
    fn signed(&mut self) -> Result<Expr> {
        let start = self.next().span.start;
        if self.at_symbol(Symbol::Minus) && self.number_ahead().is_none() {
            self.advance();
            let operand = self.nested(Self::signed)?;
            self.finish_level(self.levels())?;
            return Ok(Expr::new(ExprKind::Negate(Box::new(operand)), self.span_from(start)));
        }
        if self.eat_symbol(Symbol::Plus) {
            let operand = self.nested(Self::signed)?;
            self.finish_level(self.levels())?;
            return Ok(Expr::new(ExprKind::Plus(Box::new(operand)), self.span_from(start)));
        }
        self.primary()
    }
}

fn arithmetic(op: Spanned<ArithmeticOp>, left: Expr, right: Expr) -> ExprKind {
    ExprKind::Arithmetic { op, left: Box::new(left), right: Box::new(right) }
}

fn concat(left: Expr, right: Expr, span: Span) -> ExprKind {
    let function = Identifier { name: "CONCAT".to_owned(), quoted: false, span };
    ExprKind::Call(Call { function, arguments: vec![left, right], star: false })
}
