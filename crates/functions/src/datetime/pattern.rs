//! From the letters of a `DateTimeFormatter` pattern to items.

use super::item::{Field, Item, Number, NumberKind, OffsetForm, Sign, Style};

/// Numbers without a limit of their own have at most this many digits.
const WIDTH_MAX: usize = 19;
/// Optional sections nest at most so deep, lest a pattern exhaust the stack.
const DEPTH_MAX: usize = 32;

/// Compiles a pattern.
///
/// # Errors
/// When a letter is unknown, reserved or repeated wrongly, or quotes or brackets don't match.
pub fn compile(pattern: &str) -> Result<Vec<Item>, String> {
    let mut builder = Builder { levels: vec![Level::default()] };
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        rest = match c {
            c if c.is_ascii_alphabetic() => {
                let behind = rest.trim_start_matches(c);
                builder.letter(c, rest.len() - behind.len())?;
                behind
            }
            '\'' => builder.quoted(&rest[1..], pattern)?,
            '[' => builder.open(&rest[1..])?,
            ']' => builder.close(&rest[1..], pattern)?,
            '{' | '}' | '#' => {
                return Err(format!("pattern '{pattern}' has the reserved character '{c}'"));
            }
            c => {
                builder.push(Item::Literal(c.to_string()));
                &rest[c.len_utf8()..]
            }
        };
    }
    // Brackets that are left open end with the pattern.
    while builder.levels.len() > 1 {
        builder.end_section();
    }
    Ok(builder.levels.remove(0).items)
}

/// Items of the pattern, or of an optional section, in the making.
#[derive(Default)]
struct Level {
    items: Vec<Item>,
    /// The number that leads the present run of numbers.
    leading: Option<usize>,
}

struct Builder {
    levels: Vec<Level>,
}

impl Builder {
    fn level(&mut self) -> &mut Level {
        self.levels.last_mut().expect("the outermost level stays")
    }

    fn push(&mut self, item: Item) {
        let level = self.level();
        level.leading = None;
        level.items.push(item);
    }

    /// Numbers of fixed width behind a number get their digits from its run of digits.
    fn push_number(&mut self, number: Number) {
        let is_fixed = number.width_min == number.width_max && number.sign == Sign::None;
        let level = self.level();
        let leading = level.leading.map(|leading| &mut level.items[leading]);
        match leading {
            Some(Item::Number(first)) if is_fixed => first.following += number.width_max,
            Some(Item::Number(first)) => {
                // The new number leads from now on, and takes all the digits that it finds.
                first.following = 0;
                level.leading = Some(level.items.len());
            }
            _ => level.leading = Some(level.items.len()),
        }
        level.items.push(Item::Number(number));
    }

