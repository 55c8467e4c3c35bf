//! Which formats each topic of a case has: from the sources over it, or from the plans that use it.

use std::collections::BTreeMap;

use engine::catalog::Metastore;
use formats::Part;
use plan::logical::Layout;
use plan::physical::Operator;
use sql::catalog::SourceDefinition;
use types::{Column, SerdeSpec};

use super::serde::{PartSerde, TopicSerde};

/// Formats by topic.
#[derive(Debug)]
pub struct TopicSerdes {
    topics: BTreeMap<String, TopicSerde>,
}

impl TopicSerdes {
    /// The formats of everything defined.
    pub fn new(metastore: &Metastore) -> Self {
        let mut serdes = Self { topics: BTreeMap::new() };
        for query in metastore.queries() {
            for node in query.plan.sub_topologies.iter().flat_map(|part| &part.nodes) {
                if let Operator::Write(write) = &node.operator {
                    serdes.add(&write.topic, &write.key_serde, &write.value_serde, &node.layout);
                }
            }
        }
        for source in metastore.catalog().sources() {
            serdes.add_source(source);
        }
        serdes
    }

    fn add_source(&mut self, source: &SourceDefinition) {
        let layout = Layout {
            kind: source.kind,
            key: source.schema.key.clone(),
            value: source.schema.value.clone(),
            window: source.window,
        };
        self.add(&source.topic, &source.key_serde, &source.value_serde, &layout);
    }

    fn add(&mut self, topic: &str, key: &SerdeSpec, value: &SerdeSpec, layout: &Layout) {
        let part = |spec: &SerdeSpec, columns: &[Column], part: Part| PartSerde {
            spec: spec.clone(),
            columns: columns.to_vec(),
            part,
            subject: part.subject(topic),
        };
        let serde = TopicSerde {
            key: part(key, &layout.key, Part::Key),
            value: part(value, &layout.value, Part::Value),
            window: layout.window,
        };
        self.topics.insert(topic.to_owned(), serde);
    }

    /// How records of `topic` are read and written.
    ///
    /// # Errors
    /// When nothing defined says so.
    pub fn serde(&self, topic: &str) -> Result<&TopicSerde, String> {
        self.topics.get(topic).ok_or_else(|| format!("no information about topic {topic}"))
    }
}
