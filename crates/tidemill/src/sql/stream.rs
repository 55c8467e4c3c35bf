//! SELECT and PRINT: rows as they come, until the end, a limit, or Ctrl-C.

use std::time::Duration;

use types::seams::Clock as _;
use types::seams::system::SystemClock;

use super::client::{self, Client, Error, Pieces};
use super::options::Style;
use super::output::Output;
use super::render::RowBox;
use super::row_lines::{Element, Lines, element};
use super::session::Session;

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// The server had no more.
    Done,
    /// Ctrl-C, or a limit of the command line's.
    Stopped,
}

/// Shows the rows of a SELECT.
///
/// # Errors
/// When the query is refused, fails, or the connection breaks.
pub fn select(
    client: &Client,
    session: &Session,
    output: &mut Output,
    text: &str,
) -> client::Result<()> {
    let mut stream = Stream::open(client, session, text)?;
    let mut rows = Rows { session, row_box: None, count: 0 };
    while let Some(lines) = stream.next_lines(output)? {
        for line in lines {
            if let Some(element) = element(&line) {
                rows.show(element, output)?;
            }
            if session.query_rows_max.is_some_and(|max| rows.count >= max) {
                stream.ending = Ending::Stopped;
            }
        }
    }
    if session.style == Style::Tabular {
        output.line("Query terminated");
    }
    Ok(())
}

/// Shows the lines of a PRINT.
///
/// # Errors
/// As [`select`].
pub fn print(
    client: &Client,
    session: &Session,
    output: &mut Output,
    text: &str,
) -> client::Result<()> {
    let mut stream = Stream::open(client, session, text)?;
    let mut count = 0;
    while let Some(lines) = stream.next_lines(output)? {
        for line in lines {
            output.line(&line);
            count += u64::from(line.starts_with("rowtime:"));
            if session.query_rows_max.is_some_and(|max| count >= max) {
                stream.ending = Ending::Stopped;
                break;
            }
        }
    }
    if stream.ending == Ending::Stopped {
        output.line("Topic printing ceased");
    }
    Ok(())
}

/// Lines of an answer with the reasons to stop reading it.
struct Stream<'a> {
    client: &'a Client,
    pieces: Pieces,
    lines: Lines,
    is_ended: bool,
    ending: Ending,
    clock: SystemClock,
    time_max: Option<Duration>,
}

impl<'a> Stream<'a> {
    fn open(client: &'a Client, session: &Session, text: &str) -> client::Result<Self> {
        let clock = SystemClock::new();
        let pieces = client.query(text, session)?;
        let (lines, time_max) = (Lines::default(), session.query_time_max);
        let ending = Ending::Done;
        Ok(Self { client, pieces, lines, is_ended: false, ending, clock, time_max })
    }

    /// The next lines; `None` when there are no more or nobody wants them.
    fn next_lines(&mut self, output: &Output) -> client::Result<Option<Vec<String>>> {
        if self.is_ended || self.ending == Ending::Stopped || output.is_closed() {
            return Ok(None);
        }
        let time_left = self.time_max.map(|max| max.saturating_sub(self.clock.monotonic()));
        if time_left.is_some_and(|left| left.is_zero()) {
            self.ending = Ending::Stopped;
            return Ok(None);
        }
        match self.client.next_piece(&mut self.pieces, time_left) {
            Ok(Some(piece)) => Ok(Some(self.lines.take(&piece))),
            Ok(None) => {
                self.is_ended = true;
                Ok(Some(self.lines.rest().into_iter().collect()))
            }
            Err(Error::Interrupted) => {
                self.ending = Ending::Stopped;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Shows elements one after the other.
struct Rows<'a> {
    session: &'a Session,
    row_box: Option<RowBox>,
    count: u64,
}

impl Rows<'_> {
    fn show(&mut self, element: Element, output: &mut Output) -> client::Result<()> {
        match element {
            Element::Header(names) => self.header(names, output),
            Element::Row(values) => self.row(&values, false, output),
            Element::Tombstone(values) => self.row(&values, true, output),
            Element::Final(message) if self.session.style == Style::Tabular => {
                output.line(&message);
            }
            Element::Final(_) => {}
            Element::Failed(message) => {
                return Err(Error::Refused(serde_json::json!({ "message": message })));
            }
        }
        Ok(())
    }

    fn header(&mut self, names: Vec<String>, output: &mut Output) {
        let row_box = RowBox::new(names, self.session, output.width());
        if self.session.style == Style::Tabular {
            output.text(&row_box.header());
        }
        self.row_box = Some(row_box);
    }

    fn row(&mut self, values: &[serde_json::Value], is_tombstone: bool, output: &mut Output) {
        // The limit may lie within the lines of one piece.
        if self.session.query_rows_max.is_some_and(|max| self.count >= max) {
            return;
        }
        self.count += 1;
        let Some(row_box) = &self.row_box else { return };
        match self.session.style {
            Style::Tabular => output.text(&row_box.row(values, is_tombstone)),
            Style::Json => output.line(&row_box.json(values, is_tombstone)),
        }
    }
}
