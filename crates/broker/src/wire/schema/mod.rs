//! How requests are laid out, to look at their lengths before anything is decoded: the decoder makes
//! room for as many elements as a client says there are, so a few bytes could end the process.
//!
//! The tables follow Kafka's published message descriptions, for the versions this broker answers.
//! A request passes when every length fits what is left of the frame, and when there are no more than
//! a bounded number of elements.

#[cfg(test)]
mod composer;
mod groups;
mod kind;
mod reading;
mod security;
#[cfg(test)]
mod tests;
mod topics;
mod transactions;
mod walker;

#[cfg(test)]
pub(crate) use composer::compose;
use kafka_protocol::messages::ApiKey;

use crate::{Error, Result};
use kind::{Kind, Request};
use walker::{Flaw, Walker};

/// Tables of all requests.
const FAMILIES: [&[Request]; 5] = [
    reading::REQUESTS,
    groups::REQUESTS,
    transactions::REQUESTS,
    topics::REQUESTS,
    security::REQUESTS,
];

/// Fails unless `body` can be a request of `key` in `version`, which must be one that is supported.
///
/// # Errors
/// `Malformed`, with where and what.
pub(crate) fn check_body(key: ApiKey, version: i16, body: &[u8]) -> Result<()> {
    let Some(request) = find(key) else {
        return Err(Error::Malformed(format!("there is no layout of {key:?}")));
    };
    check(&request.body, version, version >= request.flexible_since, body)
}

/// Fails unless `subscription` can be what a consumer tells its group, in `version`.
///
/// # Errors
/// `Malformed`, with where and what.
pub(crate) fn check_subscription(version: i16, subscription: &[u8]) -> Result<()> {
    check(&groups::SUBSCRIPTION, version, false, subscription)
}

/// Fails unless `assignment` can be what a consumer's leader gives it, which is alike in all versions.
///
/// # Errors
/// `Malformed`, with where and what.
pub(crate) fn check_assignment(assignment: &[u8]) -> Result<()> {
    check(&groups::ASSIGNMENT, 0, false, assignment)
}

fn find(key: ApiKey) -> Option<&'static Request> {
    FAMILIES.iter().copied().flatten().find(|request| request.key as i16 == key as i16)
}

fn check(kind: &Kind, version: i16, is_flexible: bool, bytes: &[u8]) -> Result<()> {
    let mut walker = Walker::new(bytes, version, is_flexible);
    let mut path = Vec::new();
    walker.pass(kind, &mut path).map_err(|flaw| malformed(&flaw, &path, walker.left()))
}

/// Fails unless what follows the fixed part of a request's header can be one: the client's id and, from
/// header version 2 on, tagged fields.
///
/// # Errors
/// `Malformed`, with where and what.
pub(crate) fn check_header(header_version: i16, rest: &[u8]) -> Result<()> {
    let mut walker = Walker::new(rest, header_version, header_version >= 2);
    let passed = walker.plain_string().and_then(|()| match header_version {
        ..2 => Ok(()),
        _ => walker.tags(&[], &mut Vec::new()),
    });
    passed.map_err(|flaw| malformed(&flaw, &["header"], walker.left()))
}

fn malformed(flaw: &Flaw, path: &[&str], left: usize) -> Error {
    let place: Vec<&str> = path.iter().rev().copied().collect();
    let place = place.join(".");
    Error::Malformed(match flaw {
        Flaw::Short => format!("{place}: the request ends too early"),
        Flaw::Length(length) => format!("{place}: length {length} with {left} bytes left"),
        Flaw::Crowded => format!("{place}: more than {} elements", walker::ELEMENTS_MAX),
        Flaw::Tag(tag) => format!("{place}: tagged field {tag} is not as long as it says"),
    })
}
