//! What becomes of an event that can't be read (`event.processing.failure.handling.mode`).

use super::position::Position;
use crate::error::{Error, Result};

/// The mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// The connector stops.
    Fail,
    /// The event is left out and reported in the server's own log.
    Warn,
    /// The event is left out.
    Skip,
}

impl OnFailure {
    /// The mode called `word`.
    pub fn new(word: &str) -> Self {
        match word {
            "warn" => Self::Warn,
            "skip" | "ignore" => Self::Skip,
            _ => Self::Fail,
        }
    }

    /// Lets malformed events at `position`, and statements in the place of rows, pass if the mode
    /// says so; every other error stays one.
    ///
    /// # Errors
    /// The result's own.
    pub fn judge(self, result: Result<()>, position: &Position) -> Result<()> {
        match (result, self) {
            (Err(Error::Malformed(reason)), Self::Warn) => {
                let (file, pos) = (&position.file, position.pos);
                tracing::warn!(reason, file, pos, "left out a malformed event");
                Ok(())
            }
            (Err(error @ Error::StatementFormat { .. }), Self::Warn) => {
                tracing::warn!(%error, "left out a statement");
                Ok(())
            }
            (Err(Error::Malformed(_) | Error::StatementFormat { .. }), Self::Skip) => Ok(()),
            (result, _) => result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{OnFailure, Position};
    use crate::Error;

    #[test]
    fn only_malformed_events_are_left_out() {
        let place = Position::default();
        let malformed = || Err(Error::Malformed("x".to_owned()));
        assert!(OnFailure::new("fail").judge(malformed(), &place).is_err());
        assert!(OnFailure::new("warn").judge(malformed(), &place).is_ok());
        assert!(OnFailure::new("skip").judge(malformed(), &place).is_ok());
        assert!(OnFailure::new("skip").judge(Err(Error::Stopped), &place).is_err());
    }
}
