//! The face of this crate: creates, lists, describes, pauses, resumes, restarts and drops connectors.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use commitlog::Log;
use formats::SchemaStore;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use types::seams::Clock;

use super::positions::Positions;
use super::status::{Gauges, Progress, Status};
use super::supervisor::{Supervised, Target, supervise};
use super::topics;
use crate::api::{Claim, Plugin, PluginKind, Source};
use crate::config::{OptionDef, Settings, masked, unmasked};
use crate::error::{Error, Result};

/// How long CREATE waits for topics and schemas.
const PREPARE_MAX: Duration = Duration::from_secs(10);

const PLUGINS: &[&Plugin] = &[&crate::mysql::MYSQL, &crate::mysql::MARIADB];

/// What the runtime is given.
pub struct Services {
    /// Where records, configurations and positions go.
    pub log: Arc<dyn Log>,
    /// Where schemas go.
    pub schemas: Arc<dyn SchemaStore>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The tokio runtime on which connectors run; it must have I/O and time enabled.
    pub handle: tokio::runtime::Handle,
    /// Properties for every connector that does not set them, such as `value.converter`.
    pub defaults: BTreeMap<String, String>,
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let defaults: Vec<&String> = self.defaults.keys().collect();
        f.debug_struct("Services").field("defaults", &defaults).finish_non_exhaustive()
    }
}

/// A connector's name and what it was created with.
#[derive(Clone, PartialEq, Eq)]
pub struct Info {
    /// The name.
    pub name: String,
    /// The class.
    pub class: String,
    /// Source or sink.
    pub kind: PluginKind,
    /// The configuration as given, with its secrets: to be stored or sent back to
    /// [`Runtime::create`], never to be shown.
    pub config: BTreeMap<String, String>,
    /// The state.
    pub status: Status,
}

impl Info {
    /// The configuration as it may be shown: with `[hidden]` for passwords and other secrets.
    pub fn masked_config(&self) -> BTreeMap<String, String> {
        masked(options(&self.class), &self.config)
    }

    /// `config`, a new configuration of this connector, with the present secrets where it has what
    /// [`Info::masked_config`] shows for them.
    pub fn unmasked_config(&self, config: BTreeMap<String, String>) -> BTreeMap<String, String> {
        unmasked(options(&self.class), config, &self.config)
    }
}

impl fmt::Debug for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Info")
            .field("name", &self.name)
            .field("config", &self.masked_config())
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

fn options(class: &str) -> &'static [&'static [OptionDef]] {
    let plugin = PLUGINS.iter().find(|plugin| plugin.class == class);
    plugin.map_or(&[], |plugin| plugin.options)
}

/// All there is to say about a connector.
#[derive(Clone, Debug)]
pub struct Description {
    /// Name, configuration and state.
    pub info: Info,
    /// How far it has come.
    pub progress: Progress,
}

/// The running connectors. Calls may block on the log and the network, so they belong on plain
/// threads (never directly on a tokio worker).
#[derive(Debug)]
pub struct Runtime {
    services: Arc<Services>,
    positions: Arc<Positions>,
    connectors: Mutex<BTreeMap<String, Connector>>,
}

struct Connector {
    plugin: &'static Plugin,
    config: BTreeMap<String, String>,
    gauges: Arc<Gauges>,
    target: watch::Sender<Target>,
    task: JoinHandle<()>,
}

/// Value of a configuration record.
#[derive(Serialize, Deserialize)]
struct Stored {
    properties: BTreeMap<String, String>,
}

impl Runtime {
    /// Reads which connectors there are and starts them.
    ///
    /// # Errors
    /// When the connectors' topics can't be created or read. A connector that can't start does not
    /// keep the others from starting; it shows as failed.
    pub fn start(services: Services) -> Result<Self> {
        topics::create(&services.log)?;
        let positions = Positions::new(topics::load(&services.log, topics::OFFSETS_TOPIC)?);
        let configs = topics::load(&services.log, topics::CONFIGS_TOPIC)?;
        let runtime = Self {
            services: Arc::new(services),
            positions: Arc::new(positions),
            connectors: Mutex::default(),
        };
        for (key, value) in &configs {
            if let Some(name) = key.strip_prefix("connector-") {
                let is_paused =
                    configs.get(&target_key(name)).is_some_and(|v| v.contains("PAUSED"));
                runtime.revive(name, value, is_paused);
            }
        }
        Ok(runtime)
    }

