//! Whether a new schema goes together with earlier ones.
//!
//! Avro follows its specification's schema resolution, Protobuf what its wire format bears. Of JSON
//! Schemas only equality is known, so that any change is refused unless the level is NONE.

mod avro;
mod protobuf;

#[cfg(test)]
mod tests;

use crate::CompatibilityLevel;
use crate::contents::{Contents, SubjectVersion};
use crate::parsed::Parsed;

/// What stands against `new` after the versions `earlier` (oldest first, none soft-deleted), at
/// `level`; empty when nothing does. Says which version the findings are about.
pub fn findings(
    level: CompatibilityLevel,
    new: &Parsed,
    earlier: &[SubjectVersion],
    contents: &Contents,
) -> Vec<String> {
    let count = if level.is_transitive() { earlier.len() } else { 1 };
    for version in earlier.iter().rev().take(count) {
        let mut details = match Parsed::parse(&version.schema, contents) {
            Ok(old) => between(level, new, &old),
            Err(error) => vec![format!("the earlier schema can't be read: {error}")],
        };
        if !details.is_empty() {
            details.push(format!("{{oldSchemaVersion: {}}}", version.version));
            details.push(format!("{{oldSchema: '{}'}}", version.schema.text));
            details.push(format!("{{compatibility: '{level}'}}"));
            return details;
        }
    }
    Vec::new()
}

fn between(level: CompatibilityLevel, new: &Parsed, old: &Parsed) -> Vec<String> {
    if level == CompatibilityLevel::None || new == old {
        return Vec::new();
    }
    match (new, old) {
        (Parsed::Avro(new), Parsed::Avro(old)) => both_ways(level, |new_reads| {
            let (reader, writer) = if new_reads { (new, old) } else { (old, new) };
            let names = if new_reads { ("new", "old") } else { ("old", "new") };
            let found = avro::incompatibilities(reader, writer);
            found.iter().map(|finding| finding.describe(names.0, names.1)).collect()
        }),
        (Parsed::Protobuf { file: new, .. }, Parsed::Protobuf { file: old, .. }) => {
            both_ways(level, |new_reads| {
                let (reader, writer) = if new_reads { (new, old) } else { (old, new) };
                protobuf::incompatibilities(reader, writer)
            })
        }
        (Parsed::Json(_), Parsed::Json(_)) => vec![
            "{errorType:'NOT_CHECKED', description:'changes of JSON schemas can not be checked yet; \
             set the compatibility of the subject to NONE to register them'}"
                .to_owned(),
        ],
        _ => vec!["{errorType:'TYPE_MISMATCH', description:'the schema types differ'}".to_owned()],
    }
}

/// The findings of the directions that `level` asks for; `check` is told whether the new schema is
/// the one that reads.
fn both_ways(level: CompatibilityLevel, check: impl Fn(bool) -> Vec<String>) -> Vec<String> {
    let backward = level.is_backward().then(|| check(true));
    let forward = level.is_forward().then(|| check(false));
    backward.into_iter().chain(forward).flatten().collect()
}
