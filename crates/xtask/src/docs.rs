//! Documents stay true: every path they name exists, and every crate is on the code map.

use std::path::Path;

use crate::{Violation, entries, read};

/// Documents whose paths are checked.
const DOCUMENTS: [&str; 5] = [
    "README.md",
    "ARCHITECTURE.md",
    "docs/life-of-a-record.md",
    "docs/life-of-a-query.md",
    "docs/glossary.md",
];

/// Beginnings of what counts as a path of this repository when it stands in back-quotes.
const PATH_STARTS: [&str; 3] = ["crates/", "docs/", "scripts/"];

/// Checks the documents against the checkout.
pub fn check(root: &Path) -> Vec<Violation> {
    let mut violations: Vec<Violation> =
        DOCUMENTS.iter().flat_map(|document| check_paths(root, document)).collect();
    violations.extend(check_code_map(root));
    violations
}

fn check_paths(root: &Path, document: &str) -> Vec<Violation> {
    let path = root.join(document);
    if !path.is_file() {
        return vec![format!("{document}: the document is missing")];
    }
    quoted(&read(&path))
        .filter(|quoted| PATH_STARTS.iter().any(|start| quoted.starts_with(start)))
        .filter(|quoted| !root.join(quoted.trim_end_matches('/')).exists())
        .map(|quoted| format!("{document}: names {quoted}, which does not exist"))
        .collect()
}

fn check_code_map(root: &Path) -> Vec<Violation> {
    let map = read(&root.join("ARCHITECTURE.md"));
    let missing = |path: &std::path::PathBuf| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        let named = map.contains(&format!("`crates/{name}`"));
        (!named).then(|| format!("ARCHITECTURE.md: does not name `crates/{name}`"))
    };
    entries(&root.join("crates")).iter().filter_map(missing).collect()
}

/// The texts in single back-quotes.
fn quoted(text: &str) -> impl Iterator<Item = String> {
    let pieces: Vec<String> = text.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    pieces.into_iter()
}
