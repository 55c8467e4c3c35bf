//! From the fields of a text to a date, a time, or a timestamp, as `java.time` resolves them ("smart").

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::{SpanRound, Unit};
use types::text::DAY_MS;

use super::fields::Fields;
use super::item::Field;
use super::print::date_field;
use super::zone::Zone;

/// The modified Julian day of 1970-01-01.
pub const MJD_OF_EPOCH: i64 = 40_587;

const EPOCH: Date = jiff::civil::date(1970, 1, 1);
const NANOS_PER_MILLI: i64 = 1_000_000;

/// Days from 1970-01-01 to `date`.
pub fn days_of(date: Date) -> i32 {
    let whole_days = SpanRound::new().largest(Unit::Day).days_are_24_hours();
    let span = (date - EPOCH).round(whole_days).expect("days between dates fit a span");
    span.get_days()
}

/// The date so many days after 1970-01-01.
///
/// # Errors
/// When its year has more than four digits.
pub fn date_of(days: i64) -> Result<Date, String> {
    let out_of_range = || format!("the date of day {days} is out of range");
    let span = i32::try_from(days).map_err(|_| out_of_range())?;
    let span = jiff::Span::new().try_days(span).map_err(|_| out_of_range())?;
    EPOCH.checked_add(span).map_err(|_| out_of_range())
}

/// The time of day so many milliseconds after midnight.
///
/// # Errors
/// When that is not within a day.
pub fn time_of(time_ms: i64) -> Result<Time, String> {
    if !(0..DAY_MS).contains(&time_ms) {
        return Err(format!("{time_ms} is no millisecond of a day"));
    }
    Time::midnight()
        .checked_add(jiff::SignedDuration::from_millis(time_ms))
        .map_err(|error| error.to_string())
}

/// Milliseconds since midnight.
pub fn time_ms(time: Time) -> i64 {
    let seconds =
        i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    seconds * 1000 + i64::from(time.subsec_nanosecond()) / NANOS_PER_MILLI
}

/// The date that the fields determine; `None` if they don't.
///
/// # Errors
/// When there is no such date, or fields contradict each other.
pub fn date(fields: &Fields) -> Result<Option<Date>, String> {
    let date = match proleptic_year(fields)? {
        _ if fields.value(Field::ModifiedJulianDay).is_some() => {
            let day = fields.value(Field::ModifiedJulianDay).unwrap_or(MJD_OF_EPOCH);
            Some(date_of(day - MJD_OF_EPOCH)?)
        }
        Some(year) => date_in_year(fields, year)?,
        None => None,
    };
    let date = match date {
        Some(date) => Some(date),
        None => date_of_week(fields)?,
    };
    if let Some(date) = date {
        check_weekday(fields, date)?;
    }
    Ok(date)
}

fn proleptic_year(fields: &Fields) -> Result<Option<i64>, String> {
    let of_era = fields.value(Field::YearOfEra).map(|year| match fields.value(Field::Era) {
        Some(0) => 1 - year,
        _ => year,
    });
    match (fields.value(Field::Year), of_era) {
        (Some(year), Some(other)) if year != other => {
            Err(format!("the year is both {year} and {other}"))
        }
        (year, other) => Ok(year.or(other)),
    }
}

fn date_in_year(fields: &Fields, year: i64) -> Result<Option<Date>, String> {
    if let (Some(month), Some(day)) = (fields.value(Field::Month), fields.value(Field::DayOfMonth))
    {
        return clamped(year, month, day).map(Some);
    }
    let Some(day_of_year) = fields.value(Field::DayOfYear) else { return Ok(None) };
    let first = clamped(year, 1, 1)?;
    if day_of_year > i64::from(first.days_in_year()) {
        return Err(format!("{year} has no day {day_of_year}"));
    }
    date_of(i64::from(days_of(first)) + day_of_year - 1).map(Some)
}

/// A date whose day is cut to the length of the month.
fn clamped(year: i64, month: i64, day: i64) -> Result<Date, String> {
    let out_of_range = || format!("there is no date {year}-{month}-{day}");
    let year = i16::try_from(year).map_err(|_| out_of_range())?;
    let month = i8::try_from(month).map_err(|_| out_of_range())?;
    let first = Date::new(year, month, 1).map_err(|_| out_of_range())?;
    let day = i8::try_from(day).map_err(|_| out_of_range())?.min(first.days_in_month());
    Date::new(year, month, day).map_err(|_| out_of_range())
}

fn weekday(fields: &Fields) -> Option<i64> {
    let local = || fields.value(Field::LocalDayOfWeek).map(|day| (day + 5) % 7 + 1);
    fields.value(Field::DayOfWeek).or_else(local)
}

/// The date of a week-based year, week and day of the week.
fn date_of_week(fields: &Fields) -> Result<Option<Date>, String> {
    let (Some(year), Some(week), Some(weekday)) =
        (fields.value(Field::WeekBasedYear), fields.value(Field::WeekOfYear), weekday(fields))
    else {
        return Ok(None);
    };
    let january_first = clamped(year, 1, 1)?;
    let first_sunday = i64::from(days_of(january_first))
        - i64::from(january_first.weekday().since(Weekday::Sunday));
    date_of(first_sunday + (week - 1) * 7 + weekday % 7).map(Some)
}

