//! Parses column types.

use super::lexer::{Token, Tokens};
use crate::mysql::table::{DataType, TypeKind};

/// Parses a type with its attributes; `None` when none comes.
pub fn parse(tokens: &mut Tokens) -> Option<DataType> {
    let word = tokens.take_name()?.to_ascii_lowercase();
    let kind = kind(&word, tokens);
    let mut data_type = DataType { kind, ..DataType::default() };
    if word == "serial" {
        data_type.is_unsigned = true;
    }
    if matches!(word.as_str(), "bool" | "boolean") {
        data_type.length = Some(1);
    }
    arguments(tokens, &mut data_type);
    attributes(tokens, &mut data_type);
    Some(data_type)
}

fn kind(word: &str, tokens: &mut Tokens) -> TypeKind {
    match word {
        "character" | "char" | "nchar" if tokens.take_words(&["varying"]) => TypeKind::VarChar,
        "char" if tokens.take_words(&["byte"]) => TypeKind::Binary,
        "national" => national(tokens),
        "double" => {
            tokens.take_words(&["precision"]);
            TypeKind::Double
        }
        "long" if tokens.take_words(&["varbinary"]) => TypeKind::MediumBlob,
        "long" => {
            tokens.take_words(&["varchar"]);
            TypeKind::MediumText
        }
        other => TypeKind::from_name(other),
    }
}

fn national(tokens: &mut Tokens) -> TypeKind {
    let word = tokens.take_name().unwrap_or_default();
    if word.eq_ignore_ascii_case("varchar") || tokens.take_words(&["varying"]) {
        TypeKind::VarChar
    } else {
        TypeKind::Char
    }
}

fn arguments(tokens: &mut Tokens, data_type: &mut DataType) {
    if !tokens.take_symbol('(') {
        return;
    }
    let mut numbers = Vec::new();
    while let Some(token) = tokens.take() {
        match token {
            Token::Symbol(')') => break,
            Token::Number(number) => numbers.push(number.parse().unwrap_or(0)),
            Token::Text(value) => data_type.values.push(value),
            _ => {}
        }
    }
    data_type.length = numbers.first().copied();
    data_type.scale = numbers.get(1).copied();
}

fn attributes(tokens: &mut Tokens, data_type: &mut DataType) {
    loop {
        if tokens.take_words(&["unsigned"]) || tokens.take_words(&["zerofill"]) {
            data_type.is_unsigned = true;
        } else if tokens.take_words(&["character", "set"])
            || tokens.take_words(&["charset"])
            || tokens.take_words(&["char", "set"])
        {
            data_type.charset = value_name(tokens);
        } else if tokens.take_words(&["collate"]) {
            data_type.collation = value_name(tokens);
        } else if !(tokens.take_words(&["signed"]) || tokens.take_words(&["binary"])) {
            break;
        }
    }
    if let (None, Some(collation)) = (&data_type.charset, &data_type.collation) {
        data_type.charset = collation.split('_').next().map(str::to_owned);
    }
}

/// A character set's or collation's name, bare or quoted.
pub fn value_name(tokens: &mut Tokens) -> Option<String> {
    tokens.take_symbol('=');
    match tokens.take()? {
        Token::Word(name) | Token::Name(name) | Token::Text(name) => {
            Some(name.to_ascii_lowercase())
        }
        _ => None,
    }
}
