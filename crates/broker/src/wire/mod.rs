//! Bytes on a connection: frames, request headers, answers, and the versions this broker speaks.
//! Knows nothing of what requests mean.

mod answer;
mod frame;
mod header;
mod outgoing;
mod schema;
mod versions;

pub(crate) use answer::{Answer, encode};
pub(crate) use frame::{Frame, FrameReader};
pub(crate) use header::parse_header;
pub(crate) use outgoing::{Outgoing, Pieces};
#[cfg(test)]
pub(crate) use schema::compose;
pub(crate) use schema::{check_assignment, check_body, check_subscription};
pub(crate) use versions::{SUPPORTED, Supported, supported};
