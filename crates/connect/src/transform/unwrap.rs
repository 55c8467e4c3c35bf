//! `ExtractNewRecordState`: records that hold the row itself instead of the change's envelope.

use std::collections::BTreeMap;

use super::refuse_unknown;
use crate::error::{Error, Result};

/// What becomes of deletes, and which metadata is added to rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwrap {
    /// A deleted row is written with `__deleted` = true (and others with false).
    pub rewrites_deletes: bool,
    /// Records without a value written per delete.
    pub tombstones: usize,
    /// Metadata added to every row.
    pub added: Vec<AddedField>,
}

/// One piece of metadata in the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedField {
    /// Name in the row.
    pub name: String,
    /// Which piece: `op`, `ts_ms`, or a field of the source block.
    pub origin: String,
}

const KNOWN: [&str; 7] = [
    "type",
    "drop.tombstones",
    "delete.handling.mode",
    "delete.tombstone.handling.mode",
    "add.fields",
    "add.fields.prefix",
    "drop.fields.from.key",
];
const ORIGINS: [&str; 10] =
    ["op", "ts_ms", "source.ts_ms", "db", "table", "name", "file", "pos", "gtid", "server_id"];

impl Unwrap {
    /// The transform called `name`. Without any property about deletes, a delete becomes a tombstone,
    /// as in Debezium since 2.5; with the older properties their older defaults hold.
    ///
    /// # Errors
    /// `Config` for unknown or wrong properties.
    pub fn try_new(name: &str, properties: &BTreeMap<String, String>) -> Result<Self> {
        refuse_unknown(name, properties, &KNOWN)?;
        let get = |property: &str| properties.get(property).map(|v| v.to_ascii_lowercase());
        let is_old = get("drop.tombstones").is_some() || get("delete.handling.mode").is_some();
        let (rewrites_deletes, tombstones) = match get("delete.tombstone.handling.mode") {
            None if is_old => {
                let kept = usize::from(get("drop.tombstones").as_deref() == Some("false"));
                old_mode(name, get("delete.handling.mode").as_deref(), kept)?
            }
            mode => new_mode(name, mode.as_deref())?,
        };
        let prefix = properties.get("add.fields.prefix").map_or("__", String::as_str);
        let listed = properties.get("add.fields").map_or("", String::as_str);
        let added = listed
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| AddedField::try_new(name, prefix, item))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self { rewrites_deletes, tombstones, added })
    }
}

fn new_mode(name: &str, mode: Option<&str>) -> Result<(bool, usize)> {
    match mode.unwrap_or("tombstone") {
        "drop" => Ok((false, 0)),
        "tombstone" => Ok((false, 1)),
        "rewrite" => Ok((true, 0)),
        "rewrite-with-tombstone" => Ok((true, 1)),
        other => Err(Error::property(
            format!("transforms.{name}.delete.tombstone.handling.mode"),
            format!("'{other}' is not one of drop, tombstone, rewrite, rewrite-with-tombstone"),
        )),
    }
}

fn old_mode(name: &str, mode: Option<&str>, kept: usize) -> Result<(bool, usize)> {
    match mode.unwrap_or("drop") {
        "drop" => Ok((false, kept)),
        "none" => Ok((false, 1 + kept)),
        "rewrite" => Ok((true, kept)),
        other => Err(Error::property(
            format!("transforms.{name}.delete.handling.mode"),
            format!("'{other}' is not one of drop, none, rewrite"),
        )),
    }
}

impl AddedField {
    fn try_new(transform: &str, prefix: &str, item: &str) -> Result<Self> {
        let (origin, renamed) = match item.split_once(':') {
            Some((origin, renamed)) => (origin, renamed.to_owned()),
            None => (item, item.replace('.', "_")),
        };
        let bare = origin.strip_prefix("source.").filter(|bare| *bare != "ts_ms");
        let origin = bare.unwrap_or(origin).to_owned();
        if !ORIGINS.contains(&origin.as_str()) {
            return Err(Error::property(
                format!("transforms.{transform}.add.fields"),
                format!("'{item}' is not available; available are: {}", ORIGINS.join(", ")),
            ));
        }
        Ok(Self { name: format!("{prefix}{renamed}"), origin })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Unwrap;

    fn unwrap(properties: &[(&str, &str)]) -> Unwrap {
        let properties: BTreeMap<String, String> =
            properties.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Unwrap::try_new("unwrap", &properties).unwrap()
    }

    #[test]
    fn old_and_new_properties_for_deletes() {
        assert_eq!(unwrap(&[]).tombstones, 1);
        assert_eq!(unwrap(&[("drop.tombstones", "true")]).tombstones, 0);
        assert_eq!(unwrap(&[("drop.tombstones", "false")]).tombstones, 1);
        assert!(unwrap(&[("delete.handling.mode", "rewrite")]).rewrites_deletes);
        let both = unwrap(&[("delete.tombstone.handling.mode", "rewrite-with-tombstone")]);
        assert!(both.rewrites_deletes && both.tombstones == 1);
    }

    #[test]
    fn added_fields_are_prefixed() {
        let added = unwrap(&[("add.fields", "op,source.ts_ms,table:tab")]).added;
        let names: Vec<&str> = added.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["__op", "__source_ts_ms", "__tab"]);
        assert_eq!(added[1].origin, "source.ts_ms");
    }
}