    fn revive(&self, name: &str, stored: &str, is_paused: bool) {
        let target = if is_paused { Target::Paused } else { Target::Running(0) };
        let revived = serde_json::from_str::<Stored>(stored)
            .map_err(|error| Error::CorruptState {
                topic: topics::CONFIGS_TOPIC.to_owned(),
                reason: error.to_string(),
            })
            .and_then(|stored| self.resolve(&stored.properties).map(|found| (stored, found)));
        match revived {
            Ok((stored, (plugin, settings))) => {
                let connector = self.launch(name, plugin, stored.properties, settings, target);
                self.connectors().insert(name.to_owned(), connector);
            }
            Err(error) => tracing::error!(connector = name, %error, "cannot start connector"),
        }
    }

    /// Validates `config`, checks the real system behind it, creates the topics and registers the
    /// schemas of what is there, stores the connector and starts it.
    ///
    /// # Errors
    /// `Exists`; `UnknownClass`; `Config` with all that is wrong; `Database` with what the server
    /// refuses or lacks and the remedy.
    pub fn create(&self, name: &str, config: BTreeMap<String, String>) -> Result<Info> {
        if self.connectors().contains_key(name) {
            return Err(Error::Exists(name.to_owned()));
        }
        let (plugin, settings) = self.resolve(&config)?;
        let source = (plugin.open)(name, &settings)?;
        // The check itself acts as a replica, and would displace one that has the same claims.
        self.refuse_claimed(name, &*source, &self.connectors())?;
        self.services.handle.block_on(source.check())?;
        self.prepare(name, &*source);
        let stored = Stored { properties: config };
        let text = serde_json::to_string(&stored).expect("a map of strings is valid JSON");
        let mut connectors = self.connectors();
        if connectors.contains_key(name) {
            return Err(Error::Exists(name.to_owned()));
        }
        self.refuse_claimed(name, &*source, &connectors)?;
        self.store(&config_key(name), Some(&text))?;
        let connector = self.launch(name, plugin, stored.properties, settings, Target::Running(0));
        let info = connector.info(name);
        connectors.insert(name.to_owned(), connector);
        Ok(info)
    }

    /// Stops a connector and forgets its configuration. Its topics stay, and so do its positions, as
    /// with Kafka Connect: a connector created again under the same name goes on where this one was.
    ///
    /// # Errors
    /// `NotFound`, or when the log refuses.
    pub fn drop_connector(&self, name: &str) -> Result<()> {
        let not_found = || Error::NotFound(name.to_owned());
        let connector = self.connectors().remove(name).ok_or_else(not_found)?;
        self.store(&config_key(name), None)?;
        self.store(&target_key(name), None)?;
        connector.target.send_replace(Target::Gone);
        self.join(connector.task);
        Ok(())
    }

    /// Every connector.
    pub fn list(&self) -> Vec<Info> {
        self.connectors().iter().map(|(name, connector)| connector.info(name)).collect()
    }

