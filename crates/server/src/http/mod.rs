//! HTTP below the APIs: connections, media types, request bodies.

mod blocking;
mod body;
mod connection;
mod media;

pub use blocking::{Panicked, blocking};
pub use body::{BODY_BYTES_MAX, BodyError, json_body};
pub use connection::HttpService;
pub use media::{Media, accepts, foreign_content};
