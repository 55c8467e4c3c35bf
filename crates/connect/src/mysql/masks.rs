//! `column.truncate.to.N.chars` and `column.mask.with.N.chars`: texts that are cut after N characters,
//! or replaced by N asterisks. The property's value is a list of expressions for
//! `database.table.column`.

use super::mapping::{Cover, Mapping};
use super::table::{Column, Table};
use crate::config::Settings;
use crate::convert::Schema;
use crate::error::{Error, Result};
use crate::pattern::Patterns;

/// Asterisks and characters to keep, at most.
const CHARS_MAX: usize = 65_535;

/// The rules, masks first.
#[derive(Clone, Debug, Default)]
pub struct Masks(Vec<(Patterns, Cover)>);

impl Masks {
    /// The rules of `settings`.
    ///
    /// # Errors
    /// `Config` for a property whose name holds no number, or expressions that do not compile.
    pub fn try_new(settings: &Settings) -> Result<Self> {
        let mut rules = Vec::new();
        for (family, least) in [("column.mask.with.", 0), ("column.truncate.to.", 1)] {
            for (rest, list) in settings.family(family) {
                let property = format!("{family}{rest}");
                let count = rest.strip_suffix(".chars").and_then(|count| count.parse().ok());
                let Some(count) = count.filter(|count| (least..=CHARS_MAX).contains(count)) else {
                    let expected = format!("{family}N.chars is expected, N from {least}");
                    return Err(Error::property(property, format!("is not valid; {expected}")));
                };
                let cover = match least {
                    0 => Cover::Mask("*".repeat(count).into()),
                    _ => Cover::Cut(count),
                };
                rules.push((Patterns::try_new(&property, &list)?, cover));
            }
        }
        Ok(Self(rules))
    }

    /// The mapping and schema of `column` under these rules; those for other than texts stay.
    pub fn apply(
        &self,
        table: &Table,
        column: &Column,
        mapping: Mapping,
        schema: Schema,
    ) -> (Mapping, Schema) {
        if self.0.is_empty() || !column.data_type.kind.is_character() {
            return (mapping, schema);
        }
        let name = format!("{}.{}.{}", table.database, table.name, column.name);
        let Some((_, cover)) = self.0.iter().find(|(columns, _)| columns.matches(&name)) else {
            return (mapping, schema);
        };
        let schema = match cover {
            Cover::Mask(_) => schema.parameter("masked", "true"),
            Cover::Cut(count) => schema.parameter("truncateLength", count.to_string()),
        };
        (mapping.covered(cover.clone()), schema)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Masks;
    use crate::config::{Kind, OptionDef, Settings};

    const OPTIONS: &[OptionDef] = &[OptionDef::new("column.*", Kind::Patterns, "")];

    fn masks(property: &str) -> crate::Result<Masks> {
        let given = BTreeMap::from([(property.to_owned(), "d.t.c".to_owned())]);
        Masks::try_new(&Settings::validate(&[OPTIONS], &given).unwrap())
    }

    #[test]
    fn the_number_stands_in_the_name() {
        assert!(masks("column.mask.with.0.chars").is_ok());
        assert!(masks("column.truncate.to.20.chars").is_ok());
        for wrong in
            ["column.truncate.to.0.chars", "column.mask.with.x.chars", "column.mask.with.3"]
        {
            let error = masks(wrong).unwrap_err().to_string();
            assert!(error.contains("N.chars is expected"), "{error}");
        }
    }
}
