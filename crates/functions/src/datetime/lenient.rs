//! `SimpleDateFormat`, for reading: fields may exceed their range and then carry over, and what follows the
//! pattern is ignored. Dates before October 15th, 1582 are those of the Julian calendar.

use std::collections::BTreeMap;

use types::text::DAY_MS;

use super::item::{Field, Style};
use super::names;
use super::resolve::{date_of, days_of};
use super::zone::Zone;

/// 1582-10-01, in the month whose days before the 15th were Julian; months are not split.
const GREGORIAN_START_DAY: i64 = -141_441;
/// Two-digit years lie within the century that began so many years ago.
const PIVOT_YEARS: i64 = 80;
/// Numbers of more digits are refused, lest they overflow.
const DIGITS_MAX: usize = 9;

/// A compiled pattern of `java.text.SimpleDateFormat`, in UTC.
#[derive(Clone, Debug)]
pub struct LenientDateFormat {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    /// A pattern letter and how often it stands.
    Field(char, usize),
}

impl LenientDateFormat {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// When a letter is unknown or a quote unmatched.
    pub fn compile(pattern: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = pattern;
        while let Some(c) = rest.chars().next() {
            if c.is_ascii_alphabetic() {
                if !"GyYMLwWDdFEuaHkKhmsSzZX".contains(c) {
                    return Err(format!("illegal pattern character '{c}'"));
                }
                let behind = rest.trim_start_matches(c);
                parts.push(Part::Field(c, rest.len() - behind.len()));
                rest = behind;
            } else {
                let (literal, behind) = read_literal(rest)?;
                push_literal(&mut parts, &literal);
                rest = behind;
            }
        }
        Ok(Self { parts })
    }

    /// Milliseconds since the epoch of a text; `now_ms` decides the century of two-digit years.
    ///
    /// # Errors
    /// When the text doesn't begin as the pattern describes.
    pub fn parse(&self, text: &str, now_ms: i64) -> Result<i64, String> {
        let mut reader = Reader { text, rest: text, now_ms, values: BTreeMap::new(), zone: None };
        for (index, part) in self.parts.iter().enumerate() {
            match part {
                Part::Literal(literal) => reader.literal(literal)?,
                Part::Field(letter, count) => {
                    let next = self.parts.get(index + 1);
                    let abuts = matches!(next, Some(Part::Field(letter, count)) if is_numeric(*letter, *count));
                    reader.field(*letter, *count, abuts)?;
                }
            }
        }
        reader.timestamp_ms()
    }
}

fn push_literal(parts: &mut Vec<Part>, literal: &str) {
    match parts.last_mut() {
        Some(Part::Literal(text)) => text.push_str(literal),
        _ => parts.push(Part::Literal(literal.to_owned())),
    }
}

/// A character that stands for itself, or a quoted text.
fn read_literal(pattern: &str) -> Result<(String, &str), String> {
    let Some(quoted) = pattern.strip_prefix('\'') else {
        let c = pattern.chars().next().unwrap_or_default();
        return Ok((c.to_string(), &pattern[c.len_utf8()..]));
    };
    if let Some(rest) = quoted.strip_prefix('\'') {
        return Ok(("'".to_owned(), rest));
    }
    let mut literal = String::new();
    let mut rest = quoted;
    loop {
        let (text, behind) = rest.split_once('\'').ok_or("unterminated quote in the pattern")?;
        literal.push_str(text);
        match behind.strip_prefix('\'') {
            Some(behind) => {
                literal.push('\'');
                rest = behind;
            }
            None => return Ok((literal, behind)),
        }
    }
}

fn is_numeric(letter: char, count: usize) -> bool {
    match letter {
        'G' | 'E' | 'a' | 'z' | 'Z' | 'X' => false,
        'M' | 'L' => count < 3,
        _ => true,
    }
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
    now_ms: i64,
    /// The value of each letter; `L` counts as `M`, names of days as `E`.
    values: BTreeMap<char, i64>,
    zone: Option<Zone>,
}

