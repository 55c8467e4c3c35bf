//! Time zones as Java's `ZoneId` names them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use types::text::DAY_MS;

use super::resolve::{date_of, days_of, time_ms, time_of};

/// Offsets reach at most this far from UTC.
const OFFSET_SECONDS_MAX: i32 = 18 * 3600;

/// A time zone: a region with its rules, or a fixed offset.
#[derive(Clone, Debug)]
pub struct Zone {
    id: String,
    rules: TimeZone,
    is_region: bool,
}

impl Zone {
    /// UTC, called `GMT` as ksqlDB's default zone is.
    pub fn gmt() -> Self {
        Self { id: "GMT".to_owned(), rules: TimeZone::UTC, is_region: true }
    }

    /// The zone of a name: `Z`, `+02:00` and the like, `UTC`, `GMT+2`, or a region of the time zone
    /// database such as `Europe/Paris`.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn parse(id: &str) -> Result<Self, String> {
        let unknown = || format!("unknown time zone: '{id}'");
        if id == "Z" || id.starts_with(['+', '-']) {
            return Self::fixed(read_offset(id).ok_or_else(unknown)?);
        }
        for prefix in ["UTC", "GMT", "UT"] {
            let Some(offset) = id.strip_prefix(prefix) else { continue };
            if offset.is_empty() {
                return Ok(Self { id: id.to_owned(), rules: TimeZone::UTC, is_region: true });
            }
            if offset.starts_with(['+', '-']) {
                let zone = Self::fixed(read_offset(offset).ok_or_else(unknown)?)?;
                let offset = if zone.id == "Z" { "" } else { &zone.id };
                return Ok(Self { id: format!("{prefix}{offset}"), ..zone });
            }
        }
        let rules = TimeZone::get(id).map_err(|_| unknown())?;
        Ok(Self { id: id.to_owned(), rules, is_region: true })
    }

    /// The zone that is always so many seconds ahead of UTC.
    ///
    /// # Errors
    /// When that is more than 18 hours.
    pub fn fixed(offset_seconds: i32) -> Result<Self, String> {
        let too_far = || format!("an offset of {offset_seconds} seconds is more than 18 hours");
        if offset_seconds.abs() > OFFSET_SECONDS_MAX {
            return Err(too_far());
        }
        let offset = Offset::from_seconds(offset_seconds).map_err(|_| too_far())?;
        Ok(Self { id: offset_id(offset_seconds), rules: TimeZone::fixed(offset), is_region: false })
    }

    /// The name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Seconds that the zone is ahead of UTC at a moment.
    pub fn offset_seconds(&self, timestamp_ms: i64) -> i32 {
        self.rules.to_offset(nearest_moment(timestamp_ms)).seconds()
    }

    /// The short name of the zone at a moment, such as `PDT`; for fixed offsets the id.
    pub fn short_name(&self, timestamp_ms: i64) -> String {
        let is_utc = self.rules.iana_name() == Some("UTC");
        if !self.is_region || is_utc {
            return self.id.clone();
        }
        self.rules.to_offset_info(nearest_moment(timestamp_ms)).abbreviation().to_owned()
    }

    /// The date and time on the zone's clocks.
    ///
    /// # Errors
    /// When the moment is out of range.
    pub fn to_local(&self, timestamp_ms: i64) -> Result<DateTime, String> {
        let out_of_range = || format!("the timestamp {timestamp_ms} is out of range");
        let shift_ms = i64::from(self.offset_seconds(timestamp_ms)) * 1000;
        let local_ms = timestamp_ms.checked_add(shift_ms).ok_or_else(out_of_range)?;
        let date = date_of(local_ms.div_euclid(DAY_MS)).map_err(|_| out_of_range())?;
        Ok(DateTime::from_parts(date, time_of(local_ms.rem_euclid(DAY_MS))?))
    }

    /// The moment when the zone's clocks show `local`: the earlier one if they do twice, as much later as
    /// they were put forward if they never do.
    ///
    /// # Errors
    /// When the moment is out of range.
    pub fn to_timestamp_ms(&self, local: DateTime) -> Result<i64, String> {
        if let Ok(offset) = self.rules.to_fixed_offset() {
            let local_ms = i64::from(days_of(local.date())) * DAY_MS + time_ms(local.time());
            return Ok(local_ms - i64::from(offset.seconds()) * 1000);
        }
        let timestamp = self.rules.to_timestamp(local).map_err(|error| error.to_string())?;
        Ok(timestamp.as_millisecond())
    }
}

/// The moment, or the first or last one for which the rules of zones can be asked.
fn nearest_moment(timestamp_ms: i64) -> Timestamp {
    let limit = if timestamp_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(timestamp_ms).unwrap_or(limit)
}

/// Seconds of `Z`, `+h`, `+hh`, `+hh:mm`, `+hhmm`, `+hh:mm:ss` or `+hhmmss`.
fn read_offset(text: &str) -> Option<i32> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let parts: Vec<&str> = if rest.contains(':') {
        let parts: Vec<&str> = rest.split(':').collect();
        parts.iter().all(|part| part.len() == 2).then_some(parts)?
    } else if rest.len() <= 2 {
        vec![rest]
    } else {
        [rest.get(0..2), rest.get(2..4), rest.get(4..6)].into_iter().flatten().collect()
    };
    if !rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
        || parts.len() > 3
        || (!rest.contains(':') && parts.iter().map(|part| part.len()).sum::<usize>() != rest.len())
    {
        return None;
    }
    let numbers: Vec<i32> = parts.iter().map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let part = |index: usize| numbers.get(index).copied().unwrap_or(0);
    let fits = part(0) <= 18 && part(1) < 60 && part(2) < 60;
    fits.then(|| sign * (part(0) * 3600 + part(1) * 60 + part(2)))
}

/// Java's id of an offset: `Z`, `+02:00`, `+02:00:30`.
fn offset_id(seconds: i32) -> String {
    let (sign, distance) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
    let (hours, minutes, rest) = (distance / 3600, distance / 60 % 60, distance % 60);
    match (seconds, rest) {
        (0, _) => "Z".to_owned(),
        (_, 0) => format!("{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}:{rest:02}"),
    }
}