    fn quoted<'a>(&mut self, rest: &'a str, pattern: &str) -> Result<&'a str, String> {
        let mut literal = String::new();
        let mut rest = rest;
        loop {
            let (text, behind) = rest
                .split_once('\'')
                .ok_or_else(|| format!("pattern '{pattern}' has an unmatched quote"))?;
            literal.push_str(text);
            let Some(behind) = behind.strip_prefix('\'') else {
                let literal = if literal.is_empty() { "'".to_owned() } else { literal };
                self.push(Item::Literal(literal));
                return Ok(behind);
            };
            literal.push('\'');
            rest = behind;
        }
    }

    fn open<'a>(&mut self, rest: &'a str) -> Result<&'a str, String> {
        if self.levels.len() > DEPTH_MAX {
            return Err(format!("optional sections of a pattern nest more than {DEPTH_MAX} deep"));
        }
        self.level().leading = None;
        self.levels.push(Level::default());
        Ok(rest)
    }

    fn close<'a>(&mut self, rest: &'a str, pattern: &str) -> Result<&'a str, String> {
        if self.levels.len() == 1 {
            return Err(format!("pattern '{pattern}' has ']' without '['"));
        }
        self.end_section();
        Ok(rest)
    }

    fn end_section(&mut self) {
        let section = self.levels.pop().expect("a section was opened");
        self.push(Item::Optional(section.items));
    }

    fn letter(&mut self, letter: char, count: usize) -> Result<(), String> {
        let wrong = || Err(format!("a pattern may not have the letter '{letter}' {count} times"));
        match (letter, count) {
            (_, count) if count > WIDTH_MAX => return wrong(),
            ('y', _) => self.year(Field::YearOfEra, count),
            ('u', _) => self.year(Field::Year, count),
            ('Y', _) => self.year(Field::WeekBasedYear, count),
            ('M' | 'L', 1..=5) => self.number_or_text(Field::Month, count),
            ('Q' | 'q', 1..=5) => self.number_or_text(Field::Quarter, count),
            ('E', 1..=5) => self.push(Item::Text(Field::DayOfWeek, style(count.max(3)))),
            ('e', 1..=2) | ('c', 1) => self.value(Field::LocalDayOfWeek, count),
            ('e' | 'c', 3..=5) => self.push(Item::Text(Field::DayOfWeek, style(count))),
            ('G', 1..=5) => self.push(Item::Text(Field::Era, style(count.max(3)))),
            ('a', 1) => self.push(Item::Text(Field::AmPm, Style::Short)),
            ('d', 1..=2) => self.value(Field::DayOfMonth, count),
            ('D', 1) => self.value(Field::DayOfYear, 1),
            ('D', 2..=3) => self.push_number(number(Field::DayOfYear, count, 3, Sign::None)),
            ('F', 1) => self.value(Field::AlignedDay, 1),
            ('g', _) => {
                self.push_number(number(Field::ModifiedJulianDay, count, WIDTH_MAX, Sign::Normal))
            }
            ('w', 1..=2) => self.value(Field::WeekOfYear, count),
            ('W', 1) => self.value(Field::WeekOfMonth, 1),
            ('H', 1..=2) => self.value(Field::Hour, count),
            ('k', 1..=2) => self.value(Field::ClockHour, count),
            ('K', 1..=2) => self.value(Field::HourOfHalf, count),
            ('h', 1..=2) => self.value(Field::ClockHourOfHalf, count),
            ('m', 1..=2) => self.value(Field::Minute, count),
            ('s', 1..=2) => self.value(Field::Second, count),
            ('S', 1..=9) => self.push_number(Number {
                kind: NumberKind::Fraction,
                ..number(Field::Nano, count, count, Sign::None)
            }),
            ('n', _) => self.push_number(number(Field::Nano, count, WIDTH_MAX, Sign::None)),
            ('A', _) => self.push_number(number(Field::MilliOfDay, count, WIDTH_MAX, Sign::None)),
            ('N', _) => self.push_number(number(Field::NanoOfDay, count, WIDTH_MAX, Sign::None)),
            ('X' | 'x', 1..=5) => self.push(Item::Offset(iso_offset(letter, count))),
            ('Z', 1..=3) => {
                self.push(Item::Offset(OffsetForm { zero: "+0000", ..iso_offset('x', 2) }))
            }
            ('Z', 4) | ('O', 4) => self.push(Item::LocalizedOffset { full: true }),
            ('Z', 5) => self.push(Item::Offset(iso_offset('X', 5))),
            ('O', 1) => self.push(Item::LocalizedOffset { full: false }),
            ('V', 2) => self.push(Item::ZoneId),
            ('z', 1..=3) => self.push(Item::ZoneName),
            ('z', 4) => {
                return Err("full names of time zones (zzzz) are not supported yet".to_owned());
            }
            _ => return wrong(),
        }
        Ok(())
    }

    fn year(&mut self, field: Field, count: usize) {
        let year = match count {
            2 => Number { kind: NumberKind::TwoDigitYear, ..number(field, 2, 2, Sign::None) },
            1 | 3 => number(field, count, WIDTH_MAX, Sign::Normal),
            _ => number(field, count, WIDTH_MAX, Sign::ExceedsPad),
        };
        self.push_number(year);
    }

    fn number_or_text(&mut self, field: Field, count: usize) {
        if count <= 2 {
            self.value(field, count);
        } else {
            self.push(Item::Text(field, style(count)));
        }
    }

    /// One letter is a number of any length, two are exactly two digits.
    fn value(&mut self, field: Field, count: usize) {
        self.push_number(match count {
            1 => number(field, 1, WIDTH_MAX, Sign::Normal),
            _ => number(field, count, count, Sign::None),
        });
    }
}

fn number(field: Field, width_min: usize, width_max: usize, sign: Sign) -> Number {
    let width_max = width_max.max(width_min);
    Number { field, width_min, width_max, sign, kind: NumberKind::Plain, following: 0 }
}

fn style(count: usize) -> Style {
    match count {
        4 => Style::Full,
        5 => Style::Narrow,
        _ => Style::Short,
    }
}

fn iso_offset(letter: char, count: usize) -> OffsetForm {
    let colon = count == 3 || count == 5;
    let zero = match (letter, count, colon) {
        ('X', ..) => "Z",
        (_, 1, _) => "+00",
        (_, _, true) => "+00:00",
        _ => "+0000",
    };
    OffsetForm { colon, minutes: count > 1, seconds: count > 3, zero }
}
