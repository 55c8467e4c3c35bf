//! The tables of `docs/kafka-configuration.md` are those of the code. `UPDATE_GOLDEN=1` rewrites them.

use super::definition::{Access, Definition, Effect, Unit};
use super::definitions::{self, CLIENT_METRICS, GROUP, TOPIC};

/// What stands before the tables.
const HEAD: &str = "\
# Kafka configuration

Every configuration entry that clients can ask for and change, and every `kafka.*` property of the
server's file (there with the prefix `kafka.`). Names, types, defaults and limits are Apache Kafka 4.1's,
but for entries that begin with `tidemill.`.
*Honoured* entries do what they do in Kafka; *accepted* ones can be set and are shown, but do nothing,
because one node that syncs every acknowledged batch has no use for them. Dynamic entries of the broker
can be changed by clients; all entries of topics and groups can. What is changed is kept in the log, in
the topic `__tidemill_configs`.

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

/// Adds the sources below `directory` to `text`, but for tests and the tables
/// themselves.
#[allow(clippy::disallowed_methods, reason = "the sources are searched where they lie")]
fn sources(directory: &std::path::Path, text: &mut String) {
    for entry in std::fs::read_dir(directory).expect("the sources are there").flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if name == "tests" || name == "tests.rs" || path.ends_with("config/definitions") {
            continue;
        }
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&std::fs::read_to_string(&path).expect("a source is readable"));
        }
    }
}

#[test]
fn entries_are_honoured_that_somebody_reads() {
    let mut text = String::new();
    for directory in ["src", "../server/src"] {
        sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(directory), &mut text);
    }
    let followed = TOPIC.iter().chain(GROUP).filter(|known| known.effect == Effect::Honoured);
    let followed: Vec<&str> =
        followed.flat_map(|known| known.synonyms).map(|synonym| synonym.name).collect();
    let is_read = |name: &str| {
        // TLS reads its two stores alike, and puts the names together.
        let of_either = name.replace("keystore", "{kind}").replace("truststore", "{kind}");
        let quoted = [format!("{name}\""), format!("{of_either}\"")];
        followed.contains(&name) || quoted.iter().any(|quoted| text.contains(quoted))
    };
    let mut wrong = Vec::new();
    for definition in definitions::of_broker() {
        let (name, is_honoured) = (definition.name, definition.effect == Effect::Honoured);
        if is_read(name) != is_honoured {
            wrong.push(name);
        }
    }
    assert!(
        wrong.is_empty(),
        "honoured but read nowhere, or the other way round; the tables in definitions/ say \
         what is honoured, and UPDATE_GOLDEN=1 rewrites the document: {wrong:#?}"
    );
}
