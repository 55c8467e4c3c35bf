//! How a case ended, and how that is told.

use serde_json::json;

use super::case::Case;

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was as expected.
    Passed,
    /// Something was not; the text tells what.
    Failed(String),
    /// The case needs something that this release can't do.
    Refused(String),
}

impl Outcome {
    /// The word for reports.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::Refused(_) => "refused",
        }
    }

    /// What was not as expected.
    pub fn detail(&self) -> &str {
        match self {
            Self::Passed => "",
            Self::Failed(detail) | Self::Refused(detail) => detail,
        }
    }

    /// One JSON object for `--json`.
    pub fn json(&self, case: &Case) -> String {
        let object = json!({
            "file": case.file,
            "name": case.name,
            "format": case.format,
            "outcome": self.word(),
            "detail": self.detail(),
        });
        object.to_string()
    }
}

/// Why a case did not go through, before the expectation is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A statement was refused as the user's fault.
    User {
        /// The message a client would get.
        message: String,
        /// Whether it was the last statement.
        is_last: bool,
    },
    /// Understood, but this release can't do it.
    Unsupported(String),
    /// A query stopped on its data.
    Runtime(String),
    /// A defect of the engine, or a case the runner can't read.
    Defect(String),
}
