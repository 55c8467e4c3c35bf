//! Single message transforms: what is done to a change event before it becomes a record. Each is
//! resolved when a table's output is set up, so that records pay nothing for the ones not in use.

mod options;
mod router;
mod unwrap;

use std::collections::BTreeMap;

pub use options::TRANSFORM_OPTIONS;
use router::RegexRouter;
pub use unwrap::{AddedField, Unwrap};

use crate::config::Settings;
use crate::error::{Error, Problem, Result};

const UNWRAP_CLASSES: [&str; 2] = [
    "io.debezium.transforms.ExtractNewRecordState",
    // Its name before version 1.1.
    "io.debezium.transforms.UnwrapFromEnvelope",
];
const ROUTER_CLASSES: [&str; 2] = [
    "org.apache.kafka.connect.transforms.RegexRouter",
    "io.debezium.transforms.ByLogicalTableRouter",
];

/// The transforms of a connector.
#[derive(Clone, Debug, Default)]
pub struct Transforms {
    /// Events as plain rows instead of envelopes.
    pub unwrap: Option<Unwrap>,
    routers: Vec<RegexRouter>,
}

impl Transforms {
    /// The transforms that `settings` list.
    ///
    /// # Errors
    /// `Config` for an unknown class or property, or a wrong value.
    pub fn try_new(settings: &Settings) -> Result<Self> {
        let mut transforms = Self::default();
        let mut problems = Vec::new();
        for name in settings.list("transforms") {
            let properties = settings.family(&format!("transforms.{name}."));
            if let Err(Error::Config(mut found)) = transforms.add(name, &properties) {
                problems.append(&mut found);
            }
        }
        if problems.is_empty() { Ok(transforms) } else { Err(Error::Config(problems)) }
    }

    fn add(&mut self, name: &str, properties: &BTreeMap<String, String>) -> Result<()> {
        let class = properties.get("type").map_or("", String::as_str);
        if UNWRAP_CLASSES.contains(&class) {
            self.unwrap = Some(Unwrap::try_new(name, properties)?);
            return Ok(());
        }
        if ROUTER_CLASSES.contains(&class) {
            self.routers.push(RegexRouter::try_new(name, properties)?);
            return Ok(());
        }
        let known = [UNWRAP_CLASSES[0], ROUTER_CLASSES[0]].join(", ");
        let message = format!("'{class}' is not available; available are: {known}");
        Err(Error::property(format!("transforms.{name}.type"), message))
    }

    /// The topic that records of `topic` go to.
    pub fn route(&self, topic: &str) -> String {
        self.routers.iter().fold(topic.to_owned(), |topic, router| router.route(&topic))
    }
}

/// Refuses properties of transform `name` that are not among `known`.
fn refuse_unknown(name: &str, properties: &BTreeMap<String, String>, known: &[&str]) -> Result<()> {
    let unknown = properties.keys().filter(|property| !known.contains(&property.as_str()));
    let problems: Vec<Problem> = unknown
        .map(|property| Problem {
            property: format!("transforms.{name}.{property}"),
            message: format!("is not known or not supported yet; known are: {}", known.join(", ")),
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Config(problems)) }
}