impl Reader<'_> {
    fn unparseable<T>(&self) -> Result<T, String> {
        Err(format!("unparseable date: '{}' at {}", self.text, self.text.len() - self.rest.len()))
    }

    fn literal(&mut self, literal: &str) -> Result<(), String> {
        match self.rest.strip_prefix(literal) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => self.unparseable(),
        }
    }

    fn field(&mut self, letter: char, count: usize, abuts: bool) -> Result<(), String> {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        match letter {
            'M' | 'L' if count >= 3 => self.name('M', Field::Month, -1),
            'E' => self.name('E', Field::DayOfWeek, 0),
            'a' => self.name('a', Field::AmPm, 0),
            'G' => self.name('G', Field::Era, 0),
            'z' | 'Z' | 'X' => self.zone(),
            _ => self.number(letter, count, abuts),
        }
    }

    /// A short or full name; the longest that fits.
    fn name(&mut self, letter: char, field: Field, shift: i64) -> Result<(), String> {
        let find = |style| names::find(field, style, self.rest);
        match find(Style::Full).or_else(|| find(Style::Short)) {
            Some((value, length)) => {
                self.values.insert(letter, value + shift);
                self.rest = &self.rest[length..];
                Ok(())
            }
            None => self.unparseable(),
        }
    }

    /// A number takes all digits, unless another number follows directly.
    fn number(&mut self, letter: char, count: usize, abuts: bool) -> Result<(), String> {
        let (sign, digits) = match self.rest.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, self.rest),
        };
        let run = digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let width = count.saturating_sub(usize::from(sign < 0));
        let taken = if abuts { run.min(width) } else { run };
        if taken == 0 || taken > DIGITS_MAX {
            return self.unparseable();
        }
        let Ok(value) = digits[..taken].parse::<i64>() else { return self.unparseable() };
        self.rest = &digits[taken..];
        let is_short_year = letter == 'y' && count <= 2 && taken == 2 && sign > 0;
        let value = if is_short_year { self.year_of_century(value)? } else { sign * value };
        let (letter, value) = match letter {
            'M' | 'L' => ('M', value - 1),
            'u' => ('E', value),
            other => (other, value),
        };
        self.values.insert(letter, value);
        Ok(())
    }

    fn year_of_century(&self, year: i64) -> Result<i64, String> {
        let now = date_of(self.now_ms.div_euclid(DAY_MS))?;
        let first = i64::from(now.year()) - PIVOT_YEARS;
        let candidate = first - first % 100 + year;
        Ok(if candidate < first { candidate + 100 } else { candidate })
    }

    fn zone(&mut self) -> Result<(), String> {
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || "/_+-:".contains(c)));
        let id = &self.rest[..end.unwrap_or(self.rest.len())];
        let zone = names::region_of(id).map_or_else(|| Zone::parse(id), Zone::parse);
        match zone {
            Ok(zone) => {
                self.zone = Some(zone);
                self.rest = &self.rest[id.len()..];
                Ok(())
            }
            Err(_) => self.unparseable(),
        }
    }

    fn timestamp_ms(&self) -> Result<i64, String> {
        let local_ms = self.days()? * DAY_MS + self.time_ms();
        match &self.zone {
            None => Ok(local_ms),
            Some(zone) => {
                let local = Zone::gmt().to_local(local_ms)?;
                zone.to_timestamp_ms(local)
            }
        }
    }

    fn value(&self, letter: char) -> Option<i64> {
        self.values.get(&letter).copied()
    }

    fn days(&self) -> Result<i64, String> {
        let year = self.value('y').or_else(|| self.value('Y')).unwrap_or(1970);
        let year = if self.value('G') == Some(0) { 1 - year } else { year };
        if let (Some(day), None, None) = (self.value('D'), self.value('d'), self.value('M')) {
            return Ok(first_of_month(year, 0)? + day - 1);
        }
        if let (Some(week), None) = (self.value('w'), self.value('d')) {
            let first = first_of_month(year, 0)?;
            let sunday = first - (first + 4).rem_euclid(7);
            let weekday = self.value('E').map_or(0, |weekday| weekday % 7);
            return Ok(sunday + (week - 1) * 7 + weekday);
        }
        Ok(first_of_month(year, self.value('M').unwrap_or(0))? + self.value('d').unwrap_or(1) - 1)
    }

    fn time_ms(&self) -> i64 {
        let hour_of_half = self.value('K').or_else(|| self.value('h').map(|hour| hour % 12));
        let half_hours = self.value('a').unwrap_or(0) * 12;
        let hour = self
            .value('H')
            .or_else(|| self.value('k').map(|hour| hour % 24))
            .unwrap_or_else(|| half_hours + hour_of_half.unwrap_or(0));
        let part = |letter| self.value(letter).unwrap_or(0);
        ((hour * 60 + part('m')) * 60 + part('s')) * 1000 + part('S')
    }
}

/// Days from 1970-01-01 to the first of a month, counted from 0, which may lie outside the year.
fn first_of_month(year: i64, month: i64) -> Result<i64, String> {
    let out_of_range = || format!("the year {year} is out of range");
    let year = year.checked_add(month.div_euclid(12)).ok_or_else(out_of_range)?;
    let year = i16::try_from(year).map_err(|_| out_of_range())?;
    let month = i8::try_from(month.rem_euclid(12) + 1).expect("a month is at most 12");
    let date = jiff::civil::Date::new(year, month, 1).map_err(|_| out_of_range())?;
    let gregorian = i64::from(days_of(date));
    Ok(if gregorian < GREGORIAN_START_DAY {
        julian_day(year.into(), month.into())
    } else {
        gregorian
    })
}

/// Days from 1970-01-01 to the first of a month of the Julian calendar.
fn julian_day(year: i64, month: i64) -> i64 {
    // Years begin in March, so that the leap day is the last; the 719,470 days reach back to March of year 0.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    365 * year + year.div_euclid(4) + (153 * month + 2) / 5 - 719_470
}
