//! Answers of statements, by their `@type`.

use serde_json::Value;

use super::list::list;
use super::sql_type::{text, type_text};
use super::{connector, describe, query};

/// An entity as JSON for people.
pub fn pretty(entity: &Value) -> String {
    serde_json::to_string_pretty(entity).unwrap_or_else(|_| entity.to_string())
}

/// An entity as tables, with its warnings.
pub fn entity(entity: &Value) -> String {
    let mut shown = shown(entity);
    for warning in entity["warnings"].as_array().into_iter().flatten() {
        shown.push_str(&format!("WARNING: {}\n", text(warning, "message")));
    }
    shown
}

fn shown(entity: &Value) -> String {
    match entity["@type"].as_str().unwrap_or_default() {
        "currentStatus" => message(&text(&entity["commandStatus"], "message")),
        "warning_entity" => message(&text(entity, "message")),
        "streams" => sources(&entity["streams"], "Stream Name"),
        "tables" => sources(&entity["tables"], "Table Name"),
        "kafka_topics" => topics(&entity["topics"]),
        "kafka_topics_extended" => topics_extended(&entity["topics"]),
        "queries" => query::queries(&entity["queries"]),
        "properties" => properties(entity),
        "function_names" => functions(&entity["functions"]),
        "type_list" => types(&entity["types"]),
        "variables" => variables(&entity["variables"]),
        "connector_list" => connector::connectors(&entity["connectors"]),
        "connector_plugins_list" => connector::plugins(&entity["connectorsPlugins"]),
        "connector_description" => connector::description(entity),
        "connector_info" => {
            message(&format!("Created connector {}", text(&entity["info"], "name")))
        }
        "drop_connector" => {
            message(&format!("Dropped connector {}", text(entity, "connectorName")))
        }
        "sourceDescription" => describe::source(&entity["sourceDescription"]),
        "source_descriptions" => each(&entity["sourceDescriptions"], describe::source),
        "describe_function" => describe::function(entity),
        "queryDescription" => query::description(&entity["queryDescription"]),
        "query_descriptions" => each(&entity["queryDescriptions"], query::description),
        "terminate_query" => message("Query terminated."),
        "assert_topic" => message(&assertion("Topic", &text(entity, "topicName"), entity)),
        "assert_schema" => message(&assertion("Schema", &schema_name(entity), entity)),
        _ => format!("{}\n", pretty(entity)),
    }
}

fn message(words: &str) -> String {
    list(&["Message"], &[vec![words.to_owned()]])
}

fn each(descriptions: &Value, one: fn(&Value) -> String) -> String {
    let shown = descriptions.as_array().into_iter().flatten().map(one);
    shown.collect::<Vec<String>>().join("\n")
}

fn assertion(what: &str, name: &str, entity: &Value) -> String {
    let exists = entity["exists"].as_bool().unwrap_or_default();
    format!("{what} {name} {}.", if exists { "exists" } else { "does not exist" })
}

fn schema_name(entity: &Value) -> String {
    let subject = text(entity, "subject");
    match entity["id"].as_i64() {
        Some(id) if subject.is_empty() => format!("with id {id}"),
        Some(id) => format!("with subject name {subject} id {id}"),
        None => format!("with subject name {subject}"),
    }
}

/// The members of each item of an array as a list.
pub fn table(items: &Value, columns: &[(&str, &str)]) -> String {
    let headers: Vec<&str> = columns.iter().map(|(header, _)| *header).collect();
    let row = |item: &Value| columns.iter().map(|(_, member)| text(item, member)).collect();
    let rows: Vec<Vec<String>> = items.as_array().into_iter().flatten().map(row).collect();
    list(&headers, &rows)
}

fn sources(items: &Value, name_header: &str) -> String {
    let columns = [
        (name_header, "name"),
        ("Kafka Topic", "topic"),
        ("Key Format", "keyFormat"),
        ("Value Format", "valueFormat"),
        ("Windowed", "isWindowed"),
    ];
    table(items, &columns)
}

/// Name, number of partitions, and replicas: one number when all partitions have as many.
fn topic_cells(topic: &Value) -> Vec<String> {
    let replicas: Vec<String> =
        topic["replicaInfo"].as_array().into_iter().flatten().map(Value::to_string).collect();
    let are_alike = replicas.windows(2).all(|pair| pair[0] == pair[1]);
    let shown = if are_alike { replicas.first().cloned() } else { Some(replicas.join(", ")) };
    vec![text(topic, "name"), replicas.len().to_string(), shown.unwrap_or_default()]
}

fn topics(items: &Value) -> String {
    let rows: Vec<Vec<String>> = items.as_array().into_iter().flatten().map(topic_cells).collect();
    list(&["Kafka Topic", "Partitions", "Partition Replicas"], &rows)
}

fn topics_extended(items: &Value) -> String {
    let row = |topic: &Value| {
        let mut cells = topic_cells(topic);
        cells.extend([text(topic, "consumerCount"), text(topic, "consumerGroupCount")]);
        cells
    };
    let rows: Vec<Vec<String>> = items.as_array().into_iter().flatten().map(row).collect();
    let headers =
        ["Kafka Topic", "Partitions", "Partition Replicas", "Consumers", "ConsumerGroups"];
    list(&headers, &rows)
}

fn properties(entity: &Value) -> String {
    let names = |member: &str, name: &Value| {
        entity[member].as_array().is_some_and(|names| names.contains(name))
    };
    let row = |property: &Value| {
        let origin = match &property["name"] {
            name if names("overwrittenProperties", name) => "SESSION",
            name if names("defaultProperties", name) => "",
            _ => "SERVER",
        };
        let value = text(property, "value");
        vec![text(property, "name"), text(property, "scope"), origin.to_owned(), value]
    };
    let rows: Vec<Vec<String>> =
        entity["properties"].as_array().into_iter().flatten().map(row).collect();
    list(&["Property", "Scope", "Default override", "Effective Value"], &rows)
}

fn functions(items: &Value) -> String {
    table(items, &[("Function Name", "name"), ("Category", "category")])
}

fn types(types: &Value) -> String {
    let types = types.as_object().into_iter().flatten();
    let rows: Vec<Vec<String>> =
        types.map(|(name, schema)| vec![name.clone(), type_text(schema)]).collect();
    list(&["Type Name", "Schema"], &rows)
}

fn variables(items: &Value) -> String {
    table(items, &[("Variable Name", "name"), ("Value", "value")])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::entity;

    #[test]
    fn topics_show_replicas_once_when_they_are_alike() {
        let shown = entity(&json!({
            "@type": "kafka_topics",
            "topics": [{ "name": "a", "replicaInfo": [1, 1] }, { "name": "b", "replicaInfo": [1] }],
        }));
        let expected = " Kafka Topic | Partitions | Partition Replicas \n\
                        -----------------------------------------------\n \
                        a           | 2          | 1                  \n \
                        b           | 1          | 1                  \n\
                        -----------------------------------------------\n";
        assert_eq!(shown, expected);
    }

    #[test]
    fn messages_and_warnings() {
        let status = json!({ "message": "Stream A created and running" });
        let shown = entity(&json!({
            "@type": "currentStatus", "commandStatus": status, "warnings": [{ "message": "w" }],
        }));
        assert!(shown.starts_with(" Message "), "{shown}");
        assert!(shown.contains(" Stream A created and running \n"), "{shown}");
        assert!(shown.ends_with("WARNING: w\n"), "{shown}");
    }

    #[test]
    fn what_is_unknown_is_shown_as_json() {
        assert!(entity(&json!({ "@type": "new" })).contains("\"@type\": \"new\""));
    }
}
