//! ksqlDB's REST API: the JSON of its requests, entities and row streams.

mod entity_json;
mod row_json;
