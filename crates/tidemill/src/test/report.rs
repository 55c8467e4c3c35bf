//! The command itself: finds files, runs their cases, prints what came of them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use ::functions::Registry;

use super::case::{self, Case};
use super::executor;
use super::functions;
use super::outcome::Outcome;

/// What to run and how to tell.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    /// Test files, and directories of them.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Only cases whose file or name holds this text.
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Print one JSON object per case.
    #[arg(long)]
    pub json: bool,
}

/// Counts of one file or of all.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    passed: usize,
    failed: usize,
    refused: usize,
}

impl Totals {
    fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed(_) => self.failed += 1,
            Outcome::Refused(_) => self.refused += 1,
        }
    }

    fn merge(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.refused += other.refused;
    }

    fn line(self) -> String {
        let Self { passed, failed, refused } = self;
        format!("{passed} passed, {failed} failed, {refused} refused")
    }
}

/// Runs the tests; success only when every case passed.
pub fn run(options: &Options) -> ExitCode {
    match run_files(options) {
        Ok(totals) if totals.failed + totals.refused == 0 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run_files(options: &Options) -> Result<Totals, String> {
    // A panic inside a case is reported as that case's outcome, not on the terminal.
    std::panic::set_hook(Box::new(|_| {}));
    let functions = Arc::new(functions::registry());
    let mut all = Totals::default();
    for file in files(&options.paths)? {
        let cases = case::read(&file, &read(&file)?)?;
        let is_wanted = |case: &&Case| {
            options.filter.as_ref().is_none_or(|text| {
                case.name.contains(text.as_str()) || case.file.contains(text.as_str())
            })
        };
        let totals = run_cases(cases.iter().filter(is_wanted), &functions, options)?;
        if !options.json && totals.passed + totals.failed + totals.refused > 0 {
            println!("{}: {}", file.display(), totals.line());
        }
        all.merge(totals);
    }
    if !options.json {
        println!("total: {}", all.line());
    }
    Ok(all)
}

fn run_cases<'a>(
    cases: impl Iterator<Item = &'a Case>,
    functions: &Arc<Registry>,
    options: &Options,
) -> Result<Totals, String> {
    let mut totals = Totals::default();
    for case in cases {
        let outcome = executor::run(case, functions);
        totals.add(&outcome);
        let text = match (&outcome, options.json) {
            (_, true) => outcome.json(case),
            (Outcome::Passed, false) => continue,
            (_, false) => {
                format!("{} {} - {}\n  {}", outcome.word(), case.file, case.name, outcome.detail())
            }
        };
        writeln!(std::io::stdout(), "{text}").map_err(|error| error.to_string())?;
    }
    Ok(totals)
}

/// The named files and the `.json` files in the named directories, sorted.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(json_files(path)?);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

#[allow(clippy::disallowed_methods, reason = "the command reads the files it is given")]
fn json_files(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(directory);
    let entries = entries.map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}

#[allow(clippy::disallowed_methods, reason = "the command reads the files it is given")]
fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
