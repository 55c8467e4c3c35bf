//! Adding to dates and times, between time zones, and to and from plain numbers.

use types::text::DAY_MS;

use super::rows::{Days, Memo, TimeMs, TimestampMs, map0, map1, map3};
use crate::datetime::Zone;
use crate::{Registry, Scalar};

const CATEGORY: &str = "DATE / TIME";
const LATER: i64 = 1;
const EARLIER: i64 = -1;

/// A function that shifts dates, later or earlier.
macro_rules! date_arithmetic {
    ($name:literal, $description:literal, $direction:expr) => {
        Scalar::new($name, CATEGORY, $description).overload("(UNIT, INT, DATE) -> DATE", |call| {
            map3(call, |unit: &str, count: i32, date: Days| {
                shifted_date(date, $direction * milliseconds(unit, count)?)
            })
        })
    };
}

/// A function that shifts times, later or earlier.
macro_rules! time_arithmetic {
    ($name:literal, $description:literal, $direction:expr) => {
        Scalar::new($name, CATEGORY, $description).overload("(UNIT, INT, TIME) -> TIME", |call| {
            map3(call, |unit: &str, count: i32, time: TimeMs| {
                milliseconds(unit, count).map(|by_ms| shifted_time(time, $direction * by_ms))
            })
        })
    };
}

/// A function that shifts timestamps, later or earlier.
macro_rules! timestamp_arithmetic {
    ($name:literal, $description:literal, $direction:expr) => {
        Scalar::new($name, CATEGORY, $description).overload(
            "(UNIT, INT, TIMESTAMP) -> TIMESTAMP",
            |call| {
                map3(call, |unit: &str, count: i32, timestamp: TimestampMs| {
                    let by_ms = milliseconds(unit, count)?;
                    Ok::<_, String>(TimestampMs(timestamp.0.wrapping_add($direction * by_ms)))
                })
            },
        )
    };
}

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    let functions = [
        date_arithmetic!("DATEADD", "A date so many units later.", LATER),
        date_arithmetic!("DATESUB", "A date so many units earlier.", EARLIER),
        time_arithmetic!("TIMEADD", "A time so many units later, past midnight if need be.", LATER),
        time_arithmetic!(
            "TIMESUB",
            "A time so many units earlier, past midnight if need be.",
            EARLIER
        ),
        timestamp_arithmetic!("TIMESTAMPADD", "A timestamp so many units later.", LATER),
        timestamp_arithmetic!("TIMESTAMPSUB", "A timestamp so many units earlier.", EARLIER),
        convert_tz(),
        from_days(),
        from_unixtime(),
        unix_date(),
        unix_timestamp(),
    ];
    functions.into_iter().for_each(|function| registry.add_scalar(function));
}

fn convert_tz() -> Scalar {
    Scalar::new("CONVERT_TZ", CATEGORY, "A timestamp moved from one time zone to another.")
        .overload("(TIMESTAMP, STRING, STRING) -> TIMESTAMP", |call| {
            let (mut from_zones, mut to_zones) = (Memo::new(Zone::parse), Memo::new(Zone::parse));
            map3(call, |timestamp: TimestampMs, from: &str, to: &str| {
                let behind = from_zones.of(from)?.offset_seconds(timestamp.0);
                let ahead = to_zones.of(to)?.offset_seconds(timestamp.0);
                let shift_ms = i64::from(ahead - behind) * 1000;
                Ok::<_, String>(TimestampMs(timestamp.0.wrapping_add(shift_ms)))
            })
        })
}

fn from_days() -> Scalar {
    Scalar::new("FROM_DAYS", CATEGORY, "The date so many days after 1970-01-01.")
        .overload("(INT) -> DATE", |call| map1(call, Days))
}

fn from_unixtime() -> Scalar {
    Scalar::new(
        "FROM_UNIXTIME",
        CATEGORY,
        "The timestamp so many milliseconds after 1970-01-01T00:00Z.",
    )
    .overload("(BIGINT) -> TIMESTAMP", |call| map1(call, TimestampMs))
}

