//! What the server says of itself: version, ids, health, properties.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use engine::ErrorCode;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::routes::Ksql;
use super::statements::json_response;
use crate::http::{Media, accepts, blocking};

fn media(headers: &HeaderMap) -> Media {
    accepts(headers, &[Media::Ksql, Media::Json]).unwrap_or(Media::Json)
}

/// `GET /info`.
pub async fn info(State(ksql): State<Ksql>, headers: HeaderMap) -> Result<Response, Refusal> {
    let info = blocking(move || ksql.engine().info()).await?;
    let body = json!({
        "KsqlServerInfo": {
            "version": info.version,
            "kafkaClusterId": info.cluster_id,
            "ksqlServiceId": info.service_id,
            "serverStatus": "RUNNING",
        }
    });
    Ok(json_response(media(&headers), &body))
}

/// `GET /healthcheck`.
pub async fn healthcheck(
    State(ksql): State<Ksql>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let health = blocking(move || ksql.engine().health()).await?;
    let part = |is_healthy: bool| json!({ "isHealthy": is_healthy });
    let body = json!({
        "isHealthy": health.is_healthy(),
        "details": {
            "metastore": part(health.metastore),
            "kafka": part(health.log),
            "commandRunner": part(health.command_runner),
        },
        "serverState": if health.is_healthy() { "READY" } else { "TERMINATING" },
    });
    let status = if health.is_healthy() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((status, json_response(media(&headers), &body)).into_response())
}

/// `GET /chc/ready`.
pub async fn ready(State(ksql): State<Ksql>) -> Result<StatusCode, Refusal> {
    let health = blocking(move || ksql.engine().health()).await?;
    let is_ready = health.is_healthy();
    Ok(if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE })
}

async fn cluster_id(ksql: Ksql) -> Result<Value, Refusal> {
    let info = blocking(move || ksql.engine().info()).await?;
    let clusters = json!({ "kafka-cluster": info.cluster_id, "ksql-cluster": info.service_id });
    Ok(json!({ "scope": { "path": [], "clusters": clusters }, "id": "" }))
}

/// `GET /v1/metadata`.
pub async fn metadata(State(ksql): State<Ksql>, headers: HeaderMap) -> Result<Response, Refusal> {
    let version = ksql.engine().info().version;
    let body = json!({ "version": version, "clusterId": cluster_id(ksql).await? });
    Ok(json_response(media(&headers), &body))
}

/// `GET /v1/metadata/id`.
pub async fn metadata_id(
    State(ksql): State<Ksql>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    Ok(json_response(media(&headers), &cluster_id(ksql).await?))
}

/// `GET /is_valid_property/{name}`.
pub async fn is_valid_property(
    State(ksql): State<Ksql>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    if ksql.engine().is_valid_property(&name) {
        return Ok(json_response(media(&headers), &json!(true)));
    }
    Err(Refusal::new(
        ErrorCode::BadRequest,
        format!("'{name}' is no property that a client may set"),
    ))
}
