//! Against what Java gives; see the head of the file of vectors.

use super::{Formatter, LenientDateFormat, Zone};

const VECTORS: &str = include_str!("testdata/java_patterns.txt");
/// 2026-06-30, by which two-digit years get their century.
const NOW_MS: i64 = 1_782_777_600_000;

fn run(kind: &str, pattern: &str, input: &str, zone: &str) -> Result<String, String> {
    let milliseconds = |result: Result<i64, String>| result.map(|ms| ms.to_string());
    match kind {
        "F" => {
            let timestamp_ms = input.parse().map_err(|_| "no number".to_owned())?;
            Formatter::compile(pattern)?.format_timestamp(timestamp_ms, &Zone::parse(zone)?)
        }
        "P" => milliseconds(Formatter::compile(pattern)?.parse_timestamp(input, &Zone::gmt())),
        "L" => milliseconds(LenientDateFormat::compile(pattern)?.parse(input, NOW_MS)),
        other => panic!("unknown kind of vector: {other}"),
    }
}

#[test]
fn patterns_work_as_in_java() {
    let mut wrong = Vec::new();
    for line in VECTORS.lines().filter(|line| !line.starts_with('#')) {
        let [kind, pattern, input, zone, expected] =
            line.split('\t').collect::<Vec<_>>().try_into().expect("a vector has five parts");
        let result = run(kind, pattern, input, zone);
        if result.clone().unwrap_or_else(|_| "!".to_owned()) != expected {
            wrong.push(format!("{line}\n    got {result:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} vectors differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn dates_and_times_alone() {
    let of = |pattern| Formatter::compile(pattern).expect("a pattern");
    assert_eq!(of("dd-MMM-yyyy").format_date(18_993).as_deref(), Ok("01-Jan-2022"));
    assert_eq!(of("dd-MM-yyyy'Sophia'").format_date(-1).as_deref(), Ok("31-12-1969Sophia"));
    assert!(of("yyyy HH").format_date(0).is_err());
    assert!(of("yyyy").format_date(i32::MAX).is_err());
    assert_eq!(of("HH_mm_ss_SSS").format_time(65_000).as_deref(), Ok("00_01_05_000"));
    assert!(of("yyyy").format_time(0).is_err() && of("HH").format_time(-1).is_err());
    assert_eq!(of("yyyy-MM-dd").parse_date("2022-01-01"), Ok(18_993));
    assert!(of("yyyy-MM").parse_date("2022-01").is_err());
    assert_eq!(of("h:mm a").parse_time("1:02 pm"), Ok(46_920_000));
    assert!(of("yyyy HH").parse_time("2022 01").is_err() && of("mm").parse_time("01").is_err());
}

#[test]
fn patterns_have_limits() {
    assert!(Formatter::compile(&"y".repeat(20)).is_err());
    assert!(Formatter::compile(&"[".repeat(100_000)).is_err());
    assert!(Formatter::compile("[yyyy[-MM[-dd]]]").is_ok());
}

#[test]
fn zones_have_javas_names() {
    for (id, name) in [
        ("Z", "Z"),
        ("+2", "+02:00"),
        ("-0230", "-02:30"),
        ("+01:02:03", "+01:02:03"),
        ("UTC+2", "UTC+02:00"),
        ("GMT", "GMT"),
        ("GMT+0", "GMT"),
        ("Europe/Paris", "Europe/Paris"),
    ] {
        assert_eq!(Zone::parse(id).expect(id).id(), name);
    }
    for id in ["", "Nowhere/Land", "+25", "+1:2", "PST8", "+", "+123456789"] {
        assert!(Zone::parse(id).is_err(), "{id}");
    }
}
