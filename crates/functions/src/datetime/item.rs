//! What a compiled pattern consists of.

/// A field of a date, a time or an offset. Numbers count as Java's `ChronoField` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// 0 is BC, 1 is AD.
    Era,
    /// The year, 0 being 1 BC.
    Year,
    /// The year within its era.
    YearOfEra,
    /// 1 to 4.
    Quarter,
    /// 1 to 12.
    Month,
    /// 1 to 31.
    DayOfMonth,
    /// 1 to 366.
    DayOfYear,
    /// The year that a week belongs to; weeks start on Sunday, the first has January 1st.
    WeekBasedYear,
    /// The week of the week-based year.
    WeekOfYear,
    /// The week of the month.
    WeekOfMonth,
    /// The day within the seven days of an aligned week of the month.
    AlignedDay,
    /// 1 is Monday.
    DayOfWeek,
    /// 1 is Sunday.
    LocalDayOfWeek,
    /// Days since November 17th, 1858.
    ModifiedJulianDay,
    /// 0 or 1.
    AmPm,
    /// 0 to 11.
    HourOfHalf,
    /// 1 to 12.
    ClockHourOfHalf,
    /// 0 to 23.
    Hour,
    /// 1 to 24.
    ClockHour,
    /// 0 to 59.
    Minute,
    /// 0 to 59.
    Second,
    /// 0 to 999,999,999.
    Nano,
    /// Milliseconds of the day.
    MilliOfDay,
    /// Nanoseconds of the day.
    NanoOfDay,
}

impl Field {
    /// The numbers that the field may have.
    pub fn range(self) -> (i64, i64) {
        match self {
            Self::Era | Self::AmPm => (0, 1),
            Self::Year | Self::WeekBasedYear => (-999_999_999, 999_999_999),
            Self::YearOfEra => (1, 1_000_000_000),
            Self::Quarter => (1, 4),
            Self::Month | Self::ClockHourOfHalf => (1, 12),
            Self::DayOfMonth => (1, 31),
            Self::DayOfYear => (1, 366),
            Self::WeekOfYear => (1, 54),
            Self::WeekOfMonth => (0, 6),
            Self::AlignedDay | Self::DayOfWeek | Self::LocalDayOfWeek => (1, 7),
            Self::ModifiedJulianDay => (-365_961_480_000, 364_635_120_000),
            Self::HourOfHalf => (0, 11),
            // 24 is read, and means the end of the day if nothing follows.
            Self::Hour | Self::ClockHour => (0, 24),
            Self::Minute | Self::Second => (0, 59),
            Self::Nano => (0, 999_999_999),
            Self::MilliOfDay => (0, 86_399_999),
            Self::NanoOfDay => (0, 86_399_999_999_999),
        }
    }

    /// Whether the field tells something about the date.
    pub fn is_of_date(self) -> bool {
        self <= Self::ModifiedJulianDay
    }
}

/// How the sign of a number is written and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A minus for negative numbers.
    Normal,
    /// No sign; negative numbers can't be written.
    None,
    /// A minus for negative numbers, a plus for those that exceed the minimal width.
    ExceedsPad,
}

/// How long a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `Jan`.
    Short,
    /// `January`.
    Full,
    /// `J`.
    Narrow,
}

/// How an offset from UTC is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetForm {
    /// Whether colons separate the parts.
    pub colon: bool,
    /// Whether minutes are always written.
    pub minutes: bool,
    /// Whether seconds are written if they are not zero.
    pub seconds: bool,
    /// The text of no offset.
    pub zero: &'static str,
}

/// A number in a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// The field.
    pub field: Field,
    /// Digits at least.
    pub width_min: usize,
    /// Digits at most.
    pub width_max: usize,
    /// The sign.
    pub sign: Sign,
    /// What the digits mean.
    pub kind: NumberKind,
    /// Digits of the numbers of fixed width directly behind it, which it leaves to them.
    pub following: usize,
}

/// What the digits of a number mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberKind {
    /// The value.
    Plain,
    /// The last two digits of a year from 2000 on.
    TwoDigitYear,
    /// The first digits behind the decimal point of the second.
    Fraction,
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A text that stands for itself.
    Literal(String),
    /// A number.
    Number(Number),
    /// The name of a field's value.
    Text(Field, Style),
    /// An offset such as `+02:00`.
    Offset(OffsetForm),
    /// `GMT+8`, or `GMT+08:00` if full.
    LocalizedOffset {
        /// Whether both hours and minutes always have two digits.
        full: bool,
    },
    /// A zone's id.
    ZoneId,
    /// A zone's short name.
    ZoneName,
    /// Parts that may be absent.
    Optional(Vec<Item>),
}
