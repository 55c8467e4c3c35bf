//! `/connectors`: a connector has one task, number 0.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use connect::{Info, PluginKind, Runtime};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Result, ask, created, ok, only, refused};
use crate::http::json_body;
use crate::node::Node;

/// What a connector runs on.
const WORKER: &str = "tidemill";

type Shared = State<Arc<Node>>;

#[derive(Debug, Deserialize)]
struct NewConnector {
    name: String,
    config: Map<String, Value>,
}

fn runtime(node: &Node) -> Arc<Runtime> {
    Arc::clone(&node.connect)
}

/// Name of a connector's direction.
pub fn kind_name(kind: PluginKind) -> &'static str {
    match kind {
        PluginKind::Source => "source",
        PluginKind::Sink => "sink",
    }
}

/// Configuration values as text, whatever JSON they were written in.
pub fn config_texts(config: Map<String, Value>) -> BTreeMap<String, String> {
    let text = |value| match value {
        Value::String(text) => Some(text),
        Value::Null => None,
        other => Some(other.to_string()),
    };
    config.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect()
}

fn info_json(info: &Info) -> Value {
    let mut config = info.masked_config();
    config.insert("name".to_owned(), info.name.clone());
    json!({
        "name": info.name,
        "config": config,
        "tasks": [{ "connector": info.name, "task": 0 }],
        "type": kind_name(info.kind),
    })
}

fn state_json(info: &Info) -> Value {
    let mut state = json!({ "state": info.status.state.as_str(), "worker_id": WORKER });
    if let Some(trace) = &info.status.trace {
        state["trace"] = trace.clone().into();
    }
    state
}

fn task_json(info: &Info) -> Value {
    let mut task = state_json(info);
    task["id"] = 0.into();
    task
}

fn status_json(info: &Info) -> Value {
    json!({
        "name": info.name,
        "connector": state_json(info),
        "tasks": [task_json(info)],
        "type": kind_name(info.kind),
    })
}

/// `GET /connectors`: names, or with `expand=info` or `expand=status` (or both) objects.
pub async fn list(State(node): Shared, RawQuery(query): RawQuery) -> Result {
    let infos = ask(runtime(&node), |runtime| Ok(runtime.list())).await?;
    let query = query.unwrap_or_default();
    let expands = |what: &str| query.split('&').any(|part| part == format!("expand={what}"));
    let (with_info, with_status) = (expands("info"), expands("status"));
    if !with_info && !with_status {
        return Ok(ok(infos.iter().map(|info| info.name.as_str()).collect()));
    }
    let expanded = infos.iter().map(|info| {
        let mut object = json!({});
        if with_info {
            object["info"] = info_json(info);
        }
        if with_status {
            object["status"] = status_json(info);
        }
        (info.name.clone(), object)
    });
    Ok(ok(Value::Object(expanded.collect())))
}

/// `POST /connectors`.
pub async fn create(State(node): Shared, body: Body) -> Result {
    let NewConnector { name, config } = json_body(body).await?;
    let config = own_config(&name, config)?;
    let info = ask(runtime(&node), move |runtime| runtime.create(&name, config)).await?;
    Ok(created(info_json(&info)))
}

/// The configuration without the connector's name, which may stand in it but must be the same.
fn own_config(name: &str, config: Map<String, Value>) -> Result<BTreeMap<String, String>> {
    let mut config = config_texts(config);
    match config.remove("name") {
        Some(other) if other != name => Err(refused(
            StatusCode::BAD_REQUEST,
            format!("Connector name configuration ({other}) doesn't match connector name ({name})"),
        )),
        _ => Ok(config),
    }
}

async fn described(node: &Node, name: String) -> std::result::Result<connect::Description, Answer> {
    ask(runtime(node), move |runtime| runtime.describe(&name)).await
}

/// `GET /connectors/{name}`.
pub async fn info(State(node): Shared, Path(name): Path<String>) -> Result {
    Ok(ok(info_json(&described(&node, name).await?.info)))
}

