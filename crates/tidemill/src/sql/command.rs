//! Commands of the command line itself: they need no semicolon and never reach the server.

use super::options::Style;

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Empty the screen.
    Clear,
    /// End the session.
    Exit,
    /// Show what can be done.
    Help,
    /// Show what was typed before.
    History,
    /// Show versions.
    Version,
    /// Show or set how answers are shown.
    Output(Option<Style>),
    /// Show or change the server.
    Server(Option<String>),
    /// Run a file.
    RunScript(String),
    /// Copy all output to a file, or stop doing so.
    Spool(Option<String>),
    /// `set cli wrap`.
    Wrap(bool),
    /// `set cli column-width`.
    ColumnWidth(usize),
    /// Each statement waits for those before it anyway.
    RequestPipelining,
    /// Begins like a command, but is none; says what is expected.
    Wrong(String),
}

/// The command that `line` is, if it is one. A semicolon at its end is allowed.
pub fn parse(line: &str) -> Option<Command> {
    let line = line.trim().trim_end_matches(';').trim_end();
    let words: Vec<&str> = line.split_whitespace().collect();
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let command = match lower.as_slice() {
        ["clear"] => Command::Clear,
        ["exit" | "quit"] => Command::Exit,
        ["help", ..] | ["?"] => Command::Help,
        ["history"] => Command::History,
        ["version"] => Command::Version,
        ["output", rest @ ..] => output(rest),
        ["server"] => Command::Server(None),
        ["server", _] => Command::Server(Some(words[1].to_owned())),
        ["run", "script", ..] => file(line, 2).map_or_else(
            || Command::Wrong("expected is: run script 'FILE'".to_owned()),
            Command::RunScript,
        ),
        ["spool", "off"] => Command::Spool(None),
        ["spool", ..] => file(line, 1).map_or_else(
            || Command::Wrong("expected is: spool 'FILE', or spool off".to_owned()),
            |file| Command::Spool(Some(file)),
        ),
        ["set", "cli", rest @ ..] => set_cli(rest),
        ["request-pipelining", ..] => Command::RequestPipelining,
        _ => return None,
    };
    Some(command)
}

fn output(words: &[&str]) -> Command {
    match words {
        [] => Command::Output(None),
        ["tabular"] => Command::Output(Some(Style::Tabular)),
        ["json"] => Command::Output(Some(Style::Json)),
        _ => Command::Wrong("expected is: output [TABULAR|JSON]".to_owned()),
    }
}

fn set_cli(words: &[&str]) -> Command {
    match words {
        ["wrap", "on"] => Command::Wrap(true),
        ["wrap", "off"] => Command::Wrap(false),
        ["column-width", width] if width.parse::<usize>().is_ok() => {
            Command::ColumnWidth(width.parse().unwrap_or_default())
        }
        _ => {
            Command::Wrong("expected is: set cli wrap ON|OFF, or set cli column-width N".to_owned())
        }
    }
}

/// What stands behind the first `skipped` words, without quotes around it.
fn file(line: &str, skipped: usize) -> Option<String> {
    let mut rest = line;
    for _ in 0..skipped {
        rest = rest.split_once(char::is_whitespace)?.1.trim_start();
    }
    let bare = rest.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let name = bare.unwrap_or(rest);
    (!name.is_empty()).then(|| name.to_owned())
}

/// What `help` shows.
pub const HELP: &str = "\
Statements end with ';' and may span several lines. Ctrl-C ends a running query, Ctrl-D the session.

  clear                        empty the screen
  exit                         end the session
  help                         show this
  history                      show what was typed before
  output [TABULAR|JSON]        show or set how answers are shown
  run script 'FILE'            run the statements of a file
  server [URL]                 show or change the server
  set cli wrap ON|OFF          let long cells go on in further lines, or cut them
  set cli column-width N       width of columns; 0 shares the terminal's width
  spool 'FILE' | spool off     copy all output to a file
  version                      show versions

  SHOW TOPICS | STREAMS | TABLES | QUERIES | CONNECTORS | FUNCTIONS | PROPERTIES | TYPES | VARIABLES;
  DESCRIBE name; DESCRIBE FUNCTION name; DESCRIBE CONNECTOR name; EXPLAIN query;
  PRINT 'topic' FROM BEGINNING; SELECT ... ; SELECT ... EMIT CHANGES;
  SET 'property' = 'value'; UNSET 'property'; DEFINE name = 'value'; UNDEFINE name;
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_statements() {
        assert_eq!(parse("EXIT;"), Some(Command::Exit));
        assert_eq!(parse(" output json "), Some(Command::Output(Some(Style::Json))));
        assert_eq!(parse("run script '/a b.sql';"), Some(Command::RunScript("/a b.sql".into())));
        assert_eq!(parse("spool off"), Some(Command::Spool(None)));
        assert_eq!(parse("set cli column-width 12"), Some(Command::ColumnWidth(12)));
        assert!(matches!(parse("set cli wrap maybe"), Some(Command::Wrong(_))));
        assert_eq!(parse("set 'a' = 'b';"), None);
        assert_eq!(parse("select 1;"), None);
    }
}
