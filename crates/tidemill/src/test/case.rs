//! ksqlDB's JSON test files: reading them and expanding each test into its cases (spec section 10.2).

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

/// One runnable case: a test with its format and configuration chosen.
#[derive(Clone, Debug)]
pub struct Case {
    /// Name of the file without its ending.
    pub file: String,
    /// The test's name with the chosen format and configuration appended.
    pub name: String,
    /// The chosen format.
    pub format: Option<String>,
    /// Statements with `{FORMAT}` replaced.
    pub statements: Vec<String>,
    /// Session overrides with `{CONFIG}` replaced.
    pub properties: Map<String, Value>,
    /// Topics that exist before.
    pub topics: Vec<Topic>,
    /// Records to produce.
    pub inputs: Vec<Record>,
    /// Records to find.
    pub outputs: Vec<Record>,
    /// The refusal that is expected instead of outputs.
    pub expected_exception: Option<ExpectedException>,
    /// What must hold afterwards.
    pub post: Post,
    /// What the REST API must answer; only cases of REST test files have it.
    pub rest: Option<Rest>,
}

/// What the REST API must answer (spec section 10.7).
#[derive(Clone, Debug, Default)]
pub struct Rest {
    /// One expected answer per statement.
    pub responses: Vec<Response>,
    /// The refusal that is expected instead.
    pub expected_error: Option<ExpectedError>,
    /// Whether the query starts before the inputs are written.
    pub query_comes_first: bool,
    /// Whether rows must come in the expected order.
    pub verify_order: bool,
}

/// An expected answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Response {
    /// An entity of `/ksql`.
    Admin(Value),
    /// The rows of `/query`.
    Query(Vec<Value>),
    /// The rows of `/query` as protobuf.
    QueryProto(Vec<Value>),
}

/// An expected refusal.
#[derive(Clone, Debug, Deserialize)]
pub struct ExpectedError {
    /// The Java class of the error entity.
    #[serde(rename = "type")]
    pub class: Option<String>,
    /// A part of the message.
    pub message: Option<String>,
    /// The HTTP status.
    pub status: Option<u32>,
}

#[derive(Debug, Deserialize)]
struct File {
    tests: Vec<Test>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    name: String,
    statements: Vec<String>,
    #[serde(default)]
    inputs: Vec<Record>,
    #[serde(default)]
    outputs: Vec<Record>,
    #[serde(default)]
    topics: Vec<Topic>,
    #[serde(default)]
    properties: Map<String, Value>,
    #[serde(default)]
    format: Vec<String>,
    #[serde(default)]
    config: Vec<Value>,
    expected_exception: Option<ExpectedException>,
    #[serde(default)]
    post: Post,
    #[serde(default = "yes")]
    enabled: bool,
    responses: Option<Vec<Response>>,
    expected_error: Option<ExpectedError>,
    #[serde(default)]
    input_conditions: InputConditions,
    #[serde(default)]
    output_conditions: OutputConditions,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InputConditions {
    #[serde(default)]
    wait_for_active_push_query: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputConditions {
    #[serde(default)]
    verify_order: bool,
}

impl Test {
    fn is_rest(&self) -> bool {
        self.responses.is_some() || self.expected_error.is_some()
    }

    fn rest(&self) -> Rest {
        Rest {
            responses: self.responses.clone().unwrap_or_default(),
            expected_error: self.expected_error.clone(),
            query_comes_first: self.input_conditions.wait_for_active_push_query,
            verify_order: self.output_conditions.verify_order,
        }
    }
}

/// A record to produce or to find.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// Its topic.
    pub topic: String,
    /// Its key, as JSON in the topic's key format.
    #[serde(default)]
    pub key: Value,
    /// Its value.
    #[serde(default)]
    pub value: Value,
    /// Its timestamp; inputs default to 0, outputs are then not checked.
    pub timestamp: Option<i64>,
    /// Window of its key.
    pub window: Option<Window>,
    /// Its headers.
    #[serde(default)]
    pub headers: Option<Vec<Header>>,
}

/// Window of a record's key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Window {
    /// First millisecond.
    pub start: i64,
    /// End: exclusive for time windows, last record for sessions.
    pub end: Option<i64>,
    /// `time` or `session`, in any case.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A record header.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Header {
    /// Its name.
    #[serde(rename = "KEY", alias = "key")]
    pub key: String,
    /// Its bytes in base64.
    #[serde(rename = "VALUE", alias = "value", default)]
    pub value: Option<String>,
}

