//! DATE and TIME as ISO text.

use std::fmt::Write;

const DAYS_PER_ERA: i64 = 146_097;
const YEARS_PER_ERA: i64 = 400;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_SHIFT_DAYS: i64 = 719_468;
/// Years are read with at most this many digits, as java.time does.
const YEAR_DIGITS_MAX: usize = 9;

/// Days since 1970-01-01 of a day of the proleptic Gregorian calendar; `None` if there is no such day.
pub fn days_of_civil(year: i64, month: u32, day: u32) -> Option<i64> {
    if !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
        return None;
    }
    // Years are counted from March, so that the leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(YEARS_PER_ERA);
    let year_of_era = year.rem_euclid(YEARS_PER_ERA);
    let month_from_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * DAYS_PER_ERA + day_of_era - EPOCH_SHIFT_DAYS)
}

fn days_in_month(year: i64, month: u32) -> u32 {
    let leap = year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Year, month and day of a day counted from 1970-01-01.
fn civil_of_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + EPOCH_SHIFT_DAYS;
    let era = shifted.div_euclid(DAYS_PER_ERA);
    let day_of_era = shifted.rem_euclid(DAYS_PER_ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * YEARS_PER_ERA + i64::from(month <= 2);
    (year, month, day)
}

/// Appends `yyyy-MM-dd` of a day counted from 1970-01-01; years beyond 9999 carry a `+`, negative ones a `-`.
pub fn write_date(days: i64, out: &mut String) {
    let (year, month, day) = civil_of_days(days);
    let sign = match year {
        10_000.. => "+",
        ..0 => "-",
        _ => "",
    };
    write!(out, "{sign}{:04}-{month:02}-{day:02}", year.unsigned_abs())
        .expect("writing to a String never fails");
}

/// Appends `HH:mm:ss`, with `.SSS` unless the milliseconds are zero. `time_ms` is taken modulo a day.
pub fn write_time(time_ms: i32, out: &mut String) {
    let time_ms = i64::from(time_ms).rem_euclid(super::DAY_MS);
    write_clock(time_ms, out);
    if time_ms % 1_000 != 0 {
        write!(out, ".{:03}", time_ms % 1_000).expect("writing to a String never fails");
    }
}

/// Appends `HH:mm:ss` of a millisecond of the day.
pub(super) fn write_clock(time_ms: i64, out: &mut String) {
    let seconds = time_ms / 1_000;
    write!(out, "{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
        .expect("writing to a String never fails");
}

/// Days since 1970-01-01 of `yyyy[-MM[-dd]]`; missing parts are 1.
pub fn parse_date(text: &str) -> Option<i32> {
    i32::try_from(parse_days(text)?).ok()
}

pub(super) fn parse_days(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let mut parts = digits.split('-');
    let year = number(parts.next()?, 4..=YEAR_DIGITS_MAX)?;
    let month = parts.next().map_or(Some(1), |part| number(part, 1..=2))?;
    let day = parts.next().map_or(Some(1), |part| number(part, 1..=2))?;
    if parts.next().is_some() {
        return None;
    }
    let year = if negative { -i64::from(year) } else { i64::from(year) };
    days_of_civil(year, month, day)
}

/// Milliseconds of the day of `HH:mm[:ss[.fraction]]`; digits behind the millisecond are cut off.
pub fn parse_time(text: &str) -> Option<i32> {
    if text.split(':').count() < 2 {
        return None;
    }
    parse_partial_time(text)
}

/// As [`parse_time`], minutes may be missing too.
pub(super) fn parse_partial_time(text: &str) -> Option<i32> {
    let mut parts = text.split(':');
    let hours = number(parts.next()?, 2..=2).filter(|hours| *hours < 24)?;
    let minutes = parts.next().map_or(Some(0), |part| number(part, 2..=2))?;
    let (seconds, fraction_ms) = parts.next().map_or(Some((0, 0)), parse_seconds)?;
    if parts.next().is_some() || minutes > 59 || seconds > 59 {
        return None;
    }
    i32::try_from(((hours * 60 + minutes) * 60 + seconds) * 1_000 + fraction_ms).ok()
}

fn parse_seconds(text: &str) -> Option<(u32, u32)> {
    let Some((seconds, fraction)) = text.split_once('.') else {
        return Some((number(text, 2..=2)?, 0));
    };
    let fraction_value = number(fraction, 1..=9)?;
    let digits = u32::try_from(fraction.len()).ok()?;
    let ms = if digits <= 3 {
        fraction_value * 10_u32.pow(3 - digits)
    } else {
        fraction_value / 10_u32.pow(digits - 3)
    };
    Some((number(seconds, 2..=2)?, ms))
}

/// Reads plain digits, as many as `digits` allows.
pub(super) fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
    if !digits.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}
