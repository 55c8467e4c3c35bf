//! Writing a moment by the items of a pattern.

use std::fmt::Write;

use jiff::civil::{Date, Time, Weekday};

use super::item::{Field, Item, Number, NumberKind, OffsetForm, Sign};
use super::names;
use super::zone::Zone;

/// What is to be written; absent parts make their fields fail.
pub struct Moment<'a> {
    /// The date.
    pub date: Option<Date>,
    /// The time of day.
    pub time: Option<Time>,
    /// The zone, and the moment in milliseconds since the epoch.
    pub zone: Option<(&'a Zone, i64)>,
}

/// Appends the text of `moment`.
///
/// # Errors
/// When the moment lacks a field, or a value doesn't fit its item.
pub fn print(items: &[Item], moment: &Moment<'_>, out: &mut String) -> Result<(), String> {
    for item in items {
        match item {
            Item::Literal(text) => out.push_str(text),
            Item::Number(number) => print_number(number, moment.value(number.field)?, out)?,
            Item::Text(field, style) => {
                let value = moment.value(*field)?;
                let name = names::name(*field, value, *style);
                out.push_str(&name.ok_or_else(|| format!("{field:?} {value} has no name"))?);
            }
            Item::Offset(form) => print_offset(form, moment.offset_seconds()?, out),
            Item::LocalizedOffset { full } => print_localized(*full, moment.offset_seconds()?, out),
            Item::ZoneId => out.push_str(moment.zone()?.0.id()),
            Item::ZoneName => {
                let (zone, timestamp_ms) = moment.zone()?;
                out.push_str(&zone.short_name(timestamp_ms));
            }
            Item::Optional(items) => {
                // A section that can't be written is left out.
                let length = out.len();
                if print(items, moment, out).is_err() {
                    out.truncate(length);
                }
            }
        }
    }
    Ok(())
}

impl<'a> Moment<'a> {
    fn zone(&self) -> Result<(&'a Zone, i64), String> {
        self.zone.ok_or_else(|| "the pattern needs a time zone, which the value lacks".to_owned())
    }

    fn offset_seconds(&self) -> Result<i32, String> {
        let (zone, timestamp_ms) = self.zone()?;
        Ok(zone.offset_seconds(timestamp_ms))
    }

    fn value(&self, field: Field) -> Result<i64, String> {
        let value = if field.is_of_date() {
            self.date.map(|date| date_field(date, field))
        } else {
            self.time.map(|time| time_field(time, field))
        };
        value.ok_or_else(|| format!("the pattern has {field:?}, which the value lacks"))
    }
}

/// A field of a date.
pub fn date_field(date: Date, field: Field) -> i64 {
    let (year, month) = (i64::from(date.year()), i64::from(date.month()));
    let day = i64::from(date.day());
    let day_of_year = i64::from(date.day_of_year());
    match field {
        Field::Era => i64::from(year > 0),
        Field::Year => year,
        Field::YearOfEra => {
            if year > 0 {
                year
            } else {
                1 - year
            }
        }
        Field::Quarter => (month - 1) / 3 + 1,
        Field::Month => month,
        Field::DayOfMonth => day,
        Field::DayOfYear => day_of_year,
        Field::WeekBasedYear => week_of_year(date).0,
        Field::WeekOfYear => week_of_year(date).1,
        Field::WeekOfMonth => week_number(date, day),
        Field::AlignedDay => (day - 1) % 7 + 1,
        Field::DayOfWeek => i64::from(date.weekday().to_monday_one_offset()),
        Field::LocalDayOfWeek => i64::from(date.weekday().to_sunday_one_offset()),
        Field::ModifiedJulianDay => {
            i64::from(super::resolve::days_of(date)) + super::resolve::MJD_OF_EPOCH
        }
        _ => unreachable!("{field:?} is no field of a date"),
    }
}

