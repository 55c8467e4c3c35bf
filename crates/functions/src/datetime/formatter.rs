//! `DateTimeFormatter`.

use super::item::Item;
use super::print::{Moment, print};
use super::resolve::{date, date_of, days_of, time, time_ms, time_of, timestamp_ms};
use super::zone::Zone;
use super::{pattern, read};

/// A compiled pattern of `java.time.format.DateTimeFormatter`. Reading ignores case.
#[derive(Clone, Debug)]
pub struct Formatter {
    items: Vec<Item>,
}

impl Formatter {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// When Java would refuse it, or it has something that is not supported.
    pub fn compile(pattern: &str) -> Result<Self, String> {
        Ok(Self { items: pattern::compile(pattern)? })
    }

    /// The text of a moment, in milliseconds since the epoch, on the clocks of `zone`.
    ///
    /// # Errors
    /// When the moment is out of range.
    pub fn format_timestamp(&self, timestamp_ms: i64, zone: &Zone) -> Result<String, String> {
        let local = zone.to_local(timestamp_ms)?;
        self.print(&Moment {
            date: Some(local.date()),
            time: Some(local.time()),
            zone: Some((zone, timestamp_ms)),
        })
    }

    /// The text of a day counted from 1970-01-01.
    ///
    /// # Errors
    /// When the pattern has more than a date, or the day is out of range.
    pub fn format_date(&self, days: i32) -> Result<String, String> {
        self.print(&Moment { date: Some(date_of(days.into())?), time: None, zone: None })
    }

    /// The text of a time, in milliseconds since midnight.
    ///
    /// # Errors
    /// When the pattern has more than a time of day, or the time is out of range.
    pub fn format_time(&self, time_ms: i32) -> Result<String, String> {
        self.print(&Moment { date: None, time: Some(time_of(time_ms.into())?), zone: None })
    }

    /// Milliseconds since the epoch of a text. The zone in the text wins over `default_zone`; a part
    /// that is missing is that of 1970-01-01T00:00.
    ///
    /// # Errors
    /// When the text doesn't follow the pattern, or there is no such moment.
    pub fn parse_timestamp(&self, text: &str, default_zone: &Zone) -> Result<i64, String> {
        timestamp_ms(&read::read(&self.items, text)?, default_zone)
    }

    /// Days since 1970-01-01 of a text.
    ///
    /// # Errors
    /// When the text doesn't follow the pattern, or determines no date.
    pub fn parse_date(&self, text: &str) -> Result<i32, String> {
        let date = date(&read::read(&self.items, text)?)?;
        date.map(days_of).ok_or_else(|| format!("'{text}' does not tell a date"))
    }

    /// Milliseconds since midnight of a text.
    ///
    /// # Errors
    /// When the text doesn't follow the pattern, determines no time, or tells something about the date.
    pub fn parse_time(&self, text: &str) -> Result<i32, String> {
        let fields = read::read(&self.items, text)?;
        if fields.has_date_fields() {
            return Err("the time format has a field of a date".to_owned());
        }
        let (time, _) = time(&fields)?.ok_or_else(|| format!("'{text}' does not tell a time"))?;
        Ok(i32::try_from(time_ms(time)).expect("a day has fewer milliseconds"))
    }

    fn print(&self, moment: &Moment<'_>) -> Result<String, String> {
        let mut text = String::new();
        print(&self.items, moment, &mut text)?;
        Ok(text)
    }
}
