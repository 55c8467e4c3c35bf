//! Runs one REST case: statements, inputs, queries, then the checks (spec section 10.7).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use engine::Request;
use engine::catalog::Metastore;
use serde_json::Value;
use server::in_process::{Reply, Rows, statements};

use super::super::case::{Case, ExpectedError, Record, Response, Rest, plain};
use super::super::executor::stored;
use super::super::outcome::{Outcome, Stop};
use super::super::serde::Environment;
use super::super::statements::Workbench;
use super::super::topic_serdes::TopicSerdes;
use super::super::verify;
use super::answers;
use super::node::Node;

/// Statements that begin so are sent as queries, all others together before them.
const QUERY: &str = "SELECT ";
/// How long a push query may go without a row before its answer counts as whole.
const ROW_PATIENCE: Duration = Duration::from_secs(2);

/// Runs `case` and holds the answers against `expected`.
pub fn run(case: &Case, expected: &Rest) -> Outcome {
    let is_proto = |response: &Response| matches!(response, Response::QueryProto(_));
    if expected.responses.iter().any(is_proto) {
        return Outcome::Refused("answers as protobuf are not supported yet".to_owned());
    }
    match Session::open(case).and_then(|session| session.run(expected)) {
        Ok(()) => Outcome::Passed,
        Err(message) => Outcome::Failed(message),
    }
}

/// A case on its node.
struct Session<'a> {
    case: &'a Case,
    node: Node,
}

/// What the node answered, or the refusal that ended it.
type Answers = Result<Vec<Value>, Reply>;

impl<'a> Session<'a> {
    fn open(case: &'a Case) -> Result<Self, String> {
        let functions = Arc::new(functions::Registry::builtin());
        let bench = Workbench::try_new(case, functions).map_err(text)?;
        Ok(Self { case, node: Node::start(&bench)? })
    }

    fn run(&self, expected: &Rest) -> Result<(), String> {
        let answers = self.answers(expected)?;
        match (&expected.expected_error, answers) {
            (None, Ok(answers)) => {
                self.check_outputs()?;
                self.check_answers(expected, &answers)
            }
            (None, Err(reply)) => Err(format!("refused: {}", reply.body)),
            (Some(_), Ok(_)) => Err("expected a refusal, but everything was accepted".to_owned()),
            (Some(error), Err(reply)) => self.check_refusal(error, &reply),
        }
    }

    fn answers(&self, expected: &Rest) -> Result<Answers, String> {
        let (queries, others): (Vec<&String>, Vec<&String>) =
            self.case.statements.iter().partition(|statement| statement.starts_with(QUERY));
        let others: Vec<&str> = others.into_iter().map(String::as_str).collect();
        let mut answers = Vec::new();
        if !others.is_empty() {
            let reply = statements(&self.node.engine, &self.request(&others.join("\n")));
            match reply {
                Reply { status: 200, body: Value::Array(entities) } => answers.extend(entities),
                refusal => return Ok(Err(refusal)),
            }
        }
        let mut started = None;
        if let (true, Some(query)) = (expected.query_comes_first, queries.first()) {
            match Rows::start(&self.node.engine, &self.request(query)) {
                Ok(rows) => started = Some(rows),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        self.produce()?;
        self.node.settle()?;
        for query in queries {
            let rows = match started.take() {
                Some(rows) => Ok(rows),
                None => Rows::start(&self.node.engine, &self.request(query)),
            };
            match rows {
                Ok(rows) => answers.push(parsed(&rows.finish(ROW_PATIENCE))?),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        Ok(Ok(answers))
    }

    fn request(&self, text: &str) -> Request {
        let properties = self.case.properties.iter();
        let properties = properties.map(|(name, value)| (name.clone(), plain(value))).collect();
        Request { text: text.to_owned(), properties, variables: BTreeMap::new() }
    }

    fn environment(&self) -> Environment {
        Environment { schemas: Arc::clone(&self.node.schemas), exact_numbers: true }
    }

    fn serdes(&self) -> TopicSerdes {
        let definitions: Arc<Metastore> = self.node.engine.definitions();
        TopicSerdes::new(&definitions)
    }

    fn produce(&self) -> Result<(), String> {
        let (serdes, env) = (self.serdes(), self.environment());
        for record in &self.case.inputs {
            let stored = stored(record, serdes.serde(&record.topic)?, &env)?;
            self.node.append(&record.topic, &stored)?;
        }
        Ok(())
    }

    fn check_outputs(&self) -> Result<(), String> {
        let (serdes, env) = (self.serdes(), self.environment());
        let mut by_topic: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
        for record in &self.case.outputs {
            by_topic.entry(&record.topic).or_default().push(record);
        }
        by_topic.iter().try_for_each(|(topic, expected)| {
            let found = self.node.records(topic)?;
            let held = verify::holds(expected, &found, serdes.serde(topic)?, &env);
            held.map_err(|error| format!("topic {topic}: {error}"))
        })
    }

    fn check_answers(&self, expected: &Rest, actual: &[Value]) -> Result<(), String> {
        if actual.len() < expected.responses.len() {
            let (expected, found) = (expected.responses.len(), actual.len());
            return Err(format!("expected {expected} answers, found {found}"));
        }
        for (index, (response, actual)) in expected.responses.iter().zip(actual).enumerate() {
            let statement = self.case.statements.get(index).map_or("", String::as_str);
            let checked = match response {
                Response::Admin(expected) => answers::check(expected, actual, statement),
                Response::Query(rows) | Response::QueryProto(rows) => {
                    let found = actual.as_array().map_or(&[][..], Vec::as_slice);
                    answers::check_rows(rows, found, statement, expected.verify_order)
                }
            };
            checked.map_err(|error| format!("answer {index}: {error}"))?;
        }
        Ok(())
    }

    fn check_refusal(&self, expected: &ExpectedError, reply: &Reply) -> Result<(), String> {
        let body = &reply.body;
        let message = body["message"].as_str().unwrap_or_default();
        if let Some(part) = expected.message.as_deref().filter(|part| !message.contains(part)) {
            return Err(format!("expected message: {part}\n  actual message: {message}"));
        }
        if let Some(status) = expected.status.filter(|status| *status != reply.status) {
            return Err(format!("expected status {status}, found {}", reply.status));
        }
        let Some(class) = &expected.class else { return Ok(()) };
        let is_statement_error = class.ends_with("KsqlStatementErrorMessage");
        let kind = if is_statement_error { "statement_error" } else { "generic_error" };
        if body["@type"] != kind {
            return Err(format!("expected a {kind}, found {body}"));
        }
        let statement = self.case.statements.last().map_or("", String::as_str);
        let told = body["statementText"].as_str().unwrap_or_default();
        if is_statement_error && !told.contains(statement) {
            return Err(format!("expected the statement {statement}, found {told}"));
        }
        Ok(())
    }
}

fn parsed(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("no JSON: {error}: {text}"))
}

fn text(stop: Stop) -> String {
    match stop {
        Stop::User { message, .. }
        | Stop::Unsupported(message)
        | Stop::Runtime(message)
        | Stop::Defect(message) => message,
    }
}
