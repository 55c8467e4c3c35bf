//! `/compatibility`: whether a schema could be registered.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use registry::{Registry, VersionSpec};
use serde_json::json;

use super::answer::{Result, ask, ok};
use super::requests::{Parameters, SchemaBody};
use crate::http::json_body;

type Shared = State<Arc<Registry>>;

/// Against the versions that the subject's level names.
pub async fn with_level(
    State(registry): Shared,
    Path(subject): Path<String>,
    Query(parameters): Query<Parameters>,
    body: Body,
) -> Result {
    check(registry, subject, None, &parameters, body).await
}

/// Against one version.
pub async fn with_version(
    State(registry): Shared,
    Path((subject, version)): Path<(String, String)>,
    Query(parameters): Query<Parameters>,
    body: Body,
) -> Result {
    check(registry, subject, Some(version.parse()?), &parameters, body).await
}

async fn check(
    registry: Arc<Registry>,
    subject: String,
    spec: Option<VersionSpec>,
    parameters: &Parameters,
    body: Body,
) -> Result {
    let schema = json_body::<SchemaBody>(body).await?.into_schema()?;
    let findings = ask(registry, move |r| r.check_compatibility(&subject, spec, &schema)).await?;
    let mut answer = json!({ "is_compatible": findings.is_empty() });
    if parameters.verbose {
        answer["messages"] = json!(findings);
    }
    Ok(ok(answer))
}
