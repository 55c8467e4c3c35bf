//! Reading a text by the items of a pattern, strictly and in any case, into fields.

use super::fields::Fields;
use super::item::{Item, Number, NumberKind, OffsetForm, Sign};
use super::names::{self, starts_with_ignoring_case};
use super::zone::Zone;

/// Zone ids are looked for in at most so many bytes.
const ZONE_ID_LENGTH_MAX: usize = 40;

/// Reads the whole of `text`.
///
/// # Errors
/// When the text doesn't follow the items.
pub fn read(items: &[Item], text: &str) -> Result<Fields, String> {
    let mut reader = Reader { text, position: 0, fields: Fields::default() };
    reader.items(items)?;
    if reader.position < text.len() {
        return Err(format!(
            "'{text}' goes on behind what the pattern describes, at {}",
            reader.position
        ));
    }
    Ok(reader.fields)
}

#[derive(Clone)]
struct Reader<'a> {
    text: &'a str,
    position: usize,
    fields: Fields,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    fn mismatch<T>(&self, wanted: &str) -> Result<T, String> {
        Err(format!("'{}' has no {wanted} at {}", self.text, self.position))
    }

    fn items(&mut self, items: &[Item]) -> Result<(), String> {
        for item in items {
            self.item(item)?;
        }
        Ok(())
    }

    fn item(&mut self, item: &Item) -> Result<(), String> {
        match item {
            Item::Literal(text) => self.literal(text),
            Item::Number(number) => self.number(number),
            Item::Text(field, style) => {
                let found = names::find(*field, *style, self.rest());
                let Some((value, length)) = found else {
                    return self.mismatch(&format!("{field:?}"));
                };
                self.position += length;
                self.fields.set(*field, value)
            }
            Item::Offset(form) => self.offset(form),
            Item::LocalizedOffset { full } => self.localized_offset(*full),
            Item::ZoneId => self.zone(false),
            Item::ZoneName => self.zone(true),
            Item::Optional(items) => {
                let mut attempt = self.clone();
                if attempt.items(items).is_ok() {
                    *self = attempt;
                }
                Ok(())
            }
        }
    }

    fn literal(&mut self, text: &str) -> Result<(), String> {
        if !starts_with_ignoring_case(self.rest(), text) {
            return self.mismatch(&format!("'{text}'"));
        }
        self.position += text.len();
        Ok(())
    }

    fn number(&mut self, number: &Number) -> Result<(), String> {
        let (sign, digits) = self.sign(number);
        let run = digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        // Of a run of digits, what belongs to the numbers behind this one is left to them.
        let taken = run.min(number.width_max + number.following);
        let taken = if number.following > 0 {
            taken.saturating_sub(number.following).max(number.width_min).min(taken)
        } else {
            taken
        };
        if taken < number.width_min || taken == 0 {
            return self.mismatch(&format!("{:?}", number.field));
        }
        let value: i64 = match digits[..taken].parse() {
            Ok(value) => value,
            Err(_) => return self.mismatch(&format!("{:?} that fits", number.field)),
        };
        let is_padded = number.sign == Sign::ExceedsPad;
        let wrong_sign = match sign {
            Some('-') => value == 0,
            Some(_) => taken <= number.width_min,
            None => is_padded && taken > number.width_min,
        };
        if wrong_sign {
            return self.mismatch(&format!("properly signed {:?}", number.field));
        }
        self.position += usize::from(sign.is_some()) + taken;
        let value = match number.kind {
            NumberKind::Plain if sign == Some('-') => -value,
            NumberKind::Plain => value,
            NumberKind::TwoDigitYear => 2000 + value,
            NumberKind::Fraction => value * 10_i64.pow(9 - u32::try_from(taken).unwrap_or(9)),
        };
        self.fields.set(number.field, value)
    }

    /// The sign that the number may have, and what follows it.
    fn sign(&self, number: &Number) -> (Option<char>, &'a str) {
        let rest = self.rest();
        match (number.sign, rest.chars().next()) {
            (Sign::Normal | Sign::ExceedsPad, Some('-')) => (Some('-'), &rest[1..]),
            (Sign::ExceedsPad, Some('+')) => (Some('+'), &rest[1..]),
            _ => (None, rest),
        }
    }

    fn offset(&mut self, form: &OffsetForm) -> Result<(), String> {
        if starts_with_ignoring_case(self.rest(), form.zero) {
            self.position += form.zero.len();
            return self.set_offset(0);
        }
        let sign = self.offset_sign()?;
        let Some(hours) = self.two_digits("") else { return self.mismatch("offset") };
        let colon = if form.colon { ":" } else { "" };
        let minutes = self.two_digits(colon);
        if form.minutes && minutes.is_none() {
            return self.mismatch("minutes of an offset");
        }
        let seconds = if form.seconds && minutes.is_some() { self.two_digits(colon) } else { None };
        self.set_offset(sign * (hours * 3600 + minutes.unwrap_or(0) * 60 + seconds.unwrap_or(0)))
    }

    fn localized_offset(&mut self, full: bool) -> Result<(), String> {
        self.literal("GMT")?;
        if !self.rest().starts_with(['+', '-']) {
            return self.set_offset(0);
        }
        let sign = self.offset_sign()?;
        let hours = match self.two_digits("") {
            None if !full => self.one_digit(),
            hours => hours,
        };
        let Some(hours) = hours else { return self.mismatch("offset") };
        let minutes = self.two_digits(":");
        if full && minutes.is_none() {
            return self.mismatch("minutes of an offset");
        }
        let seconds = self.two_digits(":");
        self.set_offset(sign * (hours * 3600 + minutes.unwrap_or(0) * 60 + seconds.unwrap_or(0)))
    }

    fn offset_sign(&mut self) -> Result<i32, String> {
        let sign = match self.rest().chars().next() {
            Some('+') => 1,
            Some('-') => -1,
            _ => return self.mismatch("offset"),
        };
        self.position += 1;
        Ok(sign)
    }

    /// A number of two digits behind `separator`, if there is one.
    fn two_digits(&mut self, separator: &str) -> Option<i32> {
        let digits = self.rest().strip_prefix(separator)?.get(..2)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.position += separator.len() + 2;
        digits.parse().ok()
    }

    fn one_digit(&mut self) -> Option<i32> {
        let digit = self.rest().chars().next()?.to_digit(10)?;
        self.position += 1;
        i32::try_from(digit).ok()
    }

    fn set_offset(&mut self, seconds: i32) -> Result<(), String> {
        // Checks the range.
        Zone::fixed(seconds)?;
        self.fields.offset_seconds = Some(seconds);
        Ok(())
    }

    /// The longest zone id, or short name if those are allowed.
    fn zone(&mut self, by_name: bool) -> Result<(), String> {
        let rest = self.rest();
        let may_belong = |c: char| c.is_ascii_alphanumeric() || "/_+-:~.".contains(c);
        let end = rest.find(|c| !may_belong(c)).unwrap_or(rest.len()).min(ZONE_ID_LENGTH_MAX);
        for end in (1..=end).rev() {
            let id = &rest[..end];
            let region = if by_name { names::region_of(id) } else { None };
            let zone = match (region, id) {
                (Some(region), _) => Zone::parse(region),
                (None, "z") => Zone::parse("Z"),
                (None, id) => Zone::parse(id),
            };
            // Offsets are read with hours and minutes only, unlike in ids elsewhere.
            if let Ok(zone) = zone
                && (region.is_some() || zone.id().len() == id.len())
            {
                self.position += end;
                self.fields.zone = Some(zone);
                return Ok(());
            }
        }
        self.mismatch("time zone")
    }
}
