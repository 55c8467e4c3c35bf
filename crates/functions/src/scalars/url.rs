//! Functions that take URLs apart, and those that encode their parameters.

use super::rows::{map1, map2};
use super::uri::{Uri, form_decoded, form_encoded};
use crate::{Registry, Scalar};

const CATEGORY: &str = "URL";

/// A function that gives one part of a URL.
macro_rules! part {
    ($name:literal, $description:literal, $signature:literal, $part:ident) => {
        Scalar::new($name, CATEGORY, $description).overload($signature, |call| {
            map1(call, |url: &str| Uri::parse(url).map(|uri| uri.$part))
        })
    };
}

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    let functions = [
        part!("URL_EXTRACT_FRAGMENT", "The fragment of a URL.", "(STRING) -> STRING", fragment),
        part!("URL_EXTRACT_HOST", "The host of a URL.", "(STRING) -> STRING", host),
        part!("URL_EXTRACT_PATH", "The path of a URL.", "(STRING) -> STRING", path),
        part!("URL_EXTRACT_PORT", "The port that a URL names.", "(STRING) -> INT", port),
        part!("URL_EXTRACT_PROTOCOL", "The protocol of a URL.", "(STRING) -> STRING", scheme),
        part!("URL_EXTRACT_QUERY", "The query of a URL.", "(STRING) -> STRING", query),
        extract_parameter(),
        encode_param(),
        decode_param(),
    ];
    functions.into_iter().for_each(|function| registry.add_scalar(function));
}

fn extract_parameter() -> Scalar {
    Scalar::new("URL_EXTRACT_PARAMETER", CATEGORY, "A parameter in the query of a URL.").overload(
        "(STRING, STRING) -> STRING",
        |call| {
            map2(call, |url: &str, name: &str| {
                let query = Uri::parse(url)?.query;
                Ok::<_, String>(query.and_then(|query| parameter(&query, name).map(str::to_owned)))
            })
        },
    )
}

fn encode_param() -> Scalar {
    Scalar::new("URL_ENCODE_PARAM", CATEGORY, "A text encoded as a parameter of a URL.")
        .overload("(STRING) -> STRING", |call| map1(call, form_encoded))
}

fn decode_param() -> Scalar {
    Scalar::new("URL_DECODE_PARAM", CATEGORY, "The text that a parameter of a URL encodes.")
        .overload("(STRING) -> STRING", |call| map1(call, form_decoded))
}

/// The value of the first parameter called `name`; empty if it has none.
fn parameter<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    let parameters =
        query.split('&').map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")));
    parameters.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use crate::scalars::testing::{evaluate, fails, text};
    use types::Value;

    #[test]
    fn urls_are_taken_apart() {
        let url = "http://test@confluent.io:8080/nested/path?q=a%20b&jobs#frag";
        for (name, expected) in [
            ("URL_EXTRACT_FRAGMENT", Value::string("frag")),
            ("URL_EXTRACT_HOST", Value::string("confluent.io")),
            ("URL_EXTRACT_PATH", Value::string("/nested/path")),
            ("URL_EXTRACT_PORT", Value::Integer(8080)),
            ("URL_EXTRACT_PROTOCOL", Value::string("http")),
            ("URL_EXTRACT_QUERY", Value::string("q=a b&jobs")),
        ] {
            assert_eq!(evaluate(name, &[text(url)]), expected, "{name}");
        }
        let parameter = |name| evaluate("URL_EXTRACT_PARAMETER", &[text(url), text(name)]);
        assert_eq!(parameter("q"), Value::string("a b"));
        assert_eq!(parameter("jobs"), Value::string(""));
        assert_eq!(parameter("x"), Value::Null);
    }

    #[test]
    fn absent_parts_are_null() {
        let bare = || text("www.confluent.io");
        for name in
            ["URL_EXTRACT_FRAGMENT", "URL_EXTRACT_HOST", "URL_EXTRACT_PORT", "URL_EXTRACT_PROTOCOL"]
        {
            assert_eq!(evaluate(name, &[bare()]), Value::Null, "{name}");
        }
        let query = evaluate("URL_EXTRACT_QUERY", &[text("http://www.test.com?query#fragment")]);
        assert_eq!(query, Value::string("query"));
        assert_eq!(evaluate("URL_EXTRACT_HOST", &[text("http://a_b/")]), Value::Null);
        assert!(fails("URL_EXTRACT_HOST", &[text("http://a b/")]));
        assert!(fails("URL_EXTRACT_HOST", &[text("http://a/%zz")]));
    }

    #[test]
    fn parameters_are_encoded() {
        assert_eq!(evaluate("URL_ENCODE_PARAM", &[text("a b/é*")]), Value::string("a+b%2F%C3%A9*"));
        assert_eq!(evaluate("URL_DECODE_PARAM", &[text("a+b%2F%C3%A9")]), Value::string("a b/é"));
        assert!(fails("URL_DECODE_PARAM", &[text("%")]));
    }
}
