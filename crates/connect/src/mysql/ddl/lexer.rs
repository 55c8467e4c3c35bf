//! Tokens of MySQL's SQL, as far as DDL needs them.

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A bare word: keyword or name.
    Word(String),
    /// A quoted name.
    Name(String),
    /// A string literal.
    Text(String),
    /// A number.
    Number(String),
    /// Any other character.
    Symbol(char),
}

/// A cursor over a statement's tokens.
#[derive(Clone, Debug)]
pub struct Tokens {
    tokens: Vec<Token>,
    next: usize,
}

impl Tokens {
    /// Cuts `text` into tokens. Comments vanish, except executable ones, whose contents stay.
    pub fn new(text: &str) -> Self {
        let mut lexer = Lexer { rest: text.chars().peekable(), tokens: Vec::new() };
        while lexer.step() {}
        Self { tokens: lexer.tokens, next: 0 }
    }

    /// The coming token.
    pub fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    /// Whether the coming token is the bare word `word`.
    pub fn at_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(found)) if found.eq_ignore_ascii_case(word))
    }

    /// Whether the coming token is `symbol`.
    pub fn at_symbol(&self, symbol: char) -> bool {
        self.peek() == Some(&Token::Symbol(symbol))
    }

    /// Takes the coming token.
    pub fn take(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.next).cloned();
        self.next += usize::from(token.is_some());
        token
    }

    /// Takes the words `words` if they come in this order, else nothing.
    pub fn take_words(&mut self, words: &[&str]) -> bool {
        let start = self.next;
        for word in words {
            if !self.at_word(word) {
                self.next = start;
                return false;
            }
            self.next += 1;
        }
        true
    }

    /// Takes `symbol` if it comes.
    pub fn take_symbol(&mut self, symbol: char) -> bool {
        let found = self.at_symbol(symbol);
        self.next += usize::from(found);
        found
    }

    /// Takes a name, quoted or bare.
    pub fn take_name(&mut self) -> Option<String> {
        match self.peek()? {
            Token::Word(name) | Token::Name(name) => {
                let name = name.clone();
                self.next += 1;
                Some(name)
            }
            _ => None,
        }
    }

    /// Skips a parenthesised group if one comes.
    pub fn skip_group(&mut self) {
        if !self.at_symbol('(') {
            return;
        }
        let mut depth = 0usize;
        while let Some(token) = self.take() {
            match token {
                Token::Symbol('(') => depth += 1,
                Token::Symbol(')') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Skips to the next comma or closing parenthesis of this level, or the end.
    pub fn skip_item(&mut self) {
        while let Some(token) = self.peek() {
            match token {
                Token::Symbol(',' | ')') => return,
                Token::Symbol('(') => self.skip_group(),
                _ => self.next += 1,
            }
        }
    }
}

struct Lexer<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn step(&mut self) -> bool {
        let Some(&character) = self.rest.peek() else { return false };
        match character {
            c if c.is_whitespace() => self.skip(1),
            '#' => self.skip_line(),
            '`' => self.quoted('`', Token::Name),
            '"' => self.quoted('"', Token::Text),
            '\'' => self.quoted('\'', Token::Text),
            c if c.is_ascii_digit() => self.number(),
            c if is_word(c) => self.word(),
            '-' | '/' | '*' => self.comment_or_symbol(character),
            other => self.symbol(other),
        }
        true
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.rest.next();
        }
    }

    fn symbol(&mut self, symbol: char) {
        self.skip(1);
        self.tokens.push(Token::Symbol(symbol));
    }

    fn skip_line(&mut self) {
        while self.rest.next().is_some_and(|c| c != '\n') {}
    }

    fn word(&mut self) {
        let mut word = String::new();
        while let Some(c) = self.rest.next_if(|c| is_word(*c) || c.is_ascii_digit()) {
            word.push(c);
        }
        self.tokens.push(Token::Word(word));
    }

    /// A number, or a name that begins with digits, which MySQL allows.
    fn number(&mut self) {
        let mut text = String::new();
        while let Some(c) = self.rest.next_if(|c| c.is_ascii_digit() || *c == '.' || is_word(*c)) {
            text.push(c);
        }
        let is_number = text.chars().all(|c| c.is_ascii_digit() || c == '.');
        self.tokens.push(if is_number { Token::Number(text) } else { Token::Word(text) });
    }

    fn quoted(&mut self, quote: char, token: fn(String) -> Token) {
        self.skip(1);
        let mut text = String::new();
        while let Some(c) = self.rest.next() {
            match c {
                c if c == quote => match self.rest.next_if_eq(&quote) {
                    Some(doubled) => text.push(doubled),
                    None => break,
                },
                '\\' if quote != '`' => self.escaped(&mut text),
                other => text.push(other),
            }
        }
        self.tokens.push(token(text));
    }

    fn escaped(&mut self, text: &mut String) {
        match self.rest.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('0') => text.push('\0'),
            Some(other) => text.push(other),
            None => {}
        }
    }

    fn comment_or_symbol(&mut self, first: char) {
        self.skip(1);
        match (first, self.rest.peek()) {
            ('-', Some('-')) => self.skip_line(),
            ('/', Some('*')) => self.block_comment(),
            // The end of an executable comment whose contents were kept.
            ('*', Some('/')) => self.skip(1),
            _ => self.tokens.push(Token::Symbol(first)),
        }
    }

    fn block_comment(&mut self) {
        self.skip(1);
        let is_mariadb = self.rest.next_if_eq(&'M').is_some();
        if self.rest.next_if_eq(&'!').is_some() {
            while self.rest.next_if(char::is_ascii_digit).is_some() {}
            return;
        }
        let mut before = if is_mariadb { 'M' } else { ' ' };
        for c in self.rest.by_ref() {
            if before == '*' && c == '/' {
                return;
            }
            before = c;
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || c == '$' || !c.is_ascii()
}
