//! One column's value on its way from the server to a record, wherever it came from.

use std::borrow::Cow;

use mysql_async::Value;

use super::table::TypeKind;

/// A value, borrowed from the event or row it was read from.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// NULL, or a column that the row image leaves out.
    Null,
    /// A signed integer, an ENUM's index, a year.
    Int(i64),
    /// An unsigned integer, a SET's bits.
    UInt(u64),
    /// A single-precision float.
    Float(f32),
    /// A double-precision float.
    Double(f64),
    /// Text in UTF-8; decimals and JSON, too.
    Utf8(Cow<'a, [u8]>),
    /// Bytes as the table stores them: binary types, and text in the column's character set.
    Raw(Cow<'a, [u8]>),
    /// A date, as written (zero dates have zero months).
    Date(CivilDate),
    /// A date and time without zone; for TIMESTAMP, in UTC.
    DateTime(CivilDate, i64),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Instant(i64),
    /// A time of day or duration in microseconds.
    Time(i64),
}

/// Year, month, day; not necessarily a real one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CivilDate {
    /// The year.
    pub year: i32,
    /// 1 to 12, or 0.
    pub month: u8,
    /// 1 to 31, or 0.
    pub day: u8,
}

impl CivilDate {
    /// Days since 1970-01-01; `None` for zero dates, which no calendar has.
    pub fn epoch_day(self) -> Option<i64> {
        if self.month == 0 || self.day == 0 {
            return None;
        }
        // Days from civil, with years that begin in March so that the leap day comes last.
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(era * 146_097 + day_of_era - 719_468)
    }

    /// The date of a day since 1970-01-01.
    pub fn from_epoch_day(day: i64) -> Self {
        let shifted = day + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * month + 2) / 5 + 1) as u8;
        let month = (if month < 10 { month + 3 } else { month - 9 }) as u8;
        let year = (year_of_era + era * 400 + i64::from(month <= 2)) as i32;
        Self { year, month, day }
    }
}

/// Microseconds of a time of day.
pub fn time_micros(hour: i64, minute: i64, second: i64, micros: i64) -> i64 {
    ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros
}

impl<'a> Cell<'a> {
    /// The cell of a value that a query returned for a column of `kind`.
    pub fn from_value(value: &'a Value, kind: TypeKind) -> Self {
        match value {
            Value::NULL => Self::Null,
            Value::Int(value) => Self::Int(*value),
            Value::UInt(value) => Self::UInt(*value),
            Value::Float(value) => Self::Float(*value),
            Value::Double(value) => Self::Double(*value),
            Value::Bytes(bytes) if is_binary(kind) => Self::Raw(Cow::Borrowed(bytes)),
            Value::Bytes(bytes) => Self::Utf8(Cow::Borrowed(bytes)),
            Value::Date(year, month, day, hour, minute, second, micros) => {
                let date = CivilDate { year: i32::from(*year), month: *month, day: *day };
                let time = time_micros(
                    i64::from(*hour),
                    i64::from(*minute),
                    i64::from(*second),
                    i64::from(*micros),
                );
                if kind == TypeKind::Date { Self::Date(date) } else { Self::DateTime(date, time) }
            }
            Value::Time(negative, days, hours, minutes, seconds, micros) => {
                let hours = i64::from(*days) * 24 + i64::from(*hours);
                let time = time_micros(
                    hours,
                    i64::from(*minutes),
                    i64::from(*seconds),
                    i64::from(*micros),
                );
                Self::Time(if *negative { -time } else { time })
            }
        }
    }

    /// Whether it is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

fn is_binary(kind: TypeKind) -> bool {
    matches!(
        kind,
        TypeKind::Binary
            | TypeKind::VarBinary
            | TypeKind::TinyBlob
            | TypeKind::Blob
            | TypeKind::MediumBlob
            | TypeKind::LongBlob
            | TypeKind::Bit
            | TypeKind::Point
            | TypeKind::Geometry
            | TypeKind::Unknown
    )
}

#[cfg(test)]
mod tests {
    use super::CivilDate;

    #[test]
    fn days_and_dates_are_each_others_inverse() {
        assert_eq!(CivilDate { year: 1970, month: 1, day: 1 }.epoch_day(), Some(0));
        assert_eq!(CivilDate { year: 2000, month: 2, day: 29 }.epoch_day(), Some(11_016));
        assert_eq!(CivilDate { year: 0, month: 0, day: 0 }.epoch_day(), None);
        for day in (-800_000..800_000).step_by(97) {
            assert_eq!(CivilDate::from_epoch_day(day).epoch_day(), Some(day));
        }
    }
}