/// The number of the week that holds `date`, its `day`-th day of a month or year, when the week with the
/// first day has number 1.
fn week_number(date: Date, day: i64) -> i64 {
    let weekday = i64::from(date.weekday().since(Weekday::Sunday));
    let first_weekday = (weekday - (day - 1)).rem_euclid(7);
    (day - 1 + first_weekday) / 7 + 1
}

/// The week-based year and week of a date. The week with January 1st is the first of its year.
fn week_of_year(date: Date) -> (i64, i64) {
    let year = i64::from(date.year());
    let days_to_saturday = 6 - i64::from(date.weekday().since(Weekday::Sunday));
    let left_in_year = i64::from(date.days_in_year()) - i64::from(date.day_of_year());
    if days_to_saturday > left_in_year {
        return (year + 1, 1);
    }
    (year, week_number(date, i64::from(date.day_of_year())))
}

fn time_field(time: Time, field: Field) -> i64 {
    let hour = i64::from(time.hour());
    let seconds = hour * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    let nano = i64::from(time.subsec_nanosecond());
    let one_based = |hour: i64, hours: i64| if hour == 0 { hours } else { hour };
    match field {
        Field::AmPm => hour / 12,
        Field::HourOfHalf => hour % 12,
        Field::ClockHourOfHalf => one_based(hour % 12, 12),
        Field::Hour => hour,
        Field::ClockHour => one_based(hour, 24),
        Field::Minute => time.minute().into(),
        Field::Second => time.second().into(),
        Field::Nano => nano,
        Field::MilliOfDay => seconds * 1000 + nano / 1_000_000,
        Field::NanoOfDay => seconds * 1_000_000_000 + nano,
        _ => unreachable!("{field:?} is no field of a time"),
    }
}

fn print_number(number: &Number, value: i64, out: &mut String) -> Result<(), String> {
    let digits = match number.kind {
        NumberKind::Plain => value.unsigned_abs().to_string(),
        NumberKind::TwoDigitYear => (value.unsigned_abs() % 100).to_string(),
        NumberKind::Fraction => format!("{value:09}")[..number.width_max].to_owned(),
    };
    if digits.len() > number.width_max {
        return Err(format!("{value} has more than {} digits", number.width_max));
    }
    let is_negative = value < 0 && number.kind == NumberKind::Plain;
    match number.sign {
        Sign::None if is_negative => return Err(format!("{value} is negative")),
        Sign::Normal | Sign::ExceedsPad if is_negative => out.push('-'),
        Sign::ExceedsPad if digits.len() > number.width_min => out.push('+'),
        _ => {}
    }
    write!(out, "{digits:0>width$}", width = number.width_min)
        .expect("writing to a String never fails");
    Ok(())
}

fn print_offset(form: &OffsetForm, seconds: i32, out: &mut String) {
    let distance = seconds.abs();
    let (hours, minutes, rest) = (distance / 3600, distance / 60 % 60, distance % 60);
    if hours == 0 && minutes == 0 && (rest == 0 || !form.seconds) {
        return out.push_str(form.zero);
    }
    let colon = if form.colon { ":" } else { "" };
    let sign = if seconds < 0 { '-' } else { '+' };
    let mut text = format!("{sign}{hours:02}");
    if form.minutes || minutes != 0 {
        text.push_str(&format!("{colon}{minutes:02}"));
    }
    if form.seconds && rest != 0 {
        text.push_str(&format!("{colon}{rest:02}"));
    }
    out.push_str(&text);
}

fn print_localized(full: bool, seconds: i32, out: &mut String) {
    out.push_str("GMT");
    if seconds == 0 {
        return;
    }
    let distance = seconds.abs();
    let (hours, minutes, rest) = (distance / 3600, distance / 60 % 60, distance % 60);
    let sign = if seconds < 0 { '-' } else { '+' };
    let mut text =
        if full { format!("{sign}{hours:02}:{minutes:02}") } else { format!("{sign}{hours}") };
    if !full && (minutes != 0 || rest != 0) {
        text.push_str(&format!(":{minutes:02}"));
    }
    if rest != 0 {
        text.push_str(&format!(":{rest:02}"));
    }
    out.push_str(&text);
}
