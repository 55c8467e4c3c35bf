//! `/config` and `/mode`: global and subjects' own.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use registry::{CompatibilityLevel, Mode, Registry};
use serde::Deserialize;
use serde_json::json;

use super::answer::{Answer, Result, ask, ok};
use super::requests::Parameters;
use crate::http::json_body;

type Shared = State<Arc<Registry>>;

#[derive(Debug, Deserialize)]
struct LevelBody {
    compatibility: String,
}

#[derive(Debug, Deserialize)]
struct ModeBody {
    mode: String,
}

fn level_json(level: CompatibilityLevel) -> Answer {
    ok(json!({ "compatibilityLevel": level.name() }))
}

fn mode_json(mode: Mode) -> Answer {
    ok(json!({ "mode": mode.name() }))
}

/// `GET /config`.
pub async fn level(State(registry): Shared) -> Result {
    Ok(level_json(ask(registry, |r| Ok(r.global_level())).await?))
}

/// `GET /config/{subject}`.
pub async fn subject_level(
    State(registry): Shared,
    Path(subject): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Result {
    let level = ask(registry, move |registry| match parameters.default_to_global {
        true => Ok(registry.effective_level(&subject)),
        false => registry.subject_level(&subject),
    });
    Ok(level_json(level.await?))
}

/// `PUT /config`.
pub async fn set_level(State(registry): Shared, body: Body) -> Result {
    put_level(registry, None, body).await
}

/// `PUT /config/{subject}`.
pub async fn set_subject_level(
    State(registry): Shared,
    Path(subject): Path<String>,
    body: Body,
) -> Result {
    put_level(registry, Some(subject), body).await
}

async fn put_level(registry: Arc<Registry>, subject: Option<String>, body: Body) -> Result {
    let level: CompatibilityLevel = json_body::<LevelBody>(body).await?.compatibility.parse()?;
    ask(registry, move |r| r.set_level(subject.as_deref(), level)).await?;
    Ok(ok(json!({ "compatibility": level.name() })))
}

/// `DELETE /config`.
pub async fn reset_level(State(registry): Shared) -> Result {
    Ok(level_json(ask(registry, |r| r.delete_level(None)).await?))
}

/// `DELETE /config/{subject}`.
pub async fn delete_subject_level(State(registry): Shared, Path(subject): Path<String>) -> Result {
    Ok(level_json(ask(registry, move |r| r.delete_level(Some(&subject))).await?))
}

/// `GET /mode`.
pub async fn mode(State(registry): Shared) -> Result {
    Ok(mode_json(ask(registry, |r| Ok(r.global_mode())).await?))
}

/// `GET /mode/{subject}`.
pub async fn subject_mode(
    State(registry): Shared,
    Path(subject): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Result {
    let mode = ask(registry, move |registry| match parameters.default_to_global {
        true => Ok(registry.effective_mode(&subject)),
        false => registry.subject_mode(&subject),
    });
    Ok(mode_json(mode.await?))
}

/// `PUT /mode`.
pub async fn set_mode(
    State(registry): Shared,
    Query(parameters): Query<Parameters>,
    body: Body,
) -> Result {
    put_mode(registry, None, &parameters, body).await
}

/// `PUT /mode/{subject}`.
pub async fn set_subject_mode(
    State(registry): Shared,
    Path(subject): Path<String>,
    Query(parameters): Query<Parameters>,
    body: Body,
) -> Result {
    put_mode(registry, Some(subject), &parameters, body).await
}

async fn put_mode(
    registry: Arc<Registry>,
    subject: Option<String>,
    parameters: &Parameters,
    body: Body,
) -> Result {
    let mode: Mode = json_body::<ModeBody>(body).await?.mode.parse()?;
    let force = parameters.force;
    ask(registry, move |r| r.set_mode(subject.as_deref(), mode, force)).await?;
    Ok(mode_json(mode))
}

/// `DELETE /mode/{subject}`.
pub async fn delete_subject_mode(State(registry): Shared, Path(subject): Path<String>) -> Result {
    Ok(mode_json(ask(registry, move |r| r.delete_mode(&subject)).await?))
}
