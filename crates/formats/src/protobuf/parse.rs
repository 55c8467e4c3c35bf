//! .proto text to [`File`].

use std::collections::HashMap;

use super::model::{Field, File, Label, Message, Scalar, Type};
use super::tokens::{Token, tokens};
use crate::{Error, Result};

/// Messages within messages.
const DEPTH_MAX: usize = 64;

impl File {
    /// Puts the texts of the files that `text` imports behind it: one text that [`Self::parse`] reads
    /// and in which messages keep their places.
    pub fn joined<'a>(text: &str, imported: impl IntoIterator<Item = &'a str>) -> String {
        let mut joined = text.to_owned();
        for text in imported {
            // The keyword ends the package of the text before, whatever this one begins with.
            joined.push_str("\nsyntax = \"proto3\";\n");
            joined.push_str(text);
        }
        joined
    }

    /// Parses a .proto text, or several joined ones. Options, services and extensions are passed over.
    ///
    /// # Errors
    /// `InvalidSchema` when it is none.
    pub fn parse(text: &str) -> Result<Self> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0, file: File::default() };
        let mut package = String::new();
        while let Some(token) = parser.next_token() {
            match token {
                Token::Word(word) if word == "syntax" => {
                    package.clear();
                    parser.skip_statement()?;
                }
                Token::Word(word) if word == "package" => {
                    package = parser.word()?;
                    parser.expect(';')?;
                }
                Token::Word(word) if word == "message" => {
                    let message = parser.message(&package, 0)?;
                    parser.file.messages.push(message);
                }
                Token::Word(word) if word == "enum" => parser.symbols(&package)?,
                Token::Word(_) => parser.skip_statement()?,
                Token::Mark(';') => {}
                other => return Err(unexpected(&other)),
            }
        }
        if parser.file.messages.is_empty() {
            return Err(Error::InvalidSchema("the .proto text defines no message".to_owned()));
        }
        Ok(parser.file)
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    file: File,
}

fn unexpected(token: &Token) -> Error {
    let text = match token {
        Token::Word(word) => word.clone(),
        Token::Text(text) => format!("\"{text}\""),
        Token::Mark(mark) => mark.to_string(),
    };
    Error::InvalidSchema(format!("unexpected '{text}' in the .proto text"))
}

