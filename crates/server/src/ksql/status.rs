//! `GET /status`: how definitions went. They are carried out before they are answered, so each that
//! has a status has succeeded.

use axum::extract::{Path, State};
use axum::response::Response;
use engine::ErrorCode;
use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::routes::Ksql;
use super::statements::json_response;
use crate::http::Media;

const SUCCESS: &str = "SUCCESS";

/// Of all definitions since the start.
pub async fn all(State(ksql): State<Ksql>) -> Response {
    let statuses = ksql.engine().command_statuses();
    let statuses: Map<String, Value> =
        statuses.into_keys().map(|id| (id, SUCCESS.into())).collect();
    json_response(Media::Ksql, &json!({ "commandStatuses": statuses }))
}

/// Of one.
pub async fn one(
    State(ksql): State<Ksql>,
    Path((kind, entity, action)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let id = format!("{kind}/{entity}/{action}");
    let statuses = ksql.engine().command_statuses();
    // Ids quote names only where ksqlDB's do; whoever asks need not know where that is.
    let unquoted = |id: &str| id.replace('`', "");
    let found = statuses.iter().find(|(known, _)| unquoted(known) == unquoted(&id));
    let Some((_, status)) = found else {
        return Err(Refusal::new(ErrorCode::NotFound, format!("No command {id} since the start")));
    };
    let body = json!({ "status": SUCCESS, "message": status.message, "queryId": status.query_id });
    Ok(json_response(Media::Ksql, &body))
}
