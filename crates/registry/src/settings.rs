//! Compatibility levels and modes: global ones, and subjects' own.

use crate::contents::Contents;
use crate::journal::Entry;
use crate::message::{ConfigValue, Key, ModeValue};
use crate::{CompatibilityLevel, Error, Mode, Registry, Result};

/// The level that holds for a subject.
pub fn level_of(contents: &Contents, subject: &str) -> CompatibilityLevel {
    contents.level(Some(subject)).or_else(|| contents.level(None)).unwrap_or_default()
}

/// The mode that holds for a subject.
pub fn mode_of(contents: &Contents, subject: &str) -> Mode {
    let global = contents.mode(None).unwrap_or_default();
    match global {
        Mode::ReadOnlyOverride => global,
        _ => contents.mode(Some(subject)).unwrap_or(global),
    }
}

impl Registry {
    /// The level of subjects without one of their own.
    pub fn global_level(&self) -> CompatibilityLevel {
        self.read().level(None).unwrap_or_default()
    }

    /// The subject's own level.
    ///
    /// # Errors
    /// `LevelNotConfigured`.
    pub fn subject_level(&self, subject: &str) -> Result<CompatibilityLevel> {
        let own = self.read().level(Some(subject));
        own.ok_or_else(|| Error::LevelNotConfigured(subject.to_owned()))
    }

    /// The level that holds for a subject: its own or the global one.
    pub fn effective_level(&self, subject: &str) -> CompatibilityLevel {
        level_of(&self.read(), subject)
    }

    /// Sets the level of a subject, or the global one.
    ///
    /// # Errors
    /// `NotPermitted` by the mode, `Store`.
    pub fn set_level(&self, subject: Option<&str>, level: CompatibilityLevel) -> Result<()> {
        let _writing = self.begin();
        self.check_settings_writable(subject)?;
        self.write(&[Entry::new(Key::config(subject), &ConfigValue { level })])
    }

    /// Removes the subject's own level (globally: goes back to BACKWARD). Gives what it was.
    ///
    /// # Errors
    /// `LevelNotConfigured`, `NotPermitted`, `Store`.
    pub fn delete_level(&self, subject: Option<&str>) -> Result<CompatibilityLevel> {
        let _writing = self.begin();
        self.check_settings_writable(subject)?;
        let old = match subject {
            Some(subject) => self.subject_level(subject)?,
            None => self.global_level(),
        };
        self.write(&[Entry::tombstone(Key::config(subject))])?;
        Ok(old)
    }

    /// The mode of subjects without one of their own.
    pub fn global_mode(&self) -> Mode {
        self.read().mode(None).unwrap_or_default()
    }

    /// The subject's own mode.
    ///
    /// # Errors
    /// `ModeNotConfigured`.
    pub fn subject_mode(&self, subject: &str) -> Result<Mode> {
        let own = self.read().mode(Some(subject));
        own.ok_or_else(|| Error::ModeNotConfigured(subject.to_owned()))
    }

    /// The mode that holds for a subject: its own or the global one.
    pub fn effective_mode(&self, subject: &str) -> Mode {
        mode_of(&self.read(), subject)
    }

    /// Sets the mode of a subject, or the global one. IMPORT needs a subject (a registry) without
    /// schemas, unless forced.
    ///
    /// # Errors
    /// `NotPermitted`, `Store`.
    pub fn set_mode(&self, subject: Option<&str>, mode: Mode, force: bool) -> Result<()> {
        let _writing = self.begin();
        if mode == Mode::Import && !force {
            let contents = self.read();
            let occupied = match subject {
                Some(subject) => contents.versions(subject).iter().any(|v| !v.deleted),
                None => {
                    contents.subjects().any(|(_, versions)| versions.iter().any(|v| !v.deleted))
                }
            };
            if occupied {
                return Err(Error::NotPermitted(
                    "Cannot import since found existing subjects".to_owned(),
                ));
            }
        }
        self.write(&[Entry::new(Key::mode(subject), &ModeValue { mode })])
    }

    /// Removes the subject's own mode. Gives what it was.
    ///
    /// # Errors
    /// `ModeNotConfigured`, `Store`.
    pub fn delete_mode(&self, subject: &str) -> Result<Mode> {
        let _writing = self.begin();
        let old = self.subject_mode(subject)?;
        self.write(&[Entry::tombstone(Key::mode(Some(subject)))])?;
        Ok(old)
    }

    fn check_settings_writable(&self, subject: Option<&str>) -> Result<()> {
        let contents = self.read();
        let mode = match subject {
            Some(subject) => mode_of(&contents, subject),
            None => contents.mode(None).unwrap_or_default(),
        };
        match (mode.is_read_only(), subject) {
            (false, _) => Ok(()),
            (true, Some(subject)) => {
                Err(Error::NotPermitted(format!("Subject {subject} is in read-only mode")))
            }
            (true, None) => {
                Err(Error::NotPermitted("The registry is in read-only mode".to_owned()))
            }
        }
    }
}
