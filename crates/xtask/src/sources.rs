//! House rules for source files: a head comment, a length that one can read, no stray marks.

use std::path::{Path, PathBuf};

use crate::{Violation, entries, read};

/// A source file stops here; at half of it, ask whether there are two nouns.
const LINES_MAX: usize = 1000;

/// Marks that must not land. Split so that this file does not find itself.
const MARKS: [&str; 3] = [concat!("FIX", "ME"), concat!("XX", "X:"), concat!("HA", "CK")];

/// File names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 4] = ["utils.rs", "util.rs", "common.rs", "helpers.rs"];

/// Checks every Rust source below `crates/`.
pub fn check(root: &Path) -> Vec<Violation> {
    let mut files = Vec::new();
    collect(&root.join("crates"), &mut files);
    files.iter().flat_map(|file| check_file(root, file)).collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for path in entries(directory) {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn check_file(root: &Path, file: &Path) -> Vec<Violation> {
    let shown = file.strip_prefix(root).unwrap_or(file).display().to_string();
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let text = read(file);
    let mut violations = Vec::new();
    if !text.starts_with("//!") {
        violations.push(format!("{shown}: does not open with a //! head"));
    }
    let lines = text.lines().count();
    if lines > LINES_MAX {
        violations.push(format!("{shown}: {lines} lines, more than {LINES_MAX}"));
    }
    if EMPTY_NAMES.contains(&name.as_str()) {
        violations.push(format!("{shown}: the name says nothing about the contents"));
    }
    for mark in MARKS.iter().filter(|mark| text.contains(**mark)) {
        violations.push(format!("{shown}: contains {mark}"));
    }
    violations
}
