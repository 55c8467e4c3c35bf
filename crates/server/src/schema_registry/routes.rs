//! Which path is answered by what.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use registry::Registry;
use serde_json::json;

use super::answer::{Answer, Refusal, ok};
use super::{compatibility, schemas, settings, subjects};

/// The registry's API.
pub fn router(registry: &Arc<Registry>) -> Router {
    Router::new()
        .route("/", get(|| async { Answer::from(json!({})) }))
        .route("/subjects", get(subjects::list))
        .route("/subjects/{subject}", post(subjects::lookup).delete(subjects::delete))
        .route("/subjects/{subject}/versions", get(subjects::versions).post(subjects::register))
        .route(
            "/subjects/{subject}/versions/{version}",
            get(subjects::version).delete(subjects::delete_version),
        )
        .route("/subjects/{subject}/versions/{version}/schema", get(subjects::version_text))
        .route("/subjects/{subject}/versions/{version}/referencedby", get(subjects::referenced_by))
        .route("/schemas", get(schemas::all))
        .route("/schemas/types", get(|| async { ok(json!(["AVRO", "JSON", "PROTOBUF"])) }))
        .route("/schemas/ids/{id}", get(schemas::by_id))
        .route("/schemas/ids/{id}/schema", get(schemas::text_by_id))
        .route("/schemas/ids/{id}/subjects", get(schemas::subjects_of))
        .route("/schemas/ids/{id}/versions", get(schemas::versions_of))
        .route(
            "/config",
            get(settings::level).put(settings::set_level).delete(settings::reset_level),
        )
        .route(
            "/config/{subject}",
            get(settings::subject_level)
                .put(settings::set_subject_level)
                .delete(settings::delete_subject_level),
        )
        .route("/mode", get(settings::mode).put(settings::set_mode))
        .route(
            "/mode/{subject}",
            get(settings::subject_mode)
                .put(settings::set_subject_mode)
                .delete(settings::delete_subject_mode),
        )
        .route("/compatibility/subjects/{subject}/versions", post(compatibility::with_level))
        .route(
            "/compatibility/subjects/{subject}/versions/{version}",
            post(compatibility::with_version),
        )
        .fallback(|| async { Refusal::not_found() })
        .method_not_allowed_fallback(|| async { Refusal::method_not_allowed() })
        .with_state(Arc::clone(registry))
}
