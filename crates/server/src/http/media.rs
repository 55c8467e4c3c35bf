//! Media types, and which of them a client accepts.

use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderMap};

/// The media types of ksqlDB's API (spec section 8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/vnd.ksql.v1+json`.
    Ksql,
    /// `application/json`.
    Json,
    /// `application/vnd.ksqlapi.delimited.v1`.
    Delimited,
}

impl Media {
    /// The type's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ksql => "application/vnd.ksql.v1+json",
            Self::Json => "application/json",
            Self::Delimited => "application/vnd.ksqlapi.delimited.v1",
        }
    }
}

/// The media type to answer with: the one of `offered` that the client likes best, and the first when
/// it has no preference. `None` when it accepts none of them.
pub fn accepts(headers: &HeaderMap, offered: &[Media]) -> Option<Media> {
    let mut ranges: Vec<(f32, String)> = Vec::new();
    for value in headers.get_all(ACCEPT) {
        let text = value.to_str().unwrap_or_default();
        ranges.extend(text.split(',').filter_map(range));
    }
    if ranges.is_empty() {
        return offered.first().copied();
    }
    // The sort is stable, so ranges of equal weight keep the client's order.
    ranges.sort_by(|left, right| right.0.total_cmp(&left.0));
    ranges.iter().filter(|(weight, _)| *weight > 0.0).find_map(|(_, range)| matched(range, offered))
}

/// What a client sends that names no type of its own: `curl -d` without a header.
const FORM: &str = "application/x-www-form-urlencoded";

/// The content type of a request whose body can't be taken for JSON; `None` when it can, or says
/// nothing. A form's type counts as saying nothing, since ksqlDB's own examples use curl so.
pub fn foreign_content(headers: &HeaderMap) -> Option<String> {
    let said = headers.get(CONTENT_TYPE)?.to_str().unwrap_or_default();
    let name = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let known = [Media::Ksql, Media::Json, Media::Delimited];
    let is_json = name == FORM || known.iter().any(|media| media.name() == name);
    (!is_json).then(|| said.to_owned())
}

/// One range with its weight.
fn range(text: &str) -> Option<(f32, String)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?.to_ascii_lowercase();
    let weight = parts.find_map(|part| part.strip_prefix("q=")).and_then(|q| q.parse().ok());
    Some((weight.unwrap_or(1.0), name))
}

fn matched(range: &str, offered: &[Media]) -> Option<Media> {
    match range {
        "*/*" | "application/*" => offered.first().copied(),
        name => offered.iter().copied().find(|media| media.name() == name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().expect("a header value"));
        accepts(&headers, &[Media::Ksql, Media::Json])
    }

    #[test]
    fn the_best_liked_offer_wins() {
        assert_eq!(accepts(&HeaderMap::new(), &[Media::Delimited]), Some(Media::Delimited));
        assert_eq!(chosen("*/*"), Some(Media::Ksql));
        assert_eq!(chosen("text/html, application/json;q=0.5, */*;q=0.1"), Some(Media::Json));
        assert_eq!(chosen("application/vnd.ksql.v1+json; charset=utf-8"), Some(Media::Ksql));
        assert_eq!(chosen("text/html"), None);
        assert_eq!(chosen("application/json;q=0"), None);
    }

    #[test]
    fn bodies_are_json_unless_they_say_otherwise() {
        let mut headers = HeaderMap::new();
        assert_eq!(foreign_content(&headers), None);
        headers.insert(CONTENT_TYPE, "Application/JSON; charset=utf-8".parse().expect("a value"));
        assert_eq!(foreign_content(&headers), None);
        headers.insert(CONTENT_TYPE, "text/plain".parse().expect("a value"));
        assert_eq!(foreign_content(&headers).as_deref(), Some("text/plain"));
        headers.insert(CONTENT_TYPE, FORM.parse().expect("a value"));
        assert_eq!(foreign_content(&headers), None);
    }
}
