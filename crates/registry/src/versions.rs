//! Which version of a subject is meant.

use std::str::FromStr;

use crate::Error;

/// A version number or the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionSpec {
    /// The newest version.
    Latest,
    /// That version, from 1.
    Number(i32),
}

impl FromStr for VersionSpec {
    type Err = Error;

    /// Reads `latest`, `-1` (the same) or a number from 1.
    fn from_str(text: &str) -> Result<Self, Error> {
        match (text, text.parse::<i32>()) {
            ("latest", _) | (_, Ok(-1)) => Ok(Self::Latest),
            (_, Ok(number)) if number >= 1 => Ok(Self::Number(number)),
            _ => Err(Error::InvalidVersion(text.to_owned())),
        }
    }
}

impl std::fmt::Display for VersionSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::Number(number) => number.fmt(f),
        }
    }
}
