//! Dates and times to and from texts, by Java's patterns.
//!
//! The deprecated functions without a zone use UTC, where ksqlDB uses the server's own zone.

use types::text::DAY_MS;

use super::rows::{Days, Memo, TimeMs, TimestampMs, map2, map3};
use crate::datetime::{Formatter, LenientDateFormat, Zone};
use crate::{Registry, Scalar};

const CATEGORY: &str = "DATE / TIME";

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    let functions = [
        format_date(),
        format_time(),
        format_timestamp(),
        parse_date(),
        parse_time(),
        parse_timestamp(),
        date_to_string(),
        string_to_date(),
        string_to_timestamp(),
        timestamp_to_string(),
    ];
    functions.into_iter().for_each(|function| registry.add_scalar(function));
}

fn format_date() -> Scalar {
    Scalar::new("FORMAT_DATE", CATEGORY, "A date as text, by a pattern.").overload(
        "(DATE, STRING) -> STRING",
        |call| {
            let mut formats = Memo::new(Formatter::compile);
            map2(call, |date: Days, pattern: &str| formats.of(pattern)?.format_date(date.0))
        },
    )
}

fn format_time() -> Scalar {
    Scalar::new("FORMAT_TIME", CATEGORY, "A time as text, by a pattern.").overload(
        "(TIME, STRING) -> STRING",
        |call| {
            let mut formats = Memo::new(Formatter::compile);
            map2(call, |time: TimeMs, pattern: &str| formats.of(pattern)?.format_time(time.0))
        },
    )
}

fn format_timestamp() -> Scalar {
    Scalar::new(
        "FORMAT_TIMESTAMP",
        CATEGORY,
        "A timestamp as text, by a pattern, in a time zone (GMT).",
    )
    .overload("(TIMESTAMP, STRING) -> STRING", |call| {
        let mut texts = Texts::new();
        map2(call, |timestamp: TimestampMs, pattern: &str| texts.format(timestamp.0, pattern, None))
    })
    .overload("(TIMESTAMP, STRING, STRING) -> STRING", |call| {
        let mut texts = Texts::new();
        map3(call, |timestamp: TimestampMs, pattern: &str, zone: &str| {
            texts.format(timestamp.0, pattern, Some(zone))
        })
    })
}

fn parse_date() -> Scalar {
    Scalar::new("PARSE_DATE", CATEGORY, "A date from a text, by a pattern.").overload(
        "(STRING, STRING) -> DATE",
        |call| {
            let mut formats = Memo::new(LenientDateFormat::compile);
            let now_ms = call.environment.now_ms();
            map2(call, |text: &str, pattern: &str| {
                whole_days(formats.of(pattern)?.parse(text, now_ms)?)
            })
        },
    )
}

fn parse_time() -> Scalar {
    Scalar::new("PARSE_TIME", CATEGORY, "A time from a text, by a pattern.").overload(
        "(STRING, STRING) -> TIME",
        |call| {
            let mut formats = Memo::new(Formatter::compile);
            map2(call, |text: &str, pattern: &str| {
                formats.of(pattern)?.parse_time(text).map(TimeMs)
            })
        },
    )
}

fn parse_timestamp() -> Scalar {
    Scalar::new(
        "PARSE_TIMESTAMP",
        CATEGORY,
        "A timestamp from a text, by a pattern; the zone is that of the text, else the given one (GMT).",
    )
    .overload("(STRING, STRING) -> TIMESTAMP", |call| {
        let mut texts = Texts::new();
        map2(call, |text: &str, pattern: &str| texts.parse(text, pattern, None).map(TimestampMs))
    })
    .overload("(STRING, STRING, STRING) -> TIMESTAMP", |call| {
        let mut texts = Texts::new();
        map3(call, |text: &str, pattern: &str, zone: &str| {
            texts.parse(text, pattern, Some(zone)).map(TimestampMs)
        })
    })
}

fn date_to_string() -> Scalar {
    Scalar::new(
        "DATETOSTRING",
        CATEGORY,
        "Deprecated: use FORMAT_DATE. Days since 1970-01-01 as text.",
    )
    .overload("(INT, STRING) -> STRING", |call| {
        let mut formats = Memo::new(Formatter::compile);
        map2(call, |days: i32, pattern: &str| formats.of(pattern)?.format_date(days))
    })
}

fn string_to_date() -> Scalar {
    Scalar::new(
        "STRINGTODATE",
        CATEGORY,
        "Deprecated: use PARSE_DATE. Days since 1970-01-01 of a text.",
    )
    .overload("(STRING, STRING) -> INT", |call| {
        let mut formats = Memo::new(Formatter::compile);
        map2(call, |text: &str, pattern: &str| formats.of(pattern)?.parse_date(text))
    })
}

fn string_to_timestamp() -> Scalar {
    Scalar::new(
        "STRINGTOTIMESTAMP",
        CATEGORY,
        "Deprecated: use PARSE_TIMESTAMP. Epoch milliseconds of a text.",
    )
    .overload("(STRING, STRING) -> BIGINT", |call| {
        let mut texts = Texts::new();
        map2(call, |text: &str, pattern: &str| texts.parse(text, pattern, None))
    })
    .overload("(STRING, STRING, STRING) -> BIGINT", |call| {
        let mut texts = Texts::new();
        map3(call, |text: &str, pattern: &str, zone: &str| texts.parse(text, pattern, Some(zone)))
    })
}

