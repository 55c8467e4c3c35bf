//! `/schemas`: schemas by id.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use registry::{Registry, Schema, SubjectVersion, VersionSpec};
use serde_json::{Value, json};
use types::SchemaId;

use super::answer::{Answer, Result, ask, ok};
use super::requests::{Parameters, describe, version_json};

type Shared = State<Arc<Registry>>;

/// `GET /schemas`: every version of every subject.
pub async fn all(State(registry): Shared, Query(parameters): Query<Parameters>) -> Result {
    let found = ask(registry, move |registry| every_version(registry, &parameters)).await?;
    Ok(ok(found.iter().map(version_json).collect()))
}

fn every_version(
    registry: &Registry,
    parameters: &Parameters,
) -> registry::Result<Vec<SubjectVersion>> {
    let mut found = Vec::new();
    for subject in registry.subjects(&parameters.subject_prefix, parameters.deleted) {
        if parameters.latest_only {
            found.push(registry.version(&subject, VersionSpec::Latest, parameters.deleted)?);
            continue;
        }
        for version in registry.versions(&subject, parameters.deleted)? {
            let spec = VersionSpec::Number(version);
            found.push(registry.version(&subject, spec, parameters.deleted)?);
        }
    }
    Ok(found)
}

/// `GET /schemas/ids/{id}`.
pub async fn by_id(State(registry): Shared, Path(id): Path<i32>) -> Result {
    let schema = ask(registry, move |r| r.schema(SchemaId(id))).await?;
    let mut object = json!({});
    describe(&mut object, &schema);
    Ok(ok(object))
}

/// `GET /schemas/ids/{id}/schema`.
pub async fn text_by_id(State(registry): Shared, Path(id): Path<i32>) -> Result {
    Ok(text(&ask(registry, move |r| r.schema(SchemaId(id))).await?))
}

/// The schema itself: as it is when it is JSON, else as a string.
pub fn text(schema: &Schema) -> Answer {
    let parsed = serde_json::from_str::<Value>(&schema.text);
    ok(parsed.unwrap_or_else(|_| (&*schema.text).into()))
}

/// `GET /schemas/ids/{id}/subjects`.
pub async fn subjects_of(
    State(registry): Shared,
    Path(id): Path<i32>,
    Query(parameters): Query<Parameters>,
) -> Result {
    let found = ask(registry, move |r| r.versions_of_schema(SchemaId(id), parameters.deleted));
    let found = found.await?;
    let mut subjects: Vec<&str> = found.iter().map(|version| version.subject.as_str()).collect();
    subjects.dedup();
    Ok(ok(json!(subjects)))
}

/// `GET /schemas/ids/{id}/versions`.
pub async fn versions_of(
    State(registry): Shared,
    Path(id): Path<i32>,
    Query(parameters): Query<Parameters>,
) -> Result {
    let found = ask(registry, move |r| r.versions_of_schema(SchemaId(id), parameters.deleted));
    let one = |v: &SubjectVersion| json!({ "subject": v.subject, "version": v.version });
    Ok(ok(found.await?.iter().map(one).collect()))
}