/// `DELETE /connectors/{name}`.
pub async fn delete(State(node): Shared, Path(name): Path<String>) -> Result {
    ask(runtime(&node), move |runtime| runtime.drop_connector(&name)).await?;
    Ok(only(StatusCode::NO_CONTENT))
}

/// `GET /connectors/{name}/config`.
pub async fn config(State(node): Shared, Path(name): Path<String>) -> Result {
    let info = described(&node, name).await?.info;
    Ok(ok(info_json(&info)["config"].take()))
}

/// `PUT /connectors/{name}/config`: creates the connector, or gives it another configuration.
pub async fn set_config(State(node): Shared, Path(name): Path<String>, body: Body) -> Result {
    let config = own_config(&name, json_body(body).await?)?;
    let (info, is_new) = ask(runtime(&node), move |runtime| put(runtime, &name, config)).await?;
    let body = info_json(&info);
    Ok(if is_new { created(body) } else { ok(body) })
}

fn put(
    runtime: &Runtime,
    name: &str,
    config: BTreeMap<String, String>,
) -> connect::Result<(Info, bool)> {
    let Ok(before) = runtime.describe(name) else {
        return Ok((runtime.create(name, config)?, true));
    };
    let config = before.info.unmasked_config(config);
    // Positions outlive a connector, so it goes on where it was under the new configuration.
    runtime.drop_connector(name)?;
    match runtime.create(name, config) {
        Ok(info) => Ok((info, false)),
        Err(error) => {
            if let Err(lost) = runtime.create(name, before.info.config) {
                tracing::error!(connector = name, error = %lost, "cannot restore the connector");
            }
            Err(error)
        }
    }
}

/// `GET /connectors/{name}/status`.
pub async fn status(State(node): Shared, Path(name): Path<String>) -> Result {
    Ok(ok(status_json(&described(&node, name).await?.info)))
}

/// `GET /connectors/{name}/topics`.
pub async fn topics(State(node): Shared, Path(name): Path<String>) -> Result {
    let description = described(&node, name).await?;
    let topics = json!({ "topics": description.progress.topics });
    Ok(ok(json!({ description.info.name: topics })))
}

/// `PUT /connectors/{name}/pause`.
pub async fn pause(State(node): Shared, Path(name): Path<String>) -> Result {
    ask(runtime(&node), move |runtime| runtime.pause(&name)).await?;
    Ok(only(StatusCode::ACCEPTED))
}

/// `PUT /connectors/{name}/resume`.
pub async fn resume(State(node): Shared, Path(name): Path<String>) -> Result {
    ask(runtime(&node), move |runtime| runtime.resume(&name)).await?;
    Ok(only(StatusCode::ACCEPTED))
}

/// `POST /connectors/{name}/restart`.
pub async fn restart(State(node): Shared, Path(name): Path<String>) -> Result {
    ask(runtime(&node), move |runtime| runtime.restart(&name)).await?;
    Ok(only(StatusCode::NO_CONTENT))
}

/// `GET /connectors/{name}/tasks`.
pub async fn tasks(State(node): Shared, Path(name): Path<String>) -> Result {
    let info = described(&node, name).await?.info;
    Ok(ok(json!([{ "id": { "connector": info.name, "task": 0 }, "config": info.masked_config() }])))
}

fn check_task(task: u32) -> std::result::Result<(), Answer> {
    let unknown =
        || refused(StatusCode::NOT_FOUND, format!("No task {task}: a connector has task 0"));
    if task == 0 { Ok(()) } else { Err(unknown()) }
}

/// `GET /connectors/{name}/tasks/{task}/status`.
pub async fn task_status(State(node): Shared, Path((name, task)): Path<(String, u32)>) -> Result {
    check_task(task)?;
    Ok(ok(task_json(&described(&node, name).await?.info)))
}

/// `POST /connectors/{name}/tasks/{task}/restart`.
pub async fn restart_task(State(node): Shared, Path((name, task)): Path<(String, u32)>) -> Result {
    check_task(task)?;
    restart(State(node), Path(name)).await
}
