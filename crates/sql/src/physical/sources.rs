//! Reading sources, and the formats of keys inside a query.

use plan::logical::{Layout, Source};
use plan::physical::{Changelog, Read, StoreKind};
use types::{Column, Format, SerdeSpec, SourceKind, WindowKind};

use super::graph::Flow;
use super::{Builder, Side};
use crate::context::Part;
use crate::serdes;

/// How long rows of a windowed table are kept that a query reads: a day beyond the window.
const WINDOWED_TABLE_RETENTION_MS: i64 = 86_400_000;

impl Builder<'_> {
    /// Reads a source. Tables keep their present rows, to know what a record replaces.
    pub(super) fn source(
        &mut self,
        source: &Source,
        layout: &Layout,
        prefix: &str,
        side: Side,
    ) -> Flow {
        let name = match side {
            Side::Only => "KsqlTopic".to_owned(),
            Side::Left => format!("{prefix}KafkaTopic_Left"),
            Side::Right => format!("{prefix}KafkaTopic_Right"),
        };
        self.graph.processors += if layout.kind == SourceKind::Table { 5 } else { 3 };
        let store = (layout.kind == SourceKind::Table).then(|| {
            let changelog = Changelog::Source(source.topic.clone());
            self.graph.store(
                &format!("{name}-Reduce"),
                store_kind(layout),
                layout.clone(),
                changelog,
            )
        });
        let read = Read {
            topic: source.topic.clone(),
            source: Some(source.name.clone()),
            key_serde: source.key_serde.clone(),
            value_serde: source.value_serde.clone(),
            window: layout.window,
            timestamp: source.timestamp.clone(),
            headers: source.headers.clone(),
            store,
            changes: false,
        };
        let node = self.graph.begin(&name, read, layout.clone());
        Flow {
            node,
            key_serde: source.key_serde.clone(),
            value_serde: internal_value_serde(&source.value_serde),
            store,
            steps: Vec::new(),
            is_repartitioned: false,
        }
    }

    /// Format of internal keys with these columns, by preference `wanted`: KAFKA becomes JSON where it
    /// can't hold them, and keyless sources use the default format.
    pub(super) fn internal_key_serde(&self, wanted: &SerdeSpec, key: &[Column]) -> SerdeSpec {
        let serde = match wanted.format {
            Format::None => SerdeSpec::new(self.options.default_key_format),
            _ => SerdeSpec { schema_id: None, ..wanted.clone() },
        };
        match serdes::check(Part::Key, &serde, key) {
            Ok(()) => serde,
            Err(_) => SerdeSpec::new(Format::Json),
        }
    }
}

fn store_kind(layout: &Layout) -> StoreKind {
    match layout.window {
        None => StoreKind::KeyValue,
        Some(WindowKind::Tumbling { size_ms } | WindowKind::Hopping { size_ms }) => {
            StoreKind::Window { retention_ms: size_ms.saturating_add(WINDOWED_TABLE_RETENTION_MS) }
        }
        Some(WindowKind::Session) => {
            StoreKind::Session { retention_ms: WINDOWED_TABLE_RETENTION_MS }
        }
    }
}

/// Values of internal topics are written as the source's, without what belongs to its own schema.
fn internal_value_serde(serde: &SerdeSpec) -> SerdeSpec {
    SerdeSpec { schema_id: None, wrap_single: None, full_schema_name: None, ..serde.clone() }
}
