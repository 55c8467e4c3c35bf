//! Changes of entries, as IncrementalAlterConfigs asks for them.

use super::definition::Definition;
use super::layers::Entries;
use super::value::{Kind, Value};

/// What is done to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// It gets a value.
    Set,
    /// It goes back to what it follows.
    Delete,
    /// Items are added to its list.
    Append,
    /// Items are taken from its list.
    Subtract,
}

impl Operation {
    /// The operation that the protocol numbers so.
    pub(crate) fn of(code: i8) -> Option<Self> {
        match code {
            0 => Some(Self::Set),
            1 => Some(Self::Delete),
            2 => Some(Self::Append),
            3 => Some(Self::Subtract),
            _ => None,
        }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// Of what.
    pub(crate) name: String,
    /// What is done.
    pub(crate) operation: Operation,
    /// With what; nothing with `Delete`.
    pub(crate) value: String,
}

/// Makes `change` to the `entries` that are set of a resource. `inherited` is what the entry is when
/// it is not set.
///
/// # Errors
/// The reason why the value is none.
pub(crate) fn change(
    entries: &mut Entries,
    definition: &Definition,
    change: &Change,
    inherited: Option<Value>,
) -> Result<(), String> {
    let value = match change.operation {
        Operation::Delete => {
            entries.remove(definition.name);
            return Ok(());
        }
        Operation::Set => definition.parse(&change.value)?,
        Operation::Append | Operation::Subtract => {
            definition.parse(&edited(entries, definition, change, inherited)?)?
        }
    };
    entries.insert(definition.name.to_owned(), value.to_string());
    Ok(())
}

/// The list's text after adding or taking away.
fn edited(
    entries: &Entries,
    definition: &Definition,
    change: &Change,
    inherited: Option<Value>,
) -> Result<String, String> {
    if definition.kind != Kind::List {
        let verb =
            if change.operation == Operation::Append { "append to" } else { "subtract from" };
        return Err(format!("Can't {verb} {} because its type is not list.", definition.name));
    }
    let items = |value: Option<Value>| match value {
        Some(Value::List(items)) => items,
        _ => Vec::new(),
    };
    let set = entries.get(definition.name).and_then(|text| Kind::List.parse(text).ok());
    let mut now = items(set.or(inherited));
    let changed = items(Kind::List.parse(&change.value).ok());
    now.retain(|item| !changed.contains(item) || change.operation == Operation::Append);
    if change.operation == Operation::Append {
        for item in changed {
            if !now.contains(&item) {
                now.push(item);
            }
        }
    }
    Ok(now.join(","))
}
