//! Primary expressions: literals, columns, calls, constructors, CASE, CAST, and what may be written
//! behind them: `[index]`, `->field`, `AT TIME ZONE`.

use crate::ast::{Call, Case, Expr, ExprKind, Identifier, Lambda, TimeUnit, WhenClause};
use crate::error::{Problem, Result};
use crate::lexer::{Symbol, TokenKind};

use super::cursor::Parser;
use super::literal::decimal;

impl Parser<'_> {
    /// A primary expression with everything behind it.
    pub(super) fn primary(&mut self) -> Result<Expr> {
        let start = self.next().span.start;
        let mut base = self.primary_head()?;
        loop {
            let levels = self.levels();
            let kind = if self.at_symbol(Symbol::LeftBracket) {
                self.subscript(base)?
            } else if self.at_symbol(Symbol::Arrow) && !self.peek(1).is(Symbol::Star) {
                self.field(base)?
            } else if self.at_words(&["AT", "TIME", "ZONE"]) {
                self.at_time_zone(base)?
            } else {
                return Ok(base);
            };
            self.finish_level(levels.max(self.levels()))?;
            base = Expr::new(kind, self.span_from(start));
        }
    }

    fn primary_head(&mut self) -> Result<Expr> {
        let start = self.next().span.start;
        self.reset_levels();
        if self.at_symbol(Symbol::LeftParen) {
            return self.parenthesized();
        }
        let kind = match self.optional_literal()? {
            Some(literal) => ExprKind::Literal(literal.node),
            None => self.keyword_expression()?,
        };
        self.finish_level(self.levels())?;
        Ok(Expr::new(kind, self.span_from(start)))
    }

    fn parenthesized(&mut self) -> Result<Expr> {
        self.expect_symbol(Symbol::LeftParen)?;
        let inner = self.expression()?;
        self.expect_symbol(Symbol::RightParen)?;
        Ok(inner)
    }

    fn keyword_expression(&mut self) -> Result<ExprKind> {
        let followed_by = |parser: &Self, symbol| parser.peek(1).is(symbol);
        if self.eat_word("CASE") {
            self.case()
        } else if self.at_words(&["CAST"]) {
            self.cast()
        } else if self.at_words(&["ARRAY"]) && followed_by(self, Symbol::LeftBracket) {
            self.array()
        } else if self.at_words(&["MAP"]) && followed_by(self, Symbol::LeftParen) {
            self.map()
        } else if self.at_words(&["STRUCT"]) && followed_by(self, Symbol::LeftParen) {
            self.structure()
        } else if self.peek(1).kind == TokenKind::String && self.next().kind == TokenKind::Word {
            self.typed_literal()
        } else if self.is_name(self.next()) && followed_by(self, Symbol::LeftParen) {
            self.call()
        } else if self.is_name(self.next()) {
            self.column_name().map(ExprKind::Column)
        } else {
            Err(self.unexpected_for_name("an expression"))
        }
    }

    fn case(&mut self) -> Result<ExprKind> {
        let mut levels = 0;
        let mut operand = None;
        if !self.at_words(&["WHEN"]) {
            operand = Some(Box::new(self.value_expression()?));
            levels = self.levels();
        }
        let mut branches = Vec::new();
        self.expect_words(&["WHEN"])?;
        loop {
            let condition = self.expression()?;
            levels = levels.max(self.levels());
            self.expect_words(&["THEN"])?;
            let result = self.expression()?;
            levels = levels.max(self.levels());
            branches.push(WhenClause { condition, result });
            if !self.eat_word("WHEN") {
                break;
            }
        }
        let mut otherwise = None;
        if self.eat_word("ELSE") {
            otherwise = Some(Box::new(self.expression()?));
            levels = levels.max(self.levels());
        }
        self.expect_words(&["END"])?;
        self.set_levels(levels);
        Ok(ExprKind::Case(Case { operand, branches, otherwise }))
    }

    fn cast(&mut self) -> Result<ExprKind> {
        self.advance();
        self.expect_symbol(Symbol::LeftParen)?;
        let operand = Box::new(self.expression()?);
        let levels = self.levels();
        self.expect_words(&["AS"])?;
        let ty = self.data_type()?;
        self.expect_symbol(Symbol::RightParen)?;
        self.set_levels(levels);
        Ok(ExprKind::Cast { operand, ty })
    }

    fn array(&mut self) -> Result<ExprKind> {
        self.advance();
        self.advance();
        let elements = self.list_until(Symbol::RightBracket, Self::expression)?;
        Ok(ExprKind::Array(elements))
    }

    fn map(&mut self) -> Result<ExprKind> {
        self.advance();
        self.advance();
        Ok(ExprKind::Map(self.list_until(Symbol::RightParen, Self::map_entry)?))
    }

    fn map_entry(&mut self) -> Result<(Expr, Expr)> {
        let key = self.expression()?;
        let levels = self.levels();
        self.expect_symbol(Symbol::Assign)?;
        let value = self.expression()?;
        self.set_levels(levels.max(self.levels()));
        Ok((key, value))
    }

    fn structure(&mut self) -> Result<ExprKind> {
        self.advance();
        self.advance();
        Ok(ExprKind::Struct(self.list_until(Symbol::RightParen, Self::struct_entry)?))
    }

    fn struct_entry(&mut self) -> Result<(Identifier, Expr)> {
        let name = self.identifier()?;
        self.expect_symbol(Symbol::Assign)?;
        let value = self.expression()?;
        Ok((name, value))
    }

    /// A perhaps empty comma list up to and with its closing sign.
    fn list_until<T>(
        &mut self,
        close: Symbol,
        item: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        if self.eat_symbol(close) {
            return Ok(Vec::new());
        }
        let items = self.comma_list(item)?;
        self.expect_symbol(close)?;
        Ok(items)
    }

    /// `TYPE 'text'`, of which only DECIMAL exists.
    fn typed_literal(&mut self) -> Result<ExprKind> {
        let name = self.advance();
        let text = self.advance_string();
        if name.is_word(self.text, "DECIMAL") {
            return Ok(ExprKind::Literal(decimal(&text.node, text.span)?));
        }
        let message = format!("Unknown type: {}", self.text_of(name).to_ascii_uppercase());
        let hint = "only DECIMAL literals have their type before them; use CAST";
        Err(Problem::new("unknown-literal-type", message).hint(hint).at(name.span).syntax())
    }

    fn call(&mut self) -> Result<ExprKind> {
        let function = self.identifier()?;
        self.expect_symbol(Symbol::LeftParen)?;
        let star = self.at_symbol(Symbol::Star) && self.peek(1).is(Symbol::RightParen);
        if star {
            self.advance();
        }
        let arguments = self.list_until(Symbol::RightParen, Self::argument)?;
        Ok(ExprKind::Call(Call { function, arguments, star }))
    }

    fn argument(&mut self) -> Result<Expr> {
        if self.lambda_ahead() {
            return self.nested(Self::lambda);
        }
        match self.reserved_unit_ahead() {
            Some(unit) => self.unit(unit),
            None => self.expression(),
        }
    }

    /// A reserved unit word with nothing behind it but the argument's end.
    fn reserved_unit_ahead(&self) -> Option<TimeUnit> {
        let token = self.next();
        if token.kind != TokenKind::Word || self.is_name(token) {
            return None;
        }
        TimeUnit::from_word(self.text_of(token))
    }

    fn unit(&mut self, unit: TimeUnit) -> Result<Expr> {
        let token = self.advance();
        self.set_levels(1);
        Ok(Expr::new(ExprKind::Unit(unit), token.span))
    }

    /// Whether `name =>` or `(name, ...) =>` is next.
    fn lambda_ahead(&self) -> bool {
        if self.peek(1).is(Symbol::FatArrow) {
            return self.is_name(self.next());
        }
        if !self.at_symbol(Symbol::LeftParen) {
            return false;
        }
        let mut ahead = 1;
        while self.is_name(self.peek(ahead)) && self.peek(ahead + 1).is(Symbol::Comma) {
            ahead += 2;
        }
        self.is_name(self.peek(ahead))
            && self.peek(ahead + 1).is(Symbol::RightParen)
            && self.peek(ahead + 2).is(Symbol::FatArrow)
    }

    fn lambda(&mut self) -> Result<Expr> {
        let start = self.next().span.start;
        let parameters = if self.eat_symbol(Symbol::LeftParen) {
            let parameters = self.comma_list(Self::identifier)?;
            self.expect_symbol(Symbol::RightParen)?;
            parameters
        } else {
            vec![self.identifier()?]
        };
        self.expect_symbol(Symbol::FatArrow)?;
        let body = Box::new(self.expression()?);
        self.finish_level(self.levels())?;
        Ok(Expr::new(ExprKind::Lambda(Lambda { parameters, body }), self.span_from(start)))
    }

    fn subscript(&mut self, base: Expr) -> Result<ExprKind> {
        self.expect_symbol(Symbol::LeftBracket)?;
        let index = Box::new(self.value_expression()?);
        self.expect_symbol(Symbol::RightBracket)?;
        Ok(ExprKind::Subscript { base: Box::new(base), index })
    }

    fn field(&mut self, base: Expr) -> Result<ExprKind> {
        self.expect_symbol(Symbol::Arrow)?;
        let field = self.identifier()?;
        Ok(ExprKind::Field { base: Box::new(base), field })
    }

    fn at_time_zone(&mut self, operand: Expr) -> Result<ExprKind> {
        self.expect_words(&["AT", "TIME", "ZONE"])?;
        let zone = self.string()?.node;
        Ok(ExprKind::AtTimeZone { operand: Box::new(operand), zone })
    }
}
