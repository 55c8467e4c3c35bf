//! `/subjects`: registering, looking up and deleting.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use registry::{Registry, VersionSpec};
use serde_json::json;

use super::answer::{Result, ask, ok};
use super::requests::{Parameters, SchemaBody, version_json};
use crate::http::json_body;

type Shared = State<Arc<Registry>>;

/// `GET /subjects`.
pub async fn list(State(registry): Shared, Query(parameters): Query<Parameters>) -> Result {
    let found =
        ask(registry, move |r| Ok(r.subjects(&parameters.subject_prefix, parameters.deleted)));
    Ok(ok(json!(found.await?)))
}

/// `GET /subjects/{subject}/versions`.
pub async fn versions(
    State(registry): Shared,
    Path(subject): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Result {
    let found = ask(registry, move |r| r.versions(&subject, parameters.deleted)).await?;
    Ok(ok(json!(found)))
}

/// `POST /subjects/{subject}/versions`.
pub async fn register(State(registry): Shared, Path(subject): Path<String>, body: Body) -> Result {
    let schema = json_body::<SchemaBody>(body).await?.into_schema()?;
    let id = ask(registry, move |r| r.register(&subject, &schema)).await?;
    Ok(ok(json!({ "id": id.0 })))
}

/// `POST /subjects/{subject}`.
pub async fn lookup(
    State(registry): Shared,
    Path(subject): Path<String>,
    Query(parameters): Query<Parameters>,
    body: Body,
) -> Result {
    let schema = json_body::<SchemaBody>(body).await?.into_schema()?;
    let found = ask(registry, move |r| r.lookup(&subject, &schema, parameters.deleted)).await?;
    Ok(ok(version_json(&found)))
}

/// `DELETE /subjects/{subject}`.
pub async fn delete(
    State(registry): Shared,
    Path(subject): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Result {
    let gone = ask(registry, move |r| r.delete_subject(&subject, parameters.permanent)).await?;
    Ok(ok(json!(gone)))
}

/// `GET /subjects/{subject}/versions/{version}`.
pub async fn version(
    State(registry): Shared,
    Path((subject, version)): Path<(String, String)>,
    Query(parameters): Query<Parameters>,
) -> Result {
    let spec: VersionSpec = version.parse()?;
    let found = ask(registry, move |r| r.version(&subject, spec, parameters.deleted)).await?;
    Ok(ok(version_json(&found)))
}

/// `GET /subjects/{subject}/versions/{version}/schema`.
pub async fn version_text(
    State(registry): Shared,
    Path((subject, version)): Path<(String, String)>,
    Query(parameters): Query<Parameters>,
) -> Result {
    let spec: VersionSpec = version.parse()?;
    let found = ask(registry, move |r| r.version(&subject, spec, parameters.deleted)).await?;
    Ok(super::schemas::text(&found.schema))
}

/// `GET /subjects/{subject}/versions/{version}/referencedby`.
pub async fn referenced_by(
    State(registry): Shared,
    Path((subject, version)): Path<(String, String)>,
) -> Result {
    let spec: VersionSpec = version.parse()?;
    let ids = ask(registry, move |r| r.referenced_by(&subject, spec)).await?;
    Ok(ok(json!(ids.iter().map(|id| id.0).collect::<Vec<i32>>())))
}

/// `DELETE /subjects/{subject}/versions/{version}`.
pub async fn delete_version(
    State(registry): Shared,
    Path((subject, version)): Path<(String, String)>,
    Query(parameters): Query<Parameters>,
) -> Result {
    let spec: VersionSpec = version.parse()?;
    let gone = ask(registry, move |r| r.delete_version(&subject, spec, parameters.permanent));
    Ok(ok(json!(gone.await?)))
}