/// A topic that exists before the statements run.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Number of partitions, default 1.
    pub partitions: Option<i32>,
    /// Schema of the key.
    #[serde(default)]
    pub key_schema: Value,
    /// Schema of the value.
    #[serde(default)]
    pub value_schema: Value,
    /// How `key_schema` is to be read, default AVRO.
    pub key_format: Option<String>,
    /// How `value_schema` is to be read, default AVRO.
    pub value_format: Option<String>,
    /// Id the key schema must get.
    pub key_schema_id: Option<i32>,
    /// Id the value schema must get.
    pub value_schema_id: Option<i32>,
    /// Schemas that the key schema imports.
    #[serde(default)]
    pub key_schema_references: Vec<SchemaReference>,
    /// Schemas that the value schema imports.
    #[serde(default)]
    pub value_schema_references: Vec<SchemaReference>,
}

/// A schema that another one imports.
#[derive(Clone, Debug, Deserialize)]
pub struct SchemaReference {
    /// The schema.
    pub schema: Value,
}

/// The refusal a case expects (spec section 10.6). The class of the Java exception is not read: any
/// refusal of the user's statement stands for it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ExpectedException {
    /// A part of its message.
    pub message: Option<String>,
}

/// What must hold afterwards (spec section 10.5).
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Post {
    /// Sources that must be in the catalog.
    #[serde(default)]
    pub sources: Vec<PostSource>,
    /// Topics that must exist, and names that must not.
    pub topics: Option<PostTopics>,
}

/// A source that must be in the catalog.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostSource {
    /// Its name.
    pub name: String,
    /// `stream` or `table`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its columns as SQL text.
    pub schema: Option<String>,
    /// Its key format and window.
    pub key_format: Option<PostFormat>,
    /// Its value format, as a name or an object with one.
    #[serde(default)]
    pub value_format: Value,
    /// Serde features of its keys.
    pub key_features: Option<Vec<String>>,
    /// Serde features of its values.
    pub value_features: Option<Vec<String>>,
    /// Whether it is read-only.
    pub is_source: Option<bool>,
}

/// A key or value format that must be found.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostFormat {
    /// Name of the format.
    pub format: Option<String>,
    /// `TUMBLING`, `HOPPING` or `SESSION`.
    pub window_type: Option<String>,
    /// Length of the window in milliseconds.
    pub window_size: Option<i64>,
    /// Serde features.
    #[serde(default)]
    pub features: Vec<String>,
    /// Properties of the format.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
}

/// Topics that must exist or not.
#[derive(Clone, Debug, Deserialize)]
pub struct PostTopics {
    /// No topic's name may contain a match.
    pub blacklist: Option<String>,
    /// Topics that must exist.
    #[serde(default)]
    pub topics: Vec<PostTopic>,
}

/// A topic that must exist.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostTopic {
    /// Its name.
    pub name: String,
    /// Its key format.
    pub key_format: Option<PostFormat>,
    /// Its value format.
    pub value_format: Option<PostFormat>,
    /// Its number of partitions.
    pub partitions: Option<i32>,
    /// The schema registered for its keys.
    #[serde(default)]
    pub key_schema: Value,
    /// The schema registered for its values.
    #[serde(default)]
    pub value_schema: Value,
}

fn yes() -> bool {
    true
}

/// Reads a test file's text into its cases.
///
/// # Errors
/// When the text is not a test file; the message names the place.
pub fn read(path: &Path, text: &str) -> Result<Vec<Case>, String> {
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let file: File = serde_json::from_str(&without_comments(text))
        .map_err(|error| format!("{}: not a test file: {error}", path.display()))?;
    // Some tests of REST files look at the outputs only; the others tell what kind of file it is.
    let is_rest = file.tests.iter().any(Test::is_rest);
    let enabled = file.tests.into_iter().filter(|test| test.enabled);
    let mut cases: Vec<Case> = enabled.flat_map(|test| expand(&name, &test)).collect();
    if !is_rest {
        cases.iter_mut().for_each(|case| case.rest = None);
    }
    Ok(cases)
}