fn check_weekday(fields: &Fields, date: Date) -> Result<(), String> {
    match weekday(fields) {
        Some(weekday) if weekday != date_field(date, Field::DayOfWeek) => {
            Err(format!("{date} is another day of the week"))
        }
        _ => Ok(()),
    }
}

/// The time that the fields determine, and the days that it goes beyond (24:00); `None` if they don't. Minutes and
/// what is smaller are 0 if nothing behind them is given.
///
/// # Errors
/// When there is no such time.
pub fn time(fields: &Fields) -> Result<Option<(Time, i64)>, String> {
    if let Some(nanos) = fields.value(Field::NanoOfDay) {
        return time_of(nanos / NANOS_PER_MILLI).map(|time| Some((time, 0)));
    }
    if let Some(millis) = fields.value(Field::MilliOfDay) {
        return time_of(millis).map(|time| Some((time, 0)));
    }
    let (Some(hour), minute) = (hour(fields), fields.value(Field::Minute)) else { return Ok(None) };
    let (second, nano) = (fields.value(Field::Second), fields.value(Field::Nano));
    if (minute.is_none() && (second.is_some() || nano.is_some()))
        || (second.is_none() && nano.is_some())
    {
        return Ok(None);
    }
    let parts = (minute.unwrap_or(0), second.unwrap_or(0), nano.unwrap_or(0));
    if hour == 24 {
        return if parts == (0, 0, 0) {
            Ok(Some((Time::midnight(), 1)))
        } else {
            Err("an hour is at most 23".to_owned())
        };
    }
    clock(hour, parts.0, parts.1, parts.2).map(|time| Some((time, 0)))
}

/// The hour of the day; `None` if morning and afternoon are not told apart.
fn hour(fields: &Fields) -> Option<i64> {
    if let Some(hour) = fields.value(Field::Hour) {
        return Some(hour);
    }
    if let Some(hour) = fields.value(Field::ClockHour) {
        return Some(hour % 24);
    }
    let half_day = fields.value(Field::AmPm)? * 12;
    let is_alone = fields.value(Field::Minute).is_none();
    // The morning or afternoon alone stands for its middle.
    Some(half_day + hour_of_half(fields).or(is_alone.then_some(6))?)
}

fn hour_of_half(fields: &Fields) -> Option<i64> {
    let clock_hour = || fields.value(Field::ClockHourOfHalf).map(|hour| hour % 12);
    fields.value(Field::HourOfHalf).or_else(clock_hour)
}

fn clock(hour: i64, minute: i64, second: i64, nano: i64) -> Result<Time, String> {
    let invalid = || format!("there is no time {hour}:{minute}:{second}");
    let small = |value: i64| i8::try_from(value).map_err(|_| invalid());
    let nano = i32::try_from(nano).map_err(|_| invalid())?;
    Time::new(small(hour)?, small(minute)?, small(second)?, nano).map_err(|_| invalid())
}

/// Milliseconds since the epoch. What the fields leave open is taken from 1970-01-01T00:00, and the zone from
/// `default_zone`.
///
/// # Errors
/// When there is no such moment, or fields contradict each other.
pub fn timestamp_ms(fields: &Fields, default_zone: &Zone) -> Result<i64, String> {
    let (time, excess_days) = match time(fields)? {
        Some(time) => time,
        None => (partial_time(fields)?, 0),
    };
    let date = match date(fields)? {
        Some(date) => date_of(i64::from(days_of(date)) + excess_days)?,
        None => partial_date(fields)?,
    };
    let local = DateTime::from_parts(date, time);
    match (fields.offset_seconds, &fields.zone) {
        (Some(offset_seconds), _) => Zone::fixed(offset_seconds)?.to_timestamp_ms(local),
        (None, Some(zone)) => zone.to_timestamp_ms(local),
        (None, None) => default_zone.to_timestamp_ms(local),
    }
}

/// Each field given replaces that of 1970-01-01, the smaller ones first.
fn partial_date(fields: &Fields) -> Result<Date, String> {
    let mut date = EPOCH;
    if let Some(weekday) = weekday(fields) {
        let shift = weekday - date_field(date, Field::DayOfWeek);
        date = date_of(i64::from(days_of(date)) + shift)?;
    }
    if let Some(day) = fields.value(Field::DayOfMonth) {
        date = clamped(date.year().into(), date.month().into(), day)?;
    }
    if let Some(day) = fields.value(Field::DayOfYear) {
        let first = clamped(date.year().into(), 1, 1)?;
        if day > i64::from(first.days_in_year()) {
            return Err(format!("day {day} of the year needs a year"));
        }
        date = date_of(i64::from(days_of(first)) + day - 1)?;
    }
    if let Some(month) = fields.value(Field::Month) {
        date = clamped(date.year().into(), month, date.day().into())?;
    }
    match proleptic_year(fields)? {
        Some(year) => clamped(year, date.month().into(), date.day().into()),
        None => Ok(date),
    }
}

fn partial_time(fields: &Fields) -> Result<Time, String> {
    let value = |field| fields.value(field).unwrap_or(0);
    let half = value(Field::AmPm) * 12 + hour_of_half(fields).unwrap_or(0);
    let hour = hour(fields).unwrap_or(half);
    clock(hour, value(Field::Minute), value(Field::Second), value(Field::Nano))
}
