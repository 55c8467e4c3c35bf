//! Tokens, directives and the cutting of scripts.

use super::{Symbol, TokenKind, directives, is_complete, is_identifier, split_statements, tokens};

fn kinds(text: &str) -> Vec<(TokenKind, &str)> {
    let tokens = tokens(text).expect("the text has tokens");
    let end = tokens.len() - 1;
    tokens[..end].iter().map(|token| (token.kind, token.text(text))).collect()
}

#[test]
fn names_and_strings_keep_their_quotes() {
    assert_eq!(
        kinds(r#"a_1@b `x``y` "p""q" 'it''s' ${v}"#),
        [
            (TokenKind::Word, "a_1@b"),
            (TokenKind::QuotedName, "`x``y`"),
            (TokenKind::QuotedName, r#""p""q""#),
            (TokenKind::String, "'it''s'"),
            (TokenKind::Variable, "${v}"),
        ]
    );
}

#[test]
fn numbers_are_told_from_names_by_length() {
    assert_eq!(
        kinds("12 1. .5 1.5 1E2 1e+2 .5E-3 1E 2x 1.5E"),
        [
            (TokenKind::Integer, "12"),
            (TokenKind::Decimal, "1."),
            (TokenKind::Decimal, ".5"),
            (TokenKind::Decimal, "1.5"),
            (TokenKind::Double, "1E2"),
            (TokenKind::Double, "1e+2"),
            (TokenKind::Double, ".5E-3"),
            (TokenKind::DigitWord, "1E"),
            (TokenKind::DigitWord, "2x"),
            (TokenKind::Decimal, "1.5"),
            (TokenKind::Word, "E"),
        ]
    );
}

#[test]
fn the_longest_sign_wins_and_comments_vanish() {
    let signs: Vec<&str> = kinds("a->b=>c:=d||e<>f!=g<=h>=i /* j; */ -- k")
        .into_iter()
        .filter(|(kind, _)| matches!(kind, TokenKind::Symbol(_)))
        .map(|(_, text)| text)
        .collect();
    assert_eq!(signs, ["->", "=>", ":=", "||", "<>", "!=", "<=", ">="]);
}

#[test]
fn every_sign_has_its_text() {
    assert_eq!(Symbol::NotEqual.text(), "<>");
    assert_eq!(Symbol::Semicolon.text(), ";");
}

#[test]
fn what_has_no_end_or_no_meaning_is_refused() {
    for (text, code) in [
        ("'a", "unterminated"),
        ("`a", "unterminated"),
        ("/* a", "unterminated"),
        ("a ? b", "strange-character"),
        ("a é", "strange-character"),
        ("${1}", "bad-variable"),
        ("${a", "bad-variable"),
    ] {
        assert_eq!(tokens(text).expect_err(text).code(), code, "{text}");
    }
}

#[test]
fn directives_are_found_between_tokens_only() {
    let text = "--@test: a: b\r\n/* --@no: x */ SELECT '--@no: y'; --@expected.error : z";
    let found = directives(text).expect("the text has tokens");
    let found: Vec<_> = found.iter().map(|d| (d.name.as_str(), d.value.as_str())).collect();
    assert_eq!(found, [("test", "a: b"), ("expected.error", "z")]);
}

#[test]
fn scripts_are_cut_at_their_semicolons() {
    let text = "-- first\nSET 'a'=';';\n  SELECT b\nFROM c; ; d";
    let pieces = split_statements(text).expect("the text has tokens");
    let texts: Vec<_> =
        pieces.iter().map(|piece| (piece.text, piece.origin.line, piece.origin.column)).collect();
    let expected = [("SET 'a'=';';", 2, 1), ("SELECT b\nFROM c;", 3, 3), (";", 4, 9), ("d", 4, 11)];
    assert_eq!(texts, expected);
}

#[test]
fn a_typed_text_is_complete_at_its_semicolon() {
    for (text, complete) in [
        ("", true),
        ("-- a", true),
        ("a;", true),
        ("a; -- b", true),
        ("a", false),
        ("a ';", false),
        ("?", true),
    ] {
        assert_eq!(is_complete(text), complete, "{text}");
    }
}

#[test]
fn reserved_words_are_not_names() {
    assert!(is_identifier("emit") && is_identifier("_a@1"));
    assert!(!is_identifier("Select") && !is_identifier("1a") && !is_identifier(""));
}

#[test]
fn the_word_lists_are_sorted_for_the_search() {
    assert!(super::RESERVED_WORDS.is_sorted() && super::BARE_WORDS.is_sorted());
}