    /// One connector with its progress.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn describe(&self, name: &str) -> Result<Description> {
        let connectors = self.connectors();
        let connector = connectors.get(name).ok_or_else(|| Error::NotFound(name.to_owned()))?;
        let progress = connector.gauges.progress(self.services.clock.now_ms());
        Ok(Description { info: connector.info(name), progress })
    }

    /// Lets a connector rest until [`Runtime::resume`], over restarts of the process too.
    ///
    /// # Errors
    /// `NotFound`, or when the log refuses.
    pub fn pause(&self, name: &str) -> Result<()> {
        self.find(name)?;
        self.store(&target_key(name), Some(r#"{"state":"PAUSED"}"#))?;
        self.aim(name, |_| Target::Paused)
    }

    /// Lets a paused connector go on.
    ///
    /// # Errors
    /// `NotFound`, or when the log refuses.
    pub fn resume(&self, name: &str) -> Result<()> {
        self.find(name)?;
        self.store(&target_key(name), Some(r#"{"state":"STARTED"}"#))?;
        self.aim(name, |_| Target::Running(0))
    }

    /// Starts a connector afresh, for instance after its failure's cause was mended.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn restart(&self, name: &str) -> Result<()> {
        self.aim(name, |target| match target {
            Target::Running(starts) => Target::Running(starts + 1),
            other => other,
        })
    }

    /// The connector classes that can be used.
    pub fn plugins() -> &'static [&'static Plugin] {
        PLUGINS
    }

    /// Stops all connectors and waits for them; nothing is forgotten.
    pub fn shutdown(&self) {
        let connectors = std::mem::take(&mut *self.connectors());
        for connector in connectors.values() {
            connector.target.send_replace(Target::Gone);
        }
        for connector in connectors.into_values() {
            self.join(connector.task);
        }
    }

    fn resolve(&self, config: &BTreeMap<String, String>) -> Result<(&'static Plugin, Settings)> {
        let class = config.get("connector.class").ok_or_else(|| {
            Error::property("connector.class", "is missing; a class name is expected")
        })?;
        let plugin = PLUGINS.iter().find(|plugin| plugin.class == class.trim());
        let plugin = plugin.ok_or_else(|| Error::UnknownClass {
            class: class.clone(),
            available: PLUGINS.iter().map(|plugin| plugin.class).collect::<Vec<_>>().join(", "),
        })?;
        let mut complete = self.services.defaults.clone();
        complete.extend(config.clone());
        Ok((plugin, Settings::validate(plugin.options, &complete)?))
    }

    /// Refuses what another connector has and only one can have.
    fn refuse_claimed(
        &self,
        name: &str,
        source: &dyn Source,
        connectors: &BTreeMap<String, Connector>,
    ) -> Result<()> {
        let Some(claim) = source.claim() else { return Ok(()) };
        let has_claim = |(name, connector): &(&String, &Connector)| {
            let opened = self
                .resolve(&connector.config)
                .and_then(|(plugin, settings)| (plugin.open)(name, &settings));
            opened.is_ok_and(|opened| opened.claim().as_ref() == Some(&claim))
        };
        let Some((other, _)) = connectors.iter().find(has_claim) else { return Ok(()) };
        let Claim { property, value, place } = claim;
        let message = format!(
            "{value} is connector {other}'s at {place} already, so {name} can't have it; give each \
             connector a {property} of its own, or none, then one is chosen"
        );
        Err(Error::property(property, message))
    }

    /// Lets topics and schemas exist when CREATE returns. What fails here is left to the connector,
    /// which tries it again and shows its failure.
    fn prepare(&self, name: &str, source: &dyn Source) {
        let Services { log, schemas, handle, .. } = &*self.services;
        let (log, schemas) = (Arc::clone(log), Arc::clone(schemas));
        let attempt =
            async { tokio::time::timeout(PREPARE_MAX, source.prepare(log, schemas)).await };
        match handle.block_on(attempt) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(connector = name, %error, "cannot prepare topics yet"),
            Err(_) => tracing::warn!(connector = name, "preparing topics takes long"),
        }
    }

    fn launch(
        &self,
        name: &str,
        plugin: &'static Plugin,
        config: BTreeMap<String, String>,
        settings: Settings,
        target: Target,
    ) -> Connector {
        let gauges = Arc::new(Gauges::default());
        let (sender, receiver) = watch::channel(target);
        let supervised = Supervised {
            name: Arc::from(name),
            plugin,
            settings,
            services: Arc::clone(&self.services),
            positions: Arc::clone(&self.positions),
            gauges: Arc::clone(&gauges),
        };
        let task = self.services.handle.spawn(supervise(supervised, receiver));
        Connector { plugin, config, gauges, target: sender, task }
    }

    fn find(&self, name: &str) -> Result<()> {
        let found = self.connectors().contains_key(name);
        if found { Ok(()) } else { Err(Error::NotFound(name.to_owned())) }
    }

    fn aim(&self, name: &str, next: impl FnOnce(Target) -> Target) -> Result<()> {
        let connectors = self.connectors();
        let connector = connectors.get(name).ok_or_else(|| Error::NotFound(name.to_owned()))?;
        connector.target.send_modify(|target| *target = next(*target));
        Ok(())
    }

    fn store(&self, key: &str, value: Option<&str>) -> Result<()> {
        topics::store(&self.services.log, key, value, self.services.clock.now_ms())
    }

    fn join(&self, task: JoinHandle<()>) {
        if let Err(error) = self.services.handle.block_on(task) {
            tracing::error!(%error, "connector's supervisor failed");
        }
    }

    fn connectors(&self) -> MutexGuard<'_, BTreeMap<String, Connector>> {
        // Entries are inserted and removed whole, so a poisoned map is still a good one.
        self.connectors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").field("class", &self.plugin.class).finish_non_exhaustive()
    }
}

impl Connector {
    fn info(&self, name: &str) -> Info {
        Info {
            name: name.to_owned(),
            class: self.plugin.class.to_owned(),
            kind: self.plugin.kind,
            config: self.config.clone(),
            status: self.gauges.status(),
        }
    }
}

fn config_key(name: &str) -> String {
    format!("connector-{name}")
}

fn target_key(name: &str) -> String {
    format!("target-state-{name}")
}