fn qualified(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

impl Parser {
    fn next_token(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn required(&mut self) -> Result<Token> {
        let end = || Error::InvalidSchema("the .proto text ends too early".to_owned());
        self.next_token().ok_or_else(end)
    }

    fn word(&mut self) -> Result<String> {
        match self.required()? {
            Token::Word(word) => Ok(word),
            other => Err(unexpected(&other)),
        }
    }

    fn expect(&mut self, mark: char) -> Result<()> {
        match self.required()? {
            Token::Mark(found) if found == mark => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    fn sees(&self, mark: char) -> bool {
        self.tokens.get(self.at) == Some(&Token::Mark(mark))
    }

    fn number<T: std::str::FromStr>(&mut self) -> Result<T> {
        let word = self.word()?;
        word.parse()
            .map_err(|_| Error::InvalidSchema(format!("'{word}' is no number to be used here")))
    }

    /// Passes over a statement: to its semicolon, or over its block.
    fn skip_statement(&mut self) -> Result<()> {
        let mut depth = 0_usize;
        loop {
            match self.required()? {
                Token::Mark(';') if depth == 0 => return Ok(()),
                Token::Mark('{') => depth += 1,
                Token::Mark('}') if depth <= 1 => return Ok(()),
                Token::Mark('}') => depth -= 1,
                _ => {}
            }
        }
    }

    fn message(&mut self, scope: &str, depth: usize) -> Result<Message> {
        if depth > DEPTH_MAX {
            return Err(Error::InvalidSchema("messages are nested too deep".to_owned()));
        }
        let name = qualified(scope, &self.word()?);
        let mut message = Message { name, fields: Vec::new(), nested: Vec::new() };
        self.expect('{')?;
        while !self.sees('}') {
            match self.required()? {
                Token::Word(word) => self.member(word, &mut message, depth)?,
                Token::Mark(';') => {}
                other => return Err(unexpected(&other)),
            }
        }
        self.expect('}')?;
        Ok(message)
    }

    fn member(&mut self, word: String, message: &mut Message, depth: usize) -> Result<()> {
        match word.as_str() {
            "message" => {
                let nested = self.message(&message.name, depth + 1)?;
                message.nested.push(nested);
                Ok(())
            }
            "enum" => self.symbols(&message.name),
            "oneof" => self.oneof(message),
            "option" | "reserved" | "extensions" | "extend" | "group" => self.skip_statement(),
            "optional" => self.labelled(Label::Optional, message),
            "required" => self.labelled(Label::Implicit, message),
            "repeated" => self.labelled(Label::Repeated, message),
            "map" if self.sees('<') => self.map(message),
            _ => self.field(word, Label::Implicit, message),
        }
    }

    fn labelled(&mut self, label: Label, message: &mut Message) -> Result<()> {
        let ty = self.word()?;
        self.field(ty, label, message)
    }

    /// At most one member of a oneof is there: each is optional.
    fn oneof(&mut self, message: &mut Message) -> Result<()> {
        self.word()?;
        self.expect('{')?;
        while !self.sees('}') {
            match self.required()? {
                Token::Word(word) if word == "option" => self.skip_statement()?,
                Token::Word(ty) => self.field(ty, Label::Optional, message)?,
                Token::Mark(';') => {}
                other => return Err(unexpected(&other)),
            }
        }
        self.expect('}')
    }

    fn map(&mut self, message: &mut Message) -> Result<()> {
        self.expect('<')?;
        let key = self.word()?;
        let key = Scalar::named(&key)
            .ok_or_else(|| Error::InvalidSchema(format!("'{key}' can't be the key of a map")))?;
        self.expect(',')?;
        let value = named_type(self.word()?);
        self.expect('>')?;
        self.rest_of_field(Type::Map(key, Box::new(value)), Label::Repeated, message)
    }

    fn field(&mut self, ty: String, label: Label, message: &mut Message) -> Result<()> {
        self.rest_of_field(named_type(ty), label, message)
    }

    fn rest_of_field(&mut self, ty: Type, label: Label, message: &mut Message) -> Result<()> {
        let name = self.word()?;
        self.expect('=')?;
        let number = self.number()?;
        let parameters = if self.sees('[') { self.options()? } else { HashMap::new() };
        self.expect(';')?;
        message.fields.push(Field { name, number, label, ty, parameters });
        Ok(())
    }

    /// Field options; of them only the `{key: "...", value: "..."}` parameters are kept.
    fn options(&mut self) -> Result<HashMap<String, String>> {
        let mut parameters = HashMap::new();
        let (mut key, mut value) = (None, None);
        let mut name = String::new();
        let mut depth = 0_usize;
        loop {
            match self.required()? {
                Token::Mark('[') => depth += 1,
                Token::Mark(']') if depth == 1 => return Ok(parameters),
                Token::Mark(']') => depth -= 1,
                Token::Mark('}') => {
                    if let (Some(key), Some(value)) = (key.take(), value.take()) {
                        parameters.insert(key, value);
                    }
                }
                Token::Word(word) => name = word,
                Token::Text(text) if name == "key" => key = Some(text),
                Token::Text(text) if name == "value" => value = Some(text),
                _ => {}
            }
        }
    }

    fn symbols(&mut self, scope: &str) -> Result<()> {
        let name = qualified(scope, &self.word()?);
        let mut values = Vec::new();
        self.expect('{')?;
        while !self.sees('}') {
            match self.required()? {
                Token::Word(word) if word == "option" || word == "reserved" => {
                    self.skip_statement()?;
                }
                Token::Word(symbol) => {
                    self.expect('=')?;
                    values.push((self.number()?, symbol));
                    if self.sees('[') {
                        self.options()?;
                    }
                    self.expect(';')?;
                }
                Token::Mark(';') => {}
                other => return Err(unexpected(&other)),
            }
        }
        self.expect('}')?;
        self.file.enums.insert(name, values);
        Ok(())
    }
}

fn named_type(name: String) -> Type {
    Scalar::named(&name).map_or(Type::Named(name), Type::Scalar)
}
