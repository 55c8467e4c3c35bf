//! Trees, canonical texts and error messages as golden files, limits, and random texts.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::cursor::{EXPRESSION_LEVELS_MAX, NESTING_MAX};
use super::{Dialect, parse, parse_expression, parse_statement, parse_with};
use crate::ast::{SourceText, StatementKind};
use crate::error::Error;
use crate::format;

/// Holds what `result_of` gives for the texts of a golden file against what is written there.
fn golden(file: &str, result_of: impl Fn(&str) -> String) {
    testkit::golden::check(testdata(file), result_of);
}

fn testdata(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/parser/testdata").join(file)
}

#[test]
fn trees() {
    golden("trees.txt", |text| match parse_with(text, Dialect::Tool) {
        Ok(statements) => {
            let kinds: Vec<&StatementKind> = statements.iter().map(|one| &one.kind).collect();
            format!("{kinds:#?}")
        }
        Err(error) => format!("{error}"),
    });
}

#[test]
fn canonical_texts() {
    golden("canonical.txt", |text| match parse_with(text, Dialect::Tool) {
        Ok(statements) => {
            let texts: Vec<String> = statements.iter().map(format::statement).collect();
            let again = parse_with(&texts.join("\n"), Dialect::Tool);
            assert_eq!(again, Ok(statements), "formatting changed the meaning of {text}");
            texts.join("\n")
        }
        Err(error) => error.render(SourceText::whole(text)),
    });
}

#[test]
fn error_messages() {
    golden("errors.txt", |text| match parse(text) {
        Ok(_) => "no error".to_owned(),
        Err(error) => {
            let source = SourceText::whole(text);
            format!("{}[{}]\n{}", error.render(source), error.code(), error.rest_message(source))
        }
    });
}

#[test]
fn statements_know_their_text_and_place() {
    let text = "-- one\nSET 'a'='b';  SELECT *\n FROM c /* d */ ;";
    let statements = parse(text).expect("the text is well formed");
    let found: Vec<_> = statements
        .iter()
        .map(|one| (one.text.as_str(), one.origin.line, one.origin.column))
        .collect();
    assert_eq!(found, [("SET 'a'='b';", 2, 1), ("SELECT *\n FROM c /* d */ ;", 2, 15)]);
    let StatementKind::Query(query) = &statements[1].kind else { panic!("not a query") };
    let position = statements[1].source().position(query.from.source.name.span.start);
    assert_eq!((position.line, position.column), (3, 7));
    assert_eq!(statements[1].text_unterminated(), "SELECT *\n FROM c /* d */");
}

#[test]
fn one_statement_means_one() {
    assert!(parse_statement("SELECT * FROM a;").is_ok());
    assert_eq!(parse_statement("").expect_err("no statement").code(), "no-statement");
    let error = parse_statement("PAUSE ALL; PAUSE ALL;").expect_err("two statements");
    assert_eq!(error.code(), "several-statements");
}

/// Runs a check on a thread with the smallest stack that must be enough.
fn with_small_stack(check: fn()) {
    const STACK_BYTES: usize = 2 << 20;
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(check);
    thread.expect("a thread starts").join().expect("the check holds");
}

#[test]
fn nesting_has_a_limit() {
    with_small_stack(|| {
        let nested = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
        assert!(parse_expression(&nested(NESTING_MAX - 1)).is_ok());
        let too_deep = [
            nested(100_000),
            "- ".repeat(100_000) + "a",
            "NOT ".repeat(100_000) + "a",
            "f(".repeat(100_000),
            "a".to_owned() + &" + a".repeat(100_000),
            "a".to_owned() + &" OR a".repeat(100_000),
            "a".to_owned() + &"[1]".repeat(100_000),
            "CAST(a AS ".to_owned() + &"ARRAY<".repeat(100_000),
            "CAST(a AS INT".to_owned() + &" ARRAY".repeat(100_000),
            "CASE WHEN ".repeat(100_000),
            "x => ".repeat(100_000),
        ];
        for text in too_deep {
            let error = parse_expression(&text).expect_err("too deep");
            assert!(["nesting", "syntax"].contains(&error.code()), "{error}");
        }
        let explain = format!("{}PAUSE ALL;", "EXPLAIN ".repeat(100_000));
        assert_eq!(parse(&explain).expect_err("too deep").code(), "nesting");
    });
}

#[test]
fn chains_may_be_longer_than_nesting_is_deep() {
    let links = EXPRESSION_LEVELS_MAX - 1;
    for operator in ["OR", "AND", "+", "||"] {
        let chain = format!("a{}", format!(" {operator} a").repeat(links));
        let parsed = parse_expression(&chain).expect("within the limit");
        assert!(parse_expression(&format!("{chain} {operator} a")).is_err());
        assert!(format::expression(&parsed).len() > chain.len());
    }
}

#[test]
fn huge_texts_are_refused() {
    let error = parse(&" ".repeat(2 << 20)).expect_err("too long");
    assert_eq!(error.code(), "text-too-long");
    assert!(error.is_user());
}

#[test]
fn long_scripts_cost_no_more_than_their_length() {
    let script = "EXPLAIN SELECT * FROM a GROUP BY (NOT b);\n".repeat(20_000);
    let statements = parse(&script).expect("well formed");
    assert_eq!(statements[19_999].origin.line, 20_000);
}

/// Lines of statements to mutate: those of the golden file.
fn seeds() -> Vec<String> {
    let texts = testkit::golden::inputs(testdata("canonical.txt"));
    texts.iter().flat_map(|text| text.lines()).map(str::to_owned).collect()
}

/// Parses and formats a text; what parses must mean the same after formatting.
fn survives(text: &str) {
    match parse_with(text, Dialect::Tool) {
        Ok(statements) => {
            let again: String = statements.iter().map(format::statement).collect();
            match parse_with(&again, Dialect::Tool) {
                Ok(parsed) => assert_eq!(parsed, statements, "formatted: {again}"),
                // The brackets of the canonical text may exceed the limit.
                Err(error) => assert_eq!(error.code(), "nesting", "formatted: {again}"),
            }
        }
        Err(error) => check_error(&error, text),
    }
}

fn check_error(error: &Error, text: &str) {
    assert!(!error.render(SourceText::whole(text)).is_empty());
    assert!(!error.rest_message(SourceText::whole(text)).is_empty());
}

proptest! {
    #[test]
    fn random_texts_never_panic(text in "\\PC{0,200}") {
        survives(&text);
    }

    #[test]
    fn random_words_never_panic(words in prop::collection::vec(
        prop::sample::select(vec![
            "SELECT", "*", "FROM", "a", "b", "JOIN", "ON", "(", ")", ",", "=", "1", "-", "'s'", ";",
            "WINDOW", "TUMBLING", "SIZE", "DAYS", "GROUP", "BY", "EMIT", "CHANGES", "AS", "CASE",
            "WHEN", "THEN", "END", "[", "]", "->", "=>", "ARRAY", "<", ">", "CREATE", "STREAM",
            "EXPLAIN", "NOT", "BETWEEN", "AND", "LIKE", "ESCAPE", "1.", "PARTITION", "KEY", ".",
        ]), 0..40)
    ) {
        survives(&words.join(" "));
    }

    #[test]
    fn mutated_statements_never_panic(
        seed in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        paste in any::<prop::sample::Index>(),
    ) {
        let seeds = seeds();
        let (left, right) = (seed.get(&seeds), other.get(&seeds));
        let left: String = left.chars().take(cut.index(left.chars().count() + 1)).collect();
        let right: String = right.chars().skip(paste.index(right.chars().count() + 1)).collect();
        survives(&(left + &right));
    }
}
