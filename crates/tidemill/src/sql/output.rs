//! Where everything the command line shows goes: the terminal and, while spooling, a file.

use std::fs::File;
use std::io::{self, Write as _};

/// Width when the terminal does not tell.
const WIDTH_DEFAULT: usize = 80;

/// The terminal, and a copy.
#[derive(Debug)]
pub struct Output {
    spool: Option<File>,
    width: Option<usize>,
    is_closed: bool,
}

impl Output {
    /// Output to the terminal.
    pub fn to_terminal() -> Self {
        Self { spool: None, width: None, is_closed: false }
    }

    /// Shows `text` and ends the line.
    pub fn line(&mut self, text: &str) {
        self.text(&format!("{text}\n"));
    }

    /// Shows `text` as it is.
    pub fn text(&mut self, text: &str) {
        let mut terminal = io::stdout().lock();
        if terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush()).is_err() {
            // Whoever read the output is gone, as `head` is after ten lines.
            self.is_closed = true;
        }
        let copied = self.spool.as_mut().map(|spool| spool.write_all(text.as_bytes()));
        if let Some(Err(error)) = copied {
            self.spool = None;
            eprintln!("error: cannot write to the spool file: {error}");
        }
    }

    /// Shows an error.
    pub fn error(&mut self, text: &str) {
        eprintln!("{}", text.trim_end());
        if let Some(spool) = &mut self.spool {
            // The terminal has it; a spool that fails is reported with the next output.
            let _ = writeln!(spool, "{}", text.trim_end());
        }
    }

    /// Whether nobody reads the output any more.
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Copies to a file from now on, or no more.
    ///
    /// # Errors
    /// When the file can't be made.
    pub fn spool(&mut self, path: Option<&str>) -> io::Result<()> {
        #[allow(clippy::disallowed_methods, reason = "the user's file")]
        let spool = path.map(File::create).transpose()?;
        self.spool = spool;
        Ok(())
    }

    /// Tells the terminal's width.
    pub fn set_width(&mut self, width: usize) {
        self.width = Some(width);
    }

    /// The terminal's width: as it was told, as COLUMNS says, or 80.
    pub fn width(&self) -> usize {
        let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
        self.width.or_else(columns).filter(|width| *width > 0).unwrap_or(WIDTH_DEFAULT)
    }
}