fn timestamp_to_string() -> Scalar {
    Scalar::new(
        "TIMESTAMPTOSTRING",
        CATEGORY,
        "Deprecated: use FORMAT_TIMESTAMP. Epoch milliseconds as text.",
    )
    .overload("(BIGINT, STRING) -> STRING", |call| {
        let mut texts = Texts::new();
        map2(call, |timestamp_ms: i64, pattern: &str| texts.format(timestamp_ms, pattern, None))
    })
    .overload("(BIGINT, STRING, STRING) -> STRING", |call| {
        let mut texts = Texts::new();
        map3(call, |timestamp_ms: i64, pattern: &str, zone: &str| {
            texts.format(timestamp_ms, pattern, Some(zone))
        })
    })
}

/// Timestamps to and from texts, with the last pattern and zone at hand.
struct Texts {
    formats: Memo<Formatter>,
    zones: Memo<Zone>,
}

impl Texts {
    fn new() -> Self {
        Self { formats: Memo::new(Formatter::compile), zones: Memo::new(Zone::parse) }
    }

    fn format(
        &mut self,
        timestamp_ms: i64,
        pattern: &str,
        zone: Option<&str>,
    ) -> Result<String, String> {
        let zone = self.zones.of(zone.unwrap_or("GMT"))?;
        self.formats.of(pattern)?.format_timestamp(timestamp_ms, zone)
    }

    fn parse(&mut self, text: &str, pattern: &str, zone: Option<&str>) -> Result<i64, String> {
        let zone = self.zones.of(zone.unwrap_or("GMT"))?;
        self.formats.of(pattern)?.parse_timestamp(text, zone)
    }
}

fn whole_days(timestamp_ms: i64) -> Result<Days, String> {
    if timestamp_ms % DAY_MS != 0 {
        return Err("the date format has a field of a time".to_owned());
    }
    i32::try_from(timestamp_ms / DAY_MS)
        .map(Days)
        .map_err(|_| "the date is out of range".to_owned())
}

#[cfg(test)]
mod tests {
    use crate::scalars::testing::{Typed, evaluate, fails, text};
    use types::{SqlType, Value};

    fn timestamp(value: i64) -> Typed {
        (SqlType::Timestamp, Value::Timestamp(value))
    }

    #[test]
    fn timestamps_are_written_in_their_zone() {
        let pattern = || text("yyyy-MM-dd HH:mm:ss zzz");
        let format = |zone| {
            evaluate("FORMAT_TIMESTAMP", &[timestamp(1_526_075_913_000), pattern(), text(zone)])
        };
        assert_eq!(format("America/Los_Angeles"), Value::string("2018-05-11 14:58:33 PDT"));
        assert_eq!(format("Europe/London"), Value::string("2018-05-11 22:58:33 BST"));
        let default = evaluate("FORMAT_TIMESTAMP", &[timestamp(1_526_075_913_000), pattern()]);
        assert_eq!(default, Value::string("2018-05-11 21:58:33 GMT"));
        assert!(fails("FORMAT_TIMESTAMP", &[timestamp(0), pattern(), text("Mars")]));
    }

    #[test]
    fn timestamps_are_read_with_the_zone_of_the_text() {
        let pattern = || text("yyyy-MM-dd'T'HH:mm:ss zzz");
        let parse =
            |input| evaluate("PARSE_TIMESTAMP", &[text(input), pattern(), text("Asia/Tokyo")]);
        assert_eq!(parse("2018-05-11T21:58:33 PST"), timestamp(1_526_101_113_000).1);
        let arguments = [text("1970-01-01"), text("yyyy-MM-dd"), text("+01:00")];
        assert_eq!(evaluate("STRINGTOTIMESTAMP", &arguments), Value::Bigint(-3_600_000));
    }

    #[test]
    fn dates_are_read_leniently() {
        let parse = |input, pattern| evaluate("PARSE_DATE", &[text(input), text(pattern)]);
        assert_eq!(parse("2018-05-11Lit", "yyyy-MM-dd'Lit'"), Value::Date(17_662));
        assert_eq!(parse("JAN-2022", "MMM-yyyy"), Value::Date(18_993));
        assert!(fails("PARSE_DATE", &[text("2022-01-01 05"), text("yyyy-MM-dd HH")]));
        let strict = [text("01-Jan-2022"), text("dd-MMM-yyyy")];
        assert_eq!(evaluate("STRINGTODATE", &strict), Value::Integer(18_993));
        let days = [(SqlType::Integer, Value::Integer(18_993)), text("dd-MMM-yyyy")];
        assert_eq!(evaluate("DATETOSTRING", &days), Value::string("01-Jan-2022"));
    }

    #[test]
    fn times_are_read_and_written() {
        let time = (SqlType::Time, Value::Time(1_234_567));
        assert_eq!(evaluate("FORMAT_TIME", &[time, text("HHmmss'A'")]), Value::string("002034A"));
        assert_eq!(evaluate("PARSE_TIME", &[text("7:05"), text("H:mm")]), Value::Time(25_500_000));
        assert!(fails("PARSE_TIME", &[text("2020 7"), text("yyyy H")]));
    }
}
