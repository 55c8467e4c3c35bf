//! Golden texts, taken from the JDK.

use std::cmp::Ordering;

use super::*;

#[test]
fn doubles_print_as_java_prints_them() {
    let golden = [
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (0.001, "0.001"),
        (0.0012, "0.0012"),
        (0.00099, "9.9E-4"),
        (1.0e-5, "1.0E-5"),
        (123.456, "123.456"),
        (9_999_999.0, "9999999.0"),
        (9_999_999.9, "9999999.9"),
        (1.0e7, "1.0E7"),
        (1.0e10, "1.0E10"),
        (100.0, "100.0"),
        (1_946_195_068_359_375.0, "1.946195068359375E15"),
        (2.0e23, "2.0E23"),
        (f64::MAX, "1.7976931348623157E308"),
        (f64::MIN_POSITIVE, "2.2250738585072014E-308"),
        (f64::from_bits(1), "4.9E-324"),
        (f64::NAN, "NaN"),
        (f64::NEG_INFINITY, "-Infinity"),
    ];
    for (value, text) in golden {
        assert_eq!(double_text(value), text);
    }
}

#[test]
fn doubles_are_read_without_nan_and_infinity() {
    assert_eq!(parse_double(" -1.5e2 "), Some(-150.0));
    assert_eq!(parse_double(".5"), Some(0.5));
    for text in ["NaN", "Infinity", "1e999", "", "abc", "1 2", "0x10"] {
        assert_eq!(parse_double(text), None, "{text:?}");
    }
}

#[test]
fn dates_and_times_survive_the_round_trip() {
    for (days, text) in [(0, "1970-01-01"), (19_782, "2024-02-29"), (-719_528, "0000-01-01")] {
        let mut out = String::new();
        write_date(days, &mut out);
        assert_eq!(out, text);
        assert_eq!(parse_date(text).map(i64::from), Some(days));
    }
    for (time_ms, text) in [(0, "00:00:00"), (10, "00:00:00.010"), (86_399_000, "23:59:59")] {
        let mut out = String::new();
        write_time(time_ms, &mut out);
        assert_eq!(out, text);
        assert_eq!(parse_time(text), Some(time_ms));
    }
    let mut out = String::new();
    write_timestamp(-1, &mut out);
    assert_eq!(out, "1969-12-31T23:59:59.999");
}

#[test]
fn every_day_of_eight_centuries_survives_the_round_trip() {
    let mut text = String::new();
    for days in -146_097..146_097_i32 {
        text.clear();
        write_date(days.into(), &mut text);
        assert_eq!(parse_date(&text), Some(days), "{text}");
    }
}

#[test]
fn partial_texts_are_completed() {
    assert_eq!(parse_date("2018"), Some(17_532));
    assert_eq!(parse_date("2018-02"), Some(17_563));
    assert_eq!(parse_time("00:01"), Some(60_000));
    assert_eq!(parse_time("00:00:00.1234567"), Some(123));
    let golden = [
        ("2018", 1_514_764_800_000),
        ("2018-01-01T00:00:00.001", 1_514_764_800_001),
        ("2022-04-28T21:44:47.943Z", 1_651_182_287_943),
        ("2020-02-10T08:31:44.001+0000", 1_581_323_504_001),
        ("2020-02-10T10:31:44.001+02:00", 1_581_323_504_001),
        ("2020-02-10T08", 1_581_321_600_000),
        ("2020-07-01T00:00-05", 1_593_579_600_000),
        ("2020-07-01T02:00[Europe/Paris]", 1_593_561_600_000),
    ];
    for (text, timestamp_ms) in golden {
        assert_eq!(parse_timestamp(text), Some(timestamp_ms), "{text}");
    }
}

#[test]
fn what_is_no_date_or_time_is_refused() {
    for text in ["", "foo", "20", "2018-13", "2018-02-30", "2018-01-01-01", "-", "2018-é"] {
        assert_eq!(parse_date(text), None, "{text:?}");
        assert_eq!(parse_timestamp(text), None, "{text:?}");
    }
    for text in ["", "00", "24:00", "00:60", "00:00:61", "0:00", "00:00:00.", "00:00:00:00"] {
        assert_eq!(parse_time(text), None, "{text:?}");
    }
    for text in ["2018T25", "2018T00+99", "2018T00+é0", "2018T00 nowhere", "2018T00+"] {
        assert_eq!(parse_timestamp(text), None, "{text:?}");
    }
}

#[test]
fn base64_is_lenient_about_padding() {
    let mut text = String::new();
    write_base64(b"tide", &mut text);
    assert_eq!(text, "dGlkZQ==");
    assert_eq!(decode_base64("dGlkZQ"), Some(b"tide".to_vec()));
    assert_eq!(decode_base64("dGlkZQ=="), Some(b"tide".to_vec()));
    assert_eq!(decode_base64("?"), None);
}

#[test]
fn strings_are_ordered_by_code_unit() {
    assert_eq!(compare_utf16("a", "ab"), Ordering::Less);
    assert_eq!(compare_utf16("\u{1F600}", "\u{FF21}"), Ordering::Less);
    assert_eq!(compare_utf16("\u{1F601}", "\u{1F600}"), Ordering::Greater);
    assert_eq!(compare_utf16("z", "\u{1F600}"), Ordering::Less);
    assert_eq!(compare_utf16("\u{D7FF}", "\u{1F600}"), Ordering::Less);
}

#[test]
fn doubles_have_a_shortest_decimal() {
    assert_eq!(shortest_decimal(0.1), Some((1_0, -2)));
    assert_eq!(shortest_decimal(-12.5), Some((-125, -1)));
    assert_eq!(shortest_decimal(1e300), Some((10, 299)));
    assert_eq!(shortest_decimal(f64::NAN), None);
}

#[test]
fn decimals_print_plain_with_their_scale() {
    let golden = [(202_000, 4, "20.2000"), (-5, 2, "-0.05"), (0, 0, "0"), (7, 1, "0.7")];
    for (unscaled, scale, text) in golden {
        let mut out = String::new();
        write_decimal(arrow_buffer::i256::from_i128(unscaled), scale, &mut out);
        assert_eq!(out, text);
    }
}
