//! Whether a new schema goes together with earlier ones.
//!
//! Avro follows its specification's schema resolution. For JSON Schema and Protobuf only equality
//! is known, so that any change is refused unless the level is NONE.

mod avro;

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
    let (Parsed::Avro(new), Parsed::Avro(old)) = (new, old) else {
        return vec![
            "{errorType:'NOT_CHECKED', description:'changes of JSON and PROTOBUF schemas can not be \
             checked yet; set the compatibility of the subject to NONE to register them'}"
                .to_owned(),
        ];
    };
    let mut details = Vec::new();
    if level.is_backward() {
        let found = avro::incompatibilities(new, old);
        details.extend(found.iter().map(|finding| finding.describe("new", "old")));
    }
    if level.is_forward() {
        let found = avro::incompatibilities(old, new);
        details.extend(found.iter().map(|finding| finding.describe("old", "new")));
    }
    details
}
