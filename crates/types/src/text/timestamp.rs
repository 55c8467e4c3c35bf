//! TIMESTAMP as ISO text, with the lenient reading of CAST and of comparisons with ROWTIME,
//! WINDOWSTART and WINDOWEND.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::DAY_MS;
use super::dates::{number, parse_days, parse_partial_time, write_clock, write_date};

/// Appends `yyyy-MM-dd'T'HH:mm:ss.SSS` of a moment in milliseconds since the epoch (UTC).
pub fn write_timestamp(timestamp_ms: i64, out: &mut String) {
    let time_ms = timestamp_ms.rem_euclid(DAY_MS);
    write_date(timestamp_ms.div_euclid(DAY_MS), out);
    out.push('T');
    write_clock(time_ms, out);
    write!(out, ".{:03}", time_ms % 1_000).expect("writing to a String never fails");
}

/// Milliseconds since the epoch of a possibly partial ISO text: `yyyy[-MM[-dd]]`, then perhaps `T` and
/// `HH[:mm[:ss[.fraction]]]`, then perhaps a zone: `Z`, `+hh[:]mm`, `+hh` or a name such as `[Europe/Paris]`.
/// Missing parts are the least possible, a missing zone is UTC.
pub fn parse_timestamp(text: &str) -> Option<i64> {
    let Some((date, rest)) = text.split_once('T') else {
        return parse_days(text)?.checked_mul(DAY_MS);
    };
    let zone_at = rest.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.');
    let (time, zone) = rest.split_at(zone_at.unwrap_or(rest.len()));
    let time_ms = match time {
        "" => 0,
        // The end of a day is the beginning of the next.
        "24" | "24:00" | "24:00:00" => DAY_MS,
        time => i64::from(parse_partial_time(time)?),
    };
    let local_ms = parse_days(date)?.checked_mul(DAY_MS)?.checked_add(time_ms)?;
    local_ms.checked_sub(zone_offset_ms(zone.trim(), local_ms)?)
}

fn zone_offset_ms(zone: &str, local_ms: i64) -> Option<i64> {
    match zone.as_bytes().first() {
        None => Some(0),
        Some(b'Z') if zone.len() == 1 => Some(0),
        Some(b'+') => fixed_offset_ms(&zone[1..]),
        Some(b'-') => fixed_offset_ms(&zone[1..]).map(|offset| -offset),
        Some(_) => named_offset_ms(zone.trim_matches(['[', ']']), local_ms),
    }
}

fn fixed_offset_ms(text: &str) -> Option<i64> {
    let (hours, minutes) = match text.split_once(':') {
        Some((hours, minutes)) => (number(hours, 1..=2)?, number(minutes, 2..=2)?),
        None if text.len() <= 2 => (number(text, 1..=2)?, 0),
        None => (number(text.get(..2)?, 2..=2)?, number(text.get(2..)?, 2..=2)?),
    };
    (hours <= 18 && minutes < 60).then(|| i64::from(hours * 60 + minutes) * 60_000)
}

/// Offset of a zone of the time zone database at a local time; in a gap the one before it.
fn named_offset_ms(name: &str, local_ms: i64) -> Option<i64> {
    let zone = TimeZone::get(name).ok()?;
    let local = TimeZone::UTC.to_datetime(Timestamp::from_millisecond(local_ms).ok()?);
    let instant = zone.to_ambiguous_timestamp(local).compatible().ok()?;
    local_ms.checked_sub(instant.as_millisecond())
}
