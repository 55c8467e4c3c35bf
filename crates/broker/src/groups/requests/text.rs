//! Strings between the wire and the coordinator. What the coordinator keeps is copied: a slice of a
//! request would keep the whole request in memory.

use std::sync::Arc;

use kafka_protocol::protocol::StrBytes;

/// A copy to keep.
pub(super) fn owned(text: &StrBytes) -> Arc<str> {
    Arc::from(text.as_str())
}

/// A copy to keep, if there is something.
pub(super) fn owned_option(text: Option<&StrBytes>) -> Option<Arc<str>> {
    text.map(owned)
}

/// What a request says, if it says something.
pub(super) fn said(text: &Option<StrBytes>) -> Option<&str> {
    text.as_ref().map(StrBytes::as_str)
}

/// For an answer.
pub(super) fn wire(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

/// For an answer, if there is something.
pub(super) fn wire_option(text: Option<&Arc<str>>) -> Option<StrBytes> {
    text.map(|text| wire(text))
}
