//! Canonical text, and that parsing it gives the same tree, over ksqlDB's published cases.
#![allow(clippy::disallowed_methods, reason = "tests read their cases from disk")]

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::ast::SourceText;
use crate::parser::{Dialect, parse_expression, parse_type, parse_with};

use super::{data_type, expression, statement};

#[test]
fn expressions_are_bracketed_and_names_quoted_where_needed() {
    for (text, canonical) in [
        ("a + b * -c", "(A + (B * -C))"),
        ("- (-a)", "-(-A)"),
        ("-(5)", "-(5)"),
        ("-(5)[1]", "-(5[1])"),
        ("(-a)[1]", "(-A)[1]"),
        ("- 5", "-5"),
        ("a || 'it''s' || c", "CONCAT(CONCAT(A, 'it''s'), C)"),
        ("not a = 1 and b or c", "(((NOT (A = 1)) AND B) OR C)"),
        ("`a`.`SELECT`->`B`[1.]", "`a`.`SELECT`->B[1.]"),
        ("f(x => x + 1, (a, b) => a)", "F(X => (X + 1), (A, B) => A)"),
        ("a not in (1, 2E3)", "(A NOT IN (1, 2E3))"),
        ("count(*)", "COUNT(*)"),
        ("case when a then 1 else null end", "(CASE WHEN A THEN 1 ELSE null END)"),
        ("cast(a as decimal(3,1) array)", "CAST(A AS ARRAY<DECIMAL(3, 1)>)"),
        ("a not like 'x' escape '!'", "(A NOT LIKE 'x' ESCAPE '!')"),
        ("a is not distinct from null", "(A IS NOT DISTINCT FROM null)"),
        ("a != 1", "(A <> 1)"),
        ("dateadd(days, 1, day)", "DATEADD(DAYS, 1, DAY)"),
        ("struct(a:=1, `b`:=map('k':=array[]))", "STRUCT(A:=1, `b`:=MAP('k':=ARRAY[]))"),
        ("a at time zone 'UTC'", "(A AT TIME ZONE 'UTC')"),
        ("DECIMAL '1.50'", "1.50"),
        ("1E2", "1E2"),
    ] {
        let parsed = parse_expression(text).expect(text);
        assert_eq!(expression(&parsed), canonical, "{text}");
        assert_eq!(parse_expression(canonical), Ok(parsed), "{text}");
    }
}

#[test]
fn types_have_one_spelling() {
    for (text, canonical) in [
        ("varchar(20)", "STRING"),
        ("int array array", "ARRAY<ARRAY<INTEGER>>"),
        ("struct<`a` map<string, my_type>>", "STRUCT<`a` MAP<STRING, MY_TYPE>>"),
        ("struct<>", "STRUCT<>"),
    ] {
        let parsed = parse_type(text).expect(text);
        assert_eq!(data_type(&parsed), canonical);
        assert_eq!(parse_type(canonical), Ok(parsed), "{text}");
    }
}

/// Folder of the published cases: `TIDEMILL_KSQLDB_CASES`, or beside the checkout.
fn cases_folder() -> Option<PathBuf> {
    let folder = match std::env::var_os("TIDEMILL_KSQLDB_CASES") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/spec/qtt"),
    };
    folder.is_dir().then_some(folder)
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    files.sort();
    files
}

/// Parses a script, and again what it is formatted to; says what differs.
fn round_trip(script: &str, dialect: Dialect) -> Result<(), String> {
    let statements = parse_with(script, dialect)
        .map_err(|error| error.rest_message(SourceText::whole(script)))?;
    for parsed in statements {
        let text = statement(&parsed);
        match parse_with(&text, dialect).as_deref() {
            Ok([again]) if *again == parsed && statement(again) == text => {}
            Ok(_) => return Err(format!("another tree after formatting: {text}")),
            Err(error) => return Err(format!("{error} after formatting: {text}")),
        }
    }
    Ok(())
}

/// Parses a case's statements: one script in QTT, one by one for servers.
fn outcome_of(case: &Value) -> Result<(), String> {
    let statements = case["statements"].as_array().ok_or("no statements")?;
    let texts: Vec<&str> = statements.iter().filter_map(Value::as_str).collect();
    if case["responses"].is_null() && case["expectedError"].is_null() {
        return round_trip(&texts.join("\n"), Dialect::Server);
    }
    texts.iter().try_for_each(|text| round_trip(text, Dialect::Server))
}

/// Checks one published case; says what is wrong.
fn check_case(case: &Value) -> Result<(), String> {
    let expected = [&case["expectedException"], &case["expectedError"]];
    let message = expected.iter().find_map(|expected| expected["message"].as_str());
    let parse_fails =
        expected[0]["type"].as_str().is_some_and(|class| class.ends_with(".ParseFailedException"));
    match (outcome_of(case), message) {
        (Ok(()), _) if parse_fails => Err(format!("parses, but should say {message:?}")),
        (Ok(()), _) => Ok(()),
        (Err(_), None) if parse_fails => Ok(()),
        // What is refused while reading here may be refused later by others.
        (Err(error), Some(message)) if error.contains(message) => Ok(()),
        (Err(error), _) => Err(format!("says {error}, but should say {message:?}")),
    }
}

#[test]
fn published_cases_parse_and_survive_formatting() {
    let Some(folder) = cases_folder() else {
        eprintln!("SKIPPED: no published cases; set TIDEMILL_KSQLDB_CASES to their folder");
        return;
    };
    let mut wrong = Vec::new();
    let mut checked = 0;
    let server_cases = files(&folder.join("../rqtt"), "json");
    for path in files(&folder, "json").into_iter().chain(server_cases) {
        let text = std::fs::read_to_string(&path).expect("a case file is readable");
        let file: Value = serde_json::from_str(&text).expect("a case file is JSON");
        for case in file["tests"].as_array().into_iter().flatten() {
            checked += 1;
            if let Err(reason) = check_case(case) {
                wrong.push(format!("{}: {}: {reason}", path.display(), case["name"]));
            }
        }
    }
    assert!(checked > 0, "the folder of published cases holds none");
    assert!(wrong.is_empty(), "{} of {checked} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn published_scripts_parse_and_survive_formatting() {
    let Some(folder) = cases_folder().map(|folder| folder.join("../sqlt")) else {
        eprintln!("SKIPPED: no published scripts; set TIDEMILL_KSQLDB_CASES to the folder beside");
        return;
    };
    for path in files(&folder, "sql") {
        let script = std::fs::read_to_string(&path).expect("a script is readable");
        if let Err(reason) = round_trip(&script, Dialect::Tool) {
            panic!("{}: {reason}", path.display());
        }
    }
}
