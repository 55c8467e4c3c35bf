//! `PUT /connector-plugins/{class}/config/validate`: every option with its value and what is wrong.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use connect::{Error, Kind, OptionDef, Plugin, Problem, Runtime, Settings};
use serde_json::{Map, Value, json};

use super::answer::{Answer, Result, ok, refused};
use super::connectors::config_texts;
use crate::http::json_body;

/// Validates a configuration without touching the system behind it.
pub async fn validate(Path(class): Path<String>, body: Body) -> Result {
    let config = config_texts(json_body::<Map<String, Value>>(body).await?);
    let plugin = find(&class)?;
    let problems = match Settings::validate(plugin.options, &config) {
        Ok(_) => Vec::new(),
        Err(Error::Config(problems)) => problems,
        Err(other) => return Err(other.into()),
    };
    let config = plugin.masked_config(&config);
    let options = plugin.options.iter().copied().flatten();
    let has_effect = |option: &&OptionDef| !matches!(option.kind, Kind::Ignored | Kind::Refused(_));
    let declared: Vec<&OptionDef> = options.filter(has_effect).collect();
    let mut configs: Vec<Value> =
        declared.iter().map(|option| option_json(option, &config, &problems)).collect();
    let is_declared =
        |problem: &&Problem| declared.iter().any(|option| option.name == problem.property);
    let unknown = problems.iter().filter(|problem| !is_declared(problem));
    configs.extend(unknown.map(|problem| unknown_json(problem, &config)));
    Ok(ok(json!({
        "name": plugin.class, "error_count": problems.len(), "groups": [], "configs": configs,
    })))
}

/// The class, by its whole name or the part behind the last dot.
fn find(class: &str) -> Result<&'static Plugin> {
    let found = Runtime::plugins()
        .iter()
        .copied()
        .find(|plugin| plugin.class == class || plugin.class.rsplit('.').next() == Some(class));
    let unknown = || -> Answer {
        refused(StatusCode::NOT_FOUND, format!("There is no connector class {class}"))
    };
    found.ok_or_else(unknown)
}

fn option_json(
    option: &OptionDef,
    config: &BTreeMap<String, String>,
    problems: &[Problem],
) -> Value {
    let given = config.iter().find(|(name, _)| option.is_named(name)).map(|(_, value)| value);
    let errors: Vec<&str> = problems
        .iter()
        .filter(|problem| problem.property == option.name)
        .map(|problem| problem.message.as_str())
        .collect();
    json!({
        "definition": {
            "name": option.name,
            "type": type_name(option.kind),
            "required": option.required,
            "default_value": option.default,
            "importance": if option.required { "HIGH" } else { "MEDIUM" },
            "documentation": option.doc,
            "group": null,
            "width": "MEDIUM",
            "display_name": option.name,
            "dependents": [],
            "order": 0,
        },
        "value": {
            "name": option.name,
            "value": given.map(String::as_str).or(option.default),
            "recommended_values": recommended(option.kind),
            "errors": errors,
            "visible": true,
        },
    })
}

fn unknown_json(problem: &Problem, config: &BTreeMap<String, String>) -> Value {
    json!({
        "definition": null,
        "value": {
            "name": problem.property,
            "value": config.get(&problem.property),
            "recommended_values": [],
            "errors": [problem.message],
            "visible": true,
        },
    })
}

fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Password => "PASSWORD",
        Kind::Integer { .. } => "LONG",
        Kind::Boolean => "BOOLEAN",
        Kind::Patterns | Kind::List | Kind::Items(_) => "LIST",
        _ => "STRING",
    }
}

fn recommended(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::OneOf(words) => words.to_vec(),
        Kind::Boolean => vec!["true", "false"],
        Kind::Only(only) => vec![only],
        _ => Vec::new(),
    }
}
