//! Types as DESCRIBE shows them.

use serde_json::Value;

use super::list::list;

/// A schema info as text: `VARCHAR(STRING)`, `DECIMAL(10, 2)`, `ARRAY<...>`, `STRUCT<...>`.
pub fn type_text(schema: &Value) -> String {
    let name = schema["type"].as_str().unwrap_or_default();
    let member = || type_text(&schema["memberSchema"]);
    match name {
        "STRING" => "VARCHAR(STRING)".to_owned(),
        "ARRAY" => format!("ARRAY<{}>", member()),
        "MAP" => format!("MAP<STRING, {}>", member()),
        "STRUCT" => {
            let fields = schema["fields"].as_array().into_iter().flatten();
            let fields = fields
                .map(|field| format!("{} {}", text(field, "name"), type_text(&field["schema"])));
            format!("STRUCT<{}>", fields.collect::<Vec<String>>().join(", "))
        }
        "DECIMAL" => {
            let parameters = &schema["parameters"];
            format!("DECIMAL({}, {})", parameters["precision"], parameters["scale"])
        }
        other => other.to_owned(),
    }
}

/// A string member, or nothing.
pub fn text(object: &Value, member: &str) -> String {
    match &object[member] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The list of columns; `is_table` tells what a key is called.
pub fn fields(described: &Value, is_table: bool) -> String {
    let window = described["windowType"].as_str();
    let fields = described["fields"].as_array().into_iter().flatten();
    let rows: Vec<Vec<String>> = fields
        .map(|field| {
            let shown = format!("{}{}", type_text(&field["schema"]), mark(field, is_table, window));
            vec![text(field, "name"), shown]
        })
        .collect();
    list(&["Field", "Type"], &rows)
}

/// What stands behind a column's type.
fn mark(field: &Value, is_table: bool, window: Option<&str>) -> String {
    match field["type"].as_str() {
        Some("KEY") => {
            let key = if is_table { "primary key" } else { "key" };
            let window = window.map(|window| format!(" (Window type: {window})"));
            format!("  ({key}){}", window.unwrap_or_default())
        }
        Some("HEADER") => match field["headerKey"].as_str() {
            Some(key) => format!("  (header('{key}'))"),
            None => "  (headers)".to_owned(),
        },
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_types_are_told_whole() {
        let decimal = json!({ "type": "DECIMAL", "parameters": { "precision": 4, "scale": 2 } });
        let map = json!({ "type": "MAP", "memberSchema": decimal });
        let fields = json!([{ "name": "A", "schema": { "type": "STRING" } }, { "name": "B", "schema": map }]);
        let schema = json!({ "type": "STRUCT", "fields": fields });
        let expected = "STRUCT<A VARCHAR(STRING), B MAP<STRING, DECIMAL(4, 2)>>";
        assert_eq!(type_text(&schema), expected);
    }

    #[test]
    fn keys_and_headers_are_marked() {
        let schema = json!({ "type": "BYTES" });
        let described = json!({
            "windowType": "TUMBLING",
            "fields": [
                { "name": "K", "schema": schema, "type": "KEY" },
                { "name": "H", "schema": schema, "type": "HEADER", "headerKey": "x" },
            ],
        });
        let shown = fields(&described, true);
        assert!(shown.contains("BYTES  (primary key) (Window type: TUMBLING)"), "{shown}");
        assert!(shown.contains("BYTES  (header('x'))"), "{shown}");
    }
}
