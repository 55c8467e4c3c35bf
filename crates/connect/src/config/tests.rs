//! Tests of option tables and validation.

use std::collections::BTreeMap;

use super::{Kind, OptionDef, Settings};
use crate::Error;

const OPTIONS: &[OptionDef] = &[
    OptionDef::new("host", Kind::Text, "the server's name").required(),
    OptionDef::new("port", Kind::Integer { min: 1, max: 65535 }, "the port").default("3306"),
    OptionDef::new("topic.prefix", Kind::Text, "").aliases(&["database.server.name"]),
    OptionDef::new("mode", Kind::OneOf(&["initial", "never"]), "").default("initial"),
    OptionDef::new("history.*", Kind::Ignored, "not needed here"),
    OptionDef::new("tables", Kind::Patterns, ""),
];

fn validate(given: &[(&str, &str)]) -> Result<Settings, Error> {
    let given: BTreeMap<String, String> =
        given.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Settings::validate(&[OPTIONS], &given)
}

#[test]
fn older_names_and_defaults_end_under_the_present_name() {
    let settings =
        validate(&[("host", "db"), ("database.server.name", "shop"), ("history.topic", "x")])
            .unwrap();
    assert_eq!(settings.text("topic.prefix"), "shop");
    assert_eq!(settings.integer("port"), 3306);
    assert_eq!(settings.family("history.")["topic"], "x");
}

#[test]
fn every_problem_is_listed_at_once() {
    let error =
        validate(&[("prot", "1"), ("port", "0"), ("mode", "often"), ("tables", "a(")]).unwrap_err();
    let Error::Config(problems) = &error else { panic!("{error}") };
    let properties: Vec<&str> = problems.iter().map(|p| p.property.as_str()).collect();
    assert_eq!(properties, ["mode", "port", "prot", "tables", "host"]);
    let text = error.to_string();
    assert!(text.contains("did you mean 'port'?"), "{text}");
    assert!(text.contains("one of initial, never"), "{text}");
    assert!(text.contains("the server's name"), "{text}");
}

#[test]
fn two_names_of_one_option_may_not_contradict() {
    let given = [("host", "h"), ("topic.prefix", "a"), ("database.server.name", "b")];
    assert!(validate(&given).unwrap_err().to_string().contains("contradicts"));
}
