//! The golden-file runner of every crate: text files of cases that rewrite themselves.
//!
//! A file is a list of blocks with an empty line between them:
//!
//! ```text
//! # A remark, in front of what it is about.
//! > what goes in, one line
//! > or several
//! what must come out
//! ```
//!
//! Lines with `> ` are the input; what follows up to the next empty line is expected. Lines with `# `
//! are kept as they are; a block may consist of remarks only. An empty line inside an answer is
//! written as `~`; an answer must not begin with `>`.
//!
//! With `UPDATE_GOLDEN=1` in the environment a file is rewritten with what really came out; the
//! difference is then for `git diff` and a reader to judge.
#![allow(clippy::disallowed_methods, reason = "golden files are read and rewritten where they lie")]

use std::fmt::Write;
use std::path::Path;

/// Stands for an empty line of an answer.
const EMPTY_LINE: &str = "~";
/// How many differing blocks are shown.
const DIFFERENCES_MAX: usize = 3;

/// Asks `answer` for every block of the file and holds what it says against what is written there.
/// The blocks are asked in their order, so that `answer` may remember.
///
/// # Panics
/// When an answer differs (with file, line and difference), or the file can't be read or rewritten.
#[track_caller]
pub fn check(path: impl AsRef<Path>, answer: impl FnMut(&str) -> String) {
    let path = path.as_ref();
    let text = read(path);
    let answers = answered(&text, answer);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let rewritten = rewritten(&answers);
        if rewritten != text {
            std::fs::write(path, rewritten)
                .unwrap_or_else(|error| panic!("{} is not writable: {error}", path.display()));
        }
    } else if let Some(differences) = differences(&path.display().to_string(), &answers) {
        panic!("{differences}UPDATE_GOLDEN=1 rewrites the file");
    }
}

/// The inputs of a golden file, for tests that do more with them.
///
/// # Panics
/// When the file can't be read.
#[track_caller]
pub fn inputs(path: impl AsRef<Path>) -> Vec<String> {
    let text = read(path.as_ref());
    blocks(&text).iter().map(Block::input_text).filter(|input| !input.is_empty()).collect()
}

#[track_caller]
fn read(path: &Path) -> String {
    std::fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{} is not readable: {error}", path.display()))
}

/// A block as it stands in the file.
#[derive(Debug, Default)]
struct Block<'a> {
    remarks: Vec<&'a str>,
    /// With their `>`.
    input: Vec<&'a str>,
    expected: Vec<&'a str>,
    /// Number of the line behind the input, from 1.
    answer_line: usize,
}

impl Block<'_> {
    fn input_text(&self) -> String {
        let lines = self.input.iter().map(|line| line[1..].strip_prefix(' ').unwrap_or(&line[1..]));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn is_empty(&self) -> bool {
        self.remarks.is_empty() && self.input.is_empty() && self.expected.is_empty()
    }
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = vec![Block::default()];
    for (index, line) in text.lines().enumerate() {
        let block = blocks.last_mut().expect("there is always one");
        if line.is_empty() {
            blocks.push(Block::default());
        } else if line.starts_with('>') && block.expected.is_empty() {
            block.input.push(line);
            block.answer_line = index + 2;
        } else if line.starts_with('#') && block.expected.is_empty() && block.input.is_empty() {
            block.remarks.push(line);
        } else {
            block.expected.push(line);
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

/// Every block with the lines of its answer.
fn answered<'a>(
    text: &'a str,
    mut answer: impl FnMut(&str) -> String,
) -> Vec<(Block<'a>, Vec<String>)> {
    let answer_of = |block: Block<'a>| {
        let lines = match block.input.is_empty() {
            true => Vec::new(),
            false => lines_of(&answer(&block.input_text())),
        };
        (block, lines)
    };
    blocks(text).into_iter().map(answer_of).collect()
}

fn lines_of(answer: &str) -> Vec<String> {
    assert!(!answer.starts_with('>'), "would be read as input: {answer}");
    let written = |line: &str| if line.is_empty() { EMPTY_LINE } else { line }.to_owned();
    answer.trim_end().lines().map(written).collect()
}

fn rewritten(answers: &[(Block<'_>, Vec<String>)]) -> String {
    let texts = answers.iter().map(|(block, answer)| {
        let kept = block.remarks.iter().chain(&block.input).copied();
        let lines = kept.chain(answer.iter().map(String::as_str));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// What differs, for a reader; `None` when nothing does.
fn differences(file: &str, answers: &[(Block<'_>, Vec<String>)]) -> Option<String> {
    let mut wrong = answers.iter().filter(|(block, answer)| block.expected != *answer).peekable();
    wrong.peek()?;
    let mut text = String::new();
    for (block, answer) in wrong.by_ref().take(DIFFERENCES_MAX) {
        let same = block.expected.iter().zip(answer).take_while(|(want, is)| *want == is).count();
        let line = block.answer_line + same;
        writeln!(text, "\n{file}:{line}: the answer differs").expect("strings can be written to");
        show(block, answer, &mut text);
    }
    let more = wrong.count();
    if more > 0 {
        writeln!(text, "\n... and {more} blocks more").expect("strings can be written to");
    }
    Some(text)
}

/// The input, then expected (`-`), actual (`+`) and common lines.
fn show(block: &Block<'_>, answer: &[String], text: &mut String) {
    let mut add = |mark: &str, line: &str| {
        writeln!(text, "  {mark}{line}").expect("strings can be written to");
    };
    block.input.iter().for_each(|line| add("", line));
    let actual: Vec<&str> = answer.iter().map(String::as_str).collect();
    for (mark, line) in crate::diff::lines(&block.expected, &actual) {
        add(mark, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# Remark.\n\n> a\n> b\nA\nB\n\n> c\n";

    fn upper(input: &str) -> String {
        input.to_uppercase()
    }

    #[test]
    fn right_answers_differ_in_nothing() {
        let file = "# Remark.\n\n\n> a\n> b\nA\nB\n\n# Of c.\n> c\nC";
        assert_eq!(differences("f", &answered(file, upper)), None);
    }

    #[test]
    fn a_wrong_answer_is_shown_with_its_place() {
        let shown = differences("f", &answered(FILE, upper)).expect("one is wrong");
        assert_eq!(shown, "\nf:9: the answer differs\n  > c\n  + C\n");
        let file = "> a\n> b\nA\nX\nB\n";
        let shown = differences("f", &answered(file, upper)).expect("it is wrong");
        assert_eq!(shown, "\nf:4: the answer differs\n  > a\n  > b\n    A\n  - X\n    B\n");
    }

    #[test]
    fn rewriting_keeps_remarks_and_inputs_and_marks_empty_lines() {
        assert_eq!(rewritten(&answered(FILE, upper)), format!("{FILE}C\n"));
        let rewritten = rewritten(&answered("> a\n", |_| "1\n\n2\n".to_owned()));
        assert_eq!(rewritten, "> a\n1\n~\n2\n");
        assert_eq!(differences("f", &answered(&rewritten, |_| "1\n\n2".to_owned())), None);
    }

    #[test]
    fn inputs_lose_their_marks_only() {
        let inputs: Vec<String> =
            blocks("> a\n>  b\n>\n> c\nx\n").iter().map(Block::input_text).collect();
        assert_eq!(inputs, ["a\n b\n\nc"]);
    }
}
