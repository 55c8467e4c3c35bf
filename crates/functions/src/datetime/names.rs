//! English names of months, days, eras and time zones.

use super::item::{Field, Style};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const SHORT_LENGTH: usize = 3;

/// Short names of zones, and the region whose rules they mean when they are read.
const ZONES: [(&str, &str); 40] = [
    ("UTC", "UTC"),
    ("GMT", "GMT"),
    ("UT", "UTC"),
    ("PST", "America/Los_Angeles"),
    ("PDT", "America/Los_Angeles"),
    ("MST", "America/Denver"),
    ("MDT", "America/Denver"),
    ("CST", "America/Chicago"),
    ("CDT", "America/Chicago"),
    ("EST", "America/New_York"),
    ("EDT", "America/New_York"),
    ("AKST", "America/Anchorage"),
    ("AKDT", "America/Anchorage"),
    ("HST", "Pacific/Honolulu"),
    ("AST", "America/Halifax"),
    ("ADT", "America/Halifax"),
    ("NST", "America/St_Johns"),
    ("NDT", "America/St_Johns"),
    ("BST", "Europe/London"),
    ("WET", "Europe/Lisbon"),
    ("WEST", "Europe/Lisbon"),
    ("CET", "Europe/Paris"),
    ("CEST", "Europe/Paris"),
    ("EET", "Europe/Athens"),
    ("EEST", "Europe/Athens"),
    ("MSK", "Europe/Moscow"),
    ("IST", "Asia/Kolkata"),
    ("PKT", "Asia/Karachi"),
    ("JST", "Asia/Tokyo"),
    ("KST", "Asia/Seoul"),
    ("HKT", "Asia/Hong_Kong"),
    ("SGT", "Asia/Singapore"),
    ("WIB", "Asia/Jakarta"),
    ("AEST", "Australia/Sydney"),
    ("AEDT", "Australia/Sydney"),
    ("ACST", "Australia/Adelaide"),
    ("ACDT", "Australia/Adelaide"),
    ("AWST", "Australia/Perth"),
    ("NZST", "Pacific/Auckland"),
    ("NZDT", "Pacific/Auckland"),
];

/// The name of a field's value; `None` for fields that have no names.
pub fn name(field: Field, value: i64, style: Style) -> Option<String> {
    let index = usize::try_from(value).ok()?;
    let text = match field {
        Field::Month => MONTHS.get(index.checked_sub(1)?)?,
        Field::DayOfWeek => DAYS.get(index.checked_sub(1)?)?,
        Field::AmPm => return Some(["AM", "PM"].get(index)?.to_string()),
        Field::Era => return era(index, style).map(str::to_owned),
        Field::Quarter => return quarter(index, style),
        _ => return None,
    };
    let length = match style {
        Style::Short => SHORT_LENGTH,
        Style::Full => text.len(),
        Style::Narrow => 1,
    };
    Some(text[..length].to_owned())
}

fn era(index: usize, style: Style) -> Option<&'static str> {
    let names = match style {
        Style::Short => ["BC", "AD"],
        Style::Full => ["Before Christ", "Anno Domini"],
        Style::Narrow => ["B", "A"],
    };
    names.get(index).copied()
}

fn quarter(index: usize, style: Style) -> Option<String> {
    const FULL: [&str; 4] = ["1st quarter", "2nd quarter", "3rd quarter", "4th quarter"];
    let full = FULL.get(index.checked_sub(1)?)?;
    Some(match style {
        Style::Short => format!("Q{index}"),
        Style::Full => (*full).to_owned(),
        Style::Narrow => index.to_string(),
    })
}

/// The value whose name `text` begins with, and the length of the name; the longest name wins.
pub fn find(field: Field, style: Style, text: &str) -> Option<(i64, usize)> {
    let (first, last) = field.range();
    (first..=last)
        .filter_map(|value| {
            let name = name(field, value, style)?;
            starts_with_ignoring_case(text, &name).then_some((value, name.len()))
        })
        .max_by_key(|(_, length)| *length)
}

/// The region of a zone's short name.
pub fn region_of(short_name: &str) -> Option<&'static str> {
    let same = |(name, _): &&(&str, &str)| name.eq_ignore_ascii_case(short_name);
    ZONES.iter().find(same).map(|(_, region)| *region)
}

/// Whether `text` begins with `prefix`, in any case.
pub fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.to_lowercase() == prefix.to_lowercase())
}
