//! Dates and times as text in Java's patterns: [`Formatter`] is `java.time`'s `DateTimeFormatter`,
//! [`LenientDateFormat`] the older `SimpleDateFormat`, [`Zone`] is `ZoneId`. Locale is English (US).
//!
//! Used by the date and time functions, and by whoever reads a TIMESTAMP_FORMAT. Nothing here reads
//! the clock or the machine's own time zone. Years from -9999 to 9999 are supported.
//!
//! A pattern goes through `pattern` to `item`s; `print` writes a moment by them, `read` reads a text
//! into `fields`, and `resolve` makes a date, a time or a timestamp of those.

mod fields;
mod formatter;
mod item;
mod lenient;
mod names;
mod pattern;
mod print;
mod read;
mod resolve;
mod zone;

pub use formatter::Formatter;
pub use lenient::LenientDateFormat;
pub use zone::Zone;

#[cfg(test)]
mod tests;
