//! Development checks that clippy can't make: `cargo run -p xtask -- tidy`.
//!
//! The same checks run as tests of this crate, so `make test` enforces them.

mod docs;
mod layers;
mod sources;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A rule that is broken, and where.
type Violation = String;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("tidy") => report(&tidy(&workspace_root())),
        _ => {
            eprintln!("usage: cargo run -p xtask -- tidy");
            ExitCode::from(2)
        }
    }
}

/// Every violation of every check.
fn tidy(root: &Path) -> Vec<Violation> {
    [layers::check(root), sources::check(root), docs::check(root)].concat()
}

fn report(violations: &[Violation]) -> ExitCode {
    for violation in violations {
        eprintln!("{violation}");
    }
    if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn workspace_root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).expect("xtask lies two levels below the root").to_owned()
}

/// The text of `path`; an unreadable file is a broken checkout, so the check stops.
#[allow(clippy::disallowed_methods, reason = "a development tool reads the checkout")]
fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names in `directory`, sorted; empty when there is no such directory.
#[allow(clippy::disallowed_methods, reason = "a development tool reads the checkout")]
fn entries(directory: &Path) -> Vec<PathBuf> {
    let Ok(found) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = found.filter_map(|e| e.ok().map(|e| e.path())).collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_clean(violations: &[Violation]) {
        assert!(violations.is_empty(), "\n{}", violations.join("\n"));
    }

    #[test]
    fn crates_use_only_lower_layers() {
        assert_clean(&layers::check(&workspace_root()));
    }

    #[test]
    fn sources_are_tidy() {
        assert_clean(&sources::check(&workspace_root()));
    }

    #[test]
    fn documents_name_what_exists() {
        assert_clean(&docs::check(&workspace_root()));
    }
}
