//! Which path is answered by what.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use engine::{Engine, ErrorCode};
use tokio::sync::watch;

use super::refusal::Refusal;
use super::{inserts, query, server_info, statements, status, websocket};
use crate::http::blocking;
use crate::metrics::{self, HttpMetrics};
use crate::node::Node;

/// What handlers share.
#[derive(Clone, Debug)]
pub struct Ksql {
    /// The node.
    pub node: Arc<Node>,
    /// The HTTP counters.
    pub http: Arc<HttpMetrics>,
    /// Becomes true when the server stops.
    pub stop: watch::Receiver<bool>,
}

impl Ksql {
    /// The engine.
    pub fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.node.engine)
    }
}

/// ksqlDB's API, with probes and metrics.
pub fn router(node: &Arc<Node>, http: &Arc<HttpMetrics>, stop: watch::Receiver<bool>) -> Router {
    let state = Ksql { node: Arc::clone(node), http: Arc::clone(http), stop };
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/info") }))
        .route("/ksql", post(statements::ksql))
        .route("/ksql/terminate", post(not_supported))
        .route("/query", post(query::query))
        .route("/query-stream", post(query::query_stream))
        .route("/close-query", post(query::close_query))
        .route("/inserts-stream", post(inserts::inserts_stream))
        .route("/ws/query", get(websocket::ws_query))
        .route("/info", get(server_info::info))
        .route("/healthcheck", get(server_info::healthcheck))
        .route("/v1/metadata", get(server_info::metadata))
        .route("/v1/metadata/id", get(server_info::metadata_id))
        .route("/status", get(status::all))
        .route("/status/{type}/{entity}/{action}", get(status::one))
        .route("/is_valid_property/{name}", get(server_info::is_valid_property))
        .route("/clusterStatus", get(no_heartbeats))
        .route("/heartbeat", post(no_heartbeats))
        .route("/lag", post(no_heartbeats))
        .route("/chc/live", get(|| async { StatusCode::OK }))
        .route("/chc/ready", get(server_info::ready))
        .route("/metrics", get(metrics_page))
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .with_state(state)
}

async fn metrics_page(State(ksql): State<Ksql>) -> Result<Response, Refusal> {
    let page = blocking(move || metrics::page(&ksql.node, &ksql.http)).await?;
    Ok(metrics::response(page))
}

async fn not_found() -> Refusal {
    Refusal::new(ErrorCode::NotFound, "There is nothing at this path for this method")
}

async fn no_heartbeats() -> Refusal {
    Refusal::new(
        ErrorCode::NotFound,
        "This server works alone, without heartbeats (ksql.heartbeat.enable=false)",
    )
}

async fn not_supported() -> Refusal {
    Refusal::new(
        ErrorCode::BadRequest,
        "Terminating the whole cluster is not supported yet; DROP what is not wanted any more",
    )
}
