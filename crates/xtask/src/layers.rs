//! A crate may use only crates in layers below its own, never one beside it (ARCHITECTURE.md).

use std::path::Path;

use crate::{Violation, entries, read};

/// The layers from the bottom up.
const LAYERS: [&[&str]; 7] = [
    &["types", "records"],
    &["functions", "state", "commitlog", "formats"],
    &["plan"],
    &["sql", "dataflow", "connect", "registry", "cluster"],
    &["engine", "broker"],
    &["server"],
    &["tidemill"],
];

/// Crates for development only: they may be used by tests alone.
const DEVELOPMENT: [&str; 3] = ["testkit", "bench", "xtask"];

/// Checks the manifest of every crate.
pub fn check(root: &Path) -> Vec<Violation> {
    let crates = entries(&root.join("crates"));
    crates.iter().flat_map(|directory| check_crate(directory)).collect()
}

fn check_crate(directory: &Path) -> Vec<Violation> {
    let name = directory.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    if DEVELOPMENT.contains(&name.as_str()) {
        return Vec::new();
    }
    let Some(own) = layer(&name) else {
        return vec![format!("crates/{name}: the crate is in no layer of xtask/src/layers.rs")];
    };
    let manifest = read(&directory.join("Cargo.toml"));
    let broken = |used: &String| layer(used).is_some_and(|used| used >= own);
    let upward = dependencies(&manifest, "[dependencies]")
        .into_iter()
        .filter(broken)
        .map(|used| format!("crates/{name}: uses `{used}`, which is not in a layer below its own"));
    let development = dependencies(&manifest, "[dependencies]")
        .into_iter()
        .filter(|used| DEVELOPMENT.contains(&used.as_str()))
        .map(|used| format!("crates/{name}: `{used}` is for tests only"));
    upward.chain(development).collect()
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|crates| crates.contains(&name))
}

/// Names of the dependencies in one section of a manifest.
fn dependencies(manifest: &str, section: &str) -> Vec<String> {
    let body = manifest.lines().skip_while(|line| line.trim() != section).skip(1);
    body.take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['=', '.']).next())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_read_from_their_section_only() {
        let manifest = "[dependencies]\ntypes = { workspace = true }\nplan.workspace = true\n\
                        [dev-dependencies]\ntestkit = { workspace = true }\n";
        assert_eq!(dependencies(manifest, "[dependencies]"), ["types", "plan"]);
    }
}