fn unix_date() -> Scalar {
    Scalar::new("UNIX_DATE", CATEGORY, "The days from 1970-01-01 to a date, or to today.")
        .overload("() -> INT", |call| {
            let environment = call.environment;
            map0(call, || i32::try_from(environment.now_ms().div_euclid(DAY_MS)).ok())
        })
        .overload("(DATE) -> INT", |call| map1(call, |date: Days| date.0))
}

fn unix_timestamp() -> Scalar {
    Scalar::new(
        "UNIX_TIMESTAMP",
        CATEGORY,
        "The milliseconds from 1970-01-01T00:00Z to a timestamp, or to now.",
    )
    .overload("() -> BIGINT", |call| {
        let environment = call.environment;
        map0(call, || environment.now_ms())
    })
    .overload("(TIMESTAMP) -> BIGINT", |call| map1(call, |timestamp: TimestampMs| timestamp.0))
}

/// Milliseconds of so many units.
fn milliseconds(unit: &str, count: i32) -> Result<i64, String> {
    let unit_ms = match unit.to_uppercase().trim_end_matches('S') {
        "MILLISECOND" => 1,
        "SECOND" => 1_000,
        "MINUTE" => 60_000,
        "HOUR" => 3_600_000,
        "DAY" => DAY_MS,
        _ => return Err(format!("'{unit}' is no unit from MILLISECONDS to DAYS")),
    };
    Ok(unit_ms * i64::from(count))
}

/// Parts of a day are lost.
fn shifted_date(date: Days, by_ms: i64) -> Result<Days, String> {
    let shifted = (i64::from(date.0) * DAY_MS + by_ms) / DAY_MS;
    i32::try_from(shifted)
        .map(Days)
        .map_err(|_| format!("the date of day {shifted} is out of range"))
}

fn shifted_time(time: TimeMs, by_ms: i64) -> TimeMs {
    let shifted = (i64::from(time.0) + by_ms).rem_euclid(DAY_MS);
    TimeMs(i32::try_from(shifted).expect("a day has fewer milliseconds"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalars::testing::{evaluate, fails, text};
    use types::{SqlType, Value};

    fn timestamp(value: i64) -> (SqlType, Value) {
        (SqlType::Timestamp, Value::Timestamp(value))
    }

    #[test]
    fn units_are_added() {
        let days = |date, unit, n| shifted_date(Days(date), milliseconds(unit, n).expect("a unit"));
        assert_eq!(days(5, "DAYS", -5), Ok(Days(0)));
        assert_eq!(days(2, "day", -5), Ok(Days(-3)));
        assert_eq!(days(2, "HOURS", 25), Ok(Days(3)));
        assert!(days(i32::MAX, "DAYS", 1).is_err());
        assert_eq!(shifted_time(TimeMs(5), -10), TimeMs(86_399_995));
        assert_eq!(shifted_time(TimeMs(86_399_997), 5), TimeMs(2));
        assert!(milliseconds("FORTNIGHTS", 1).is_err());
    }

    #[test]
    fn zones_are_changed() {
        let convert = |ms, to| [timestamp(ms), text("America/Los_Angeles"), text(to)];
        assert_eq!(
            evaluate("CONVERT_TZ", &convert(100, "America/New_York")),
            timestamp(10_800_100).1
        );
        assert!(fails("CONVERT_TZ", &convert(100, "Mars")));
    }

    #[test]
    fn numbers_are_dates() {
        assert_eq!(evaluate("UNIX_TIMESTAMP", &[]), Value::Bigint(1_700_000_000_123));
        assert_eq!(evaluate("UNIX_DATE", &[]), Value::Integer(19_675));
        assert_eq!(evaluate("UNIX_TIMESTAMP", &[timestamp(7)]), Value::Bigint(7));
        assert_eq!(
            evaluate("FROM_UNIXTIME", &[(SqlType::Bigint, Value::Bigint(7))]),
            Value::Timestamp(7)
        );
    }
}
