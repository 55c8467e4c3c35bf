//! Modes: what may be done to a subject.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// What may be done to a subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Mode {
    /// Everything; ids are assigned here.
    #[default]
    #[serde(rename = "READWRITE")]
    ReadWrite,
    /// Only reading.
    #[serde(rename = "READONLY")]
    ReadOnly,
    /// Only reading, whatever the subjects' own modes.
    #[serde(rename = "READONLY_OVERRIDE")]
    ReadOnlyOverride,
    /// Registering with given ids, as when another registry is copied.
    #[serde(rename = "IMPORT")]
    Import,
}

impl Mode {
    const ALL: [Self; 4] = [Self::ReadWrite, Self::ReadOnly, Self::ReadOnlyOverride, Self::Import];

    /// Confluent's name of the mode.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadWrite => "READWRITE",
            Self::ReadOnly => "READONLY",
            Self::ReadOnlyOverride => "READONLY_OVERRIDE",
            Self::Import => "IMPORT",
        }
    }

    /// Whether subjects may not be changed.
    pub fn is_read_only(self) -> bool {
        matches!(self, Self::ReadOnly | Self::ReadOnlyOverride)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Mode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|mode| mode.name().eq_ignore_ascii_case(text));
        found.ok_or(Error::InvalidMode)
    }
}