/// One case per format and per configuration value.
fn expand(file: &str, test: &Test) -> Vec<Case> {
    let formats: Vec<Option<&String>> = optional_each(&test.format);
    let configs: Vec<Option<&Value>> = optional_each(&test.config);
    let pairs = formats.iter().flat_map(|f| configs.iter().map(move |c| (*f, *c)));
    pairs.map(|(format, config)| case(file, test, format, config)).collect()
}

fn optional_each<T>(items: &[T]) -> Vec<Option<&T>> {
    if items.is_empty() { vec![None] } else { items.iter().map(Some).collect() }
}

fn case(file: &str, test: &Test, format: Option<&String>, config: Option<&Value>) -> Case {
    let mut name = test.name.clone();
    let mut properties = test.properties.clone();
    if let Some(format) = format {
        name = format!("{name} - {format}");
    }
    if let Some(config) = config {
        let placeholder =
            |v: &&mut Value| v.as_str().is_some_and(|text| text.eq_ignore_ascii_case("{CONFIG}"));
        if let Some((property, value)) = properties.iter_mut().find(|(_, v)| placeholder(v)) {
            name = format!("{name} - {property}={}", plain(config));
            *value = config.clone();
        }
    }
    let format_text = format.map_or("{FORMAT}", String::as_str);
    Case {
        file: file.to_owned(),
        name,
        format: format.cloned(),
        statements: test.statements.iter().map(|s| s.replace("{FORMAT}", format_text)).collect(),
        properties,
        topics: test.topics.clone(),
        inputs: test.inputs.clone(),
        outputs: test.outputs.clone(),
        expected_exception: test.expected_exception.clone(),
        post: test.post.clone(),
        rest: Some(test.rest()),
    }
}

/// A JSON scalar as bare text.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A JSON number, or text that spells one, as an integer; a fraction is cut off.
#[allow(clippy::cast_possible_truncation, reason = "test files hold no larger numbers")]
pub fn integer(value: &Value) -> Option<i64> {
    let whole = value.as_i64().or_else(|| value.as_f64().map(|number| number.trunc() as i64));
    whole.or_else(|| value.as_str()?.parse().ok())
}

/// Blanks out `//` and `/* */` comments outside strings; lines keep their numbers.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '/']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = token_length(rest);
        let token = &rest[..length];
        if token.starts_with("//") || token.starts_with("/*") {
            out.extend(token.chars().filter(|c| *c == '\n'));
        } else {
            out.push_str(token);
        }
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

/// Length of the string, comment or lone slash at the front of `text`.
fn token_length(text: &str) -> usize {
    let end = |found: Option<usize>, closing: usize| found.map_or(text.len(), |at| at + closing);
    if text.starts_with("//") {
        end(text.find('\n'), 0)
    } else if let Some(comment) = text.strip_prefix("/*") {
        end(comment.find("*/"), 4)
    } else if text.starts_with('"') {
        string_length(text)
    } else {
        1
    }
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_strings_stay() {
        let text = "{ // a\n\"x\": \"/* no */ \\\" //\", /* b\n */ \"y\": 1 }";
        let value: Value = serde_json::from_str(&without_comments(text)).expect("JSON");
        assert_eq!(value["x"], "/* no */ \" //");
        assert_eq!(value["y"], 1);
    }

    #[test]
    fn a_test_becomes_one_case_per_format_and_config() {
        let text = r#"{"tests": [{"name": "n", "statements": ["A {FORMAT};"],
            "format": ["JSON", "AVRO"], "config": ["1", "2"], "properties": {"p": "{config}"}}]}"#;
        let cases = read(Path::new("dir/f.json"), text).expect("a test file");
        let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names, ["n - JSON - p=1", "n - JSON - p=2", "n - AVRO - p=1", "n - AVRO - p=2"]);
        assert_eq!(cases[2].statements, ["A AVRO;"]);
        assert_eq!(cases[3].properties["p"], "2");
    }
}
