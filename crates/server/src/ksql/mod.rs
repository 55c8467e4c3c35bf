//! ksqlDB's REST API (spec section 8): routes, the JSON of requests, entities, errors and row streams.

mod entity_json;
pub mod in_process;
mod inserts;
mod print;
mod query;
mod refusal;
mod request_json;
mod routes;
mod row_format;
mod row_json;
mod row_stream;
mod server_info;
mod statements;
mod status;
mod websocket;

pub use routes::router;
