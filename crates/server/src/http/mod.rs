//! HTTP below the APIs: connections, tasks, media types, request bodies.

mod blocking;
mod body;
mod connection;
mod media;
mod task;

pub use blocking::{Panicked, blocking};
pub use body::{BODY_BYTES_MAX, BodyError, json_body};
pub use connection::Acceptor;
pub use media::{Media, accepts, foreign_content};
pub use task::spawn;
