//! The tables of `docs/kafka-configuration.md` are those of the code. `UPDATE_GOLDEN=1` rewrites them.

use super::definition::{Access, Definition, Effect, Unit};
use super::definitions::{self, CLIENT_METRICS, GROUP, TOPIC};

/// What stands before the tables.
const HEAD: &str = "\
# Kafka configuration

Every configuration entry that clients can ask for and change, and every `kafka.*` property of the
server's file (there with the prefix `kafka.`). Names, types, defaults and limits are Apache Kafka 4.1's.
*Honoured* entries do what they do in Kafka; *accepted* ones can be set and are shown, but do nothing,
because one node that syncs every acknowledged batch has no use for them. Dynamic entries of the broker
can be changed by clients; all entries of topics and groups can. What is changed is kept in the log, in
the topic `__tidemill_configs`.

Kafka's entries of tiered storage (`remote.log.manager.*`, `remote.log.metadata.*`) are not known here.
These tables are written from the code (`crates/broker/src/config/definitions`) by its tests.
";

fn row(definition: &Definition, with_access: bool) -> String {
    let default = match definition.default {
        None => "null".to_owned(),
        Some("") => "empty".to_owned(),
        Some(text) => format!("`{text}`"),
    };
    let synonym = |synonym: &super::definition::Synonym| match synonym.unit {
        Unit::Same => format!("`{}`", synonym.name),
        Unit::Minutes => format!("`{}` (minutes)", synonym.name),
        Unit::Hours => format!("`{}` (hours)", synonym.name),
    };
    let last = match with_access {
        true if definition.access == Access::Dynamic => "dynamic".to_owned(),
        true => "file".to_owned(),
        false => definition.synonyms.iter().map(synonym).collect::<Vec<_>>().join(", "),
    };
    let effect = match definition.effect {
        Effect::Honoured => "honoured",
        Effect::Accepted => "accepted",
    };
    let Definition { name, kind, valid, documentation, .. } = definition;
    let kind = kind.name();
    format!("| `{name}` | {kind} | {default} | {valid} | {effect} | {last} | {documentation} |\n")
}

fn table<'a>(title: &str, last: &str, definitions: impl Iterator<Item = &'a Definition>) -> String {
    let mut sorted: Vec<&Definition> = definitions.collect();
    sorted.sort_unstable_by_key(|definition| definition.name);
    let rows: String = sorted.into_iter().map(|known| row(known, last == "changed")).collect();
    format!(
        "\n## {title}\n\n| entry | type | default | values | here | {last} | what it is |\n\
         |---|---|---|---|---|---|---|\n{rows}"
    )
}

#[test]
#[allow(
    clippy::disallowed_methods,
    reason = "the document is compared and rewritten where it lies"
)]
fn the_document_is_that_of_the_tables() {
    let document = [
        HEAD.to_owned(),
        table("Topics", "follows the broker's", TOPIC.iter()),
        table("Groups", "follows the broker's", GROUP.iter()),
        table("Subscriptions to clients' metrics", "follows the broker's", CLIENT_METRICS.iter()),
        table("The broker", "changed", definitions::of_broker()),
    ]
    .concat();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/kafka-configuration.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &document).expect("the document is writable");
    }
    let written = std::fs::read_to_string(path).expect("the document is there");
    assert!(written == document, "UPDATE_GOLDEN=1 rewrites docs/kafka-configuration.md");
}
