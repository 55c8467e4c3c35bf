//! Which path is answered by what.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use serde_json::json;

use super::answer::{Answer, Result, ok, refused};
use super::{connectors, plugins, validate};
use crate::http::blocking;
use crate::node::Node;

/// Kafka Connect's API.
pub fn router(node: &Arc<Node>) -> Router {
    Router::new()
        .route("/", get(root))
        .route("/connectors", get(connectors::list).post(connectors::create))
        .route("/connectors/{name}", get(connectors::info).delete(connectors::delete))
        .route("/connectors/{name}/config", get(connectors::config).put(connectors::set_config))
        .route("/connectors/{name}/status", get(connectors::status))
        .route("/connectors/{name}/topics", get(connectors::topics))
        .route("/connectors/{name}/pause", put(connectors::pause))
        .route("/connectors/{name}/resume", put(connectors::resume))
        .route("/connectors/{name}/restart", post(connectors::restart))
        .route("/connectors/{name}/tasks", get(connectors::tasks))
        .route("/connectors/{name}/tasks/{task}/status", get(connectors::task_status))
        .route("/connectors/{name}/tasks/{task}/restart", post(connectors::restart_task))
        .route("/connector-plugins", get(plugins::list))
        .route("/connector-plugins/{class}/config/validate", put(validate::validate))
        .fallback(no_path)
        .method_not_allowed_fallback(no_method)
        .with_state(Arc::clone(node))
}

async fn root(State(node): State<Arc<Node>>) -> Result {
    let info = blocking(move || node.engine.info()).await?;
    let body = json!({
        "version": info.version, "commit": "", "kafka_cluster_id": info.cluster_id,
    });
    Ok(ok(body))
}

async fn no_path() -> Answer {
    refused(StatusCode::NOT_FOUND, "HTTP 404 Not Found")
}

async fn no_method() -> Answer {
    refused(StatusCode::METHOD_NOT_ALLOWED, "HTTP 405 Method Not Allowed")
}
