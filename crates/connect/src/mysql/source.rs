//! The connector: decides by its position whether to begin a snapshot, to resume one or to stream.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use commitlog::{Log, TopicConfig};
use formats::SchemaStore;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use super::connection::Server;
use super::failure::OnFailure;
use super::filter::Filter;
use super::heartbeat::{Heartbeat, HeartbeatConfig};
use super::mapping::Modes;
use super::masks::Masks;
use super::message_keys::MessageKeys;
use super::output::{Emitter, Style};
use super::outputs::Outputs;
use super::position::{Partitions, Position, TableSnapshot};
use super::table::Table;
use super::tracker::Tracker;
use super::{catalog, check, connection, preparation};
use crate::api::{Claim, Context, Source};
use crate::config::Settings;
use crate::convert::Converter;
use crate::error::{Error, Result};
use crate::outbox::Outbox;
use crate::runtime::TableProgress;
use crate::transform::Transforms;

/// `snapshot.mode`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A snapshot when there is no position, then the stream.
    Initial,
    /// A snapshot and no stream.
    InitialOnly,
    /// As initial, and again when the binary log no longer reaches back to the position.
    WhenNeeded,
    /// The stream from the first binary log on.
    Never,
    /// The stream from now on.
    NoData,
}

impl Mode {
    fn new(word: &str) -> Self {
        match word {
            "initial_only" => Self::InitialOnly,
            "when_needed" => Self::WhenNeeded,
            "never" => Self::Never,
            "schema_only" | "no_data" => Self::NoData,
            _ => Self::Initial,
        }
    }

    /// Whether a snapshot reads rows.
    pub fn reads_rows(self) -> bool {
        matches!(self, Self::Initial | Self::InitialOnly | Self::WhenNeeded)
    }
}

/// Everything that the settings say.
#[derive(Clone, Debug)]
pub struct Config {
    /// The server.
    pub server: Server,
    /// This connector's id as a replica.
    pub server_id: u32,
    /// The topic prefix.
    pub prefix: String,
    /// What is captured.
    pub filter: Filter,
    /// How records look.
    pub style: Style,
    /// Whether the snapshot may take the global read lock for a moment.
    pub locks: bool,
    /// When snapshots are taken.
    pub mode: Mode,
    /// What stands between the parts of topic names.
    pub delimiter: String,
    /// Topic of heartbeats, and the time between them.
    pub heartbeat: HeartbeatConfig,
    /// What becomes of events that can't be read.
    pub on_failure: OnFailure,
    /// How topics are created.
    pub topic_config: TopicConfig,
    transforms: Transforms,
}

impl Config {
    fn try_new(name: &str, settings: &Settings, connector: &'static str) -> Result<Self> {
        let transforms = Transforms::try_new(settings)?;
        let style = Style {
            connector,
            prefix: settings.text("topic.prefix").to_owned(),
            modes: Modes::new(settings),
            key: Converter::new(settings, "key"),
            value: Converter::new(settings, "value"),
            adjusts_names: settings.word("schema.name.adjustment.mode") == "avro",
            adjusts_fields: settings.word("field.name.adjustment.mode") == "avro"
                || settings.flag("sanitize.field.names")
                || Converter::new(settings, "value") == Converter::Avro
                || Converter::new(settings, "key") == Converter::Avro,
            tombstones: settings.flag("tombstones.on.delete"),
            skipped: settings.list("skipped.operations").iter().map(|s| (*s).to_owned()).collect(),
            skips_unchanged: settings.flag("skip.messages.without.change"),
            has_query: settings.flag("include.query"),
            masks: Masks::try_new(settings)?,
            message_keys: MessageKeys::try_new(settings.text("message.key.columns"))?,
            unwrap: transforms.unwrap.clone().map(Arc::new),
        };
        let given_id = settings.integer("database.server.id") as u32;
        Ok(Self {
            server: Server::new(settings),
            server_id: if given_id == 0 { server_id(name) } else { given_id },
            prefix: style.prefix.clone(),
            filter: Filter::try_new(settings)?,
            style,
            locks: settings.word("snapshot.locking.mode") != "none",
            mode: Mode::new(&settings.word("snapshot.mode")),
            delimiter: settings.text("topic.delimiter").to_owned(),
            heartbeat: HeartbeatConfig::new(settings),
            on_failure: OnFailure::new(&settings.word("event.processing.failure.handling.mode")),
            topic_config: topic_config(settings),
            transforms,
        })
    }

    /// The topic of a table's records: `prefix.database.table` with what Kafka forbids replaced, and
    /// routed.
    pub fn topic(&self, table: &Table) -> String {
        self.topic_of(&[&self.prefix, &table.database, &table.name])
    }

    /// The topic whose name has these parts, with what Kafka forbids replaced, and routed.
    pub fn topic_of(&self, parts: &[&str]) -> String {
        let name = parts.join(&self.delimiter);
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let name: String = name.chars().map(|c| if allowed(c) { c } else { '_' }).collect();
        self.transforms.route(&name)
    }
}

fn topic_config(settings: &Settings) -> TopicConfig {
    let policy = settings.word("topic.creation.default.cleanup.policy");
    let retention_ms = settings.integer("topic.creation.default.retention.ms");
    TopicConfig {
        partitions: settings.integer("topic.creation.default.partitions") as i32,
        delete: policy.contains("delete"),
        compact: policy.contains("compact"),
        retention_ms: (retention_ms >= 0).then_some(retention_ms),
        ..TopicConfig::default()
    }
}

/// A replica's id that is the same for the same connector and seldom another's.
fn server_id(name: &str) -> u32 {
    const FNV_PRIME: u32 = 16_777_619;
    let hash = name
        .bytes()
        .fold(2_166_136_261_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(FNV_PRIME));
    1_000_000 + hash % 1_000_000_000
}

/// Makes the connector called `name`.
///
/// # Errors
/// `Config` for what only looks valid.
pub fn open(name: &str, settings: &Settings, connector: &'static str) -> Result<Box<dyn Source>> {
    Ok(Box::new(MySqlSource { config: Config::try_new(name, settings, connector)? }))
}

struct MySqlSource {
    config: Config,
}

impl Source for MySqlSource {
    fn check(&self) -> BoxFuture<'_, Result<()>> {
        check::check(&self.config).boxed()
    }

    /// A server ends the stream of a replica when another one comes with the same id.
    fn claim(&self) -> Option<Claim> {
        Some(Claim {
            property: "database.server.id",
            value: self.config.server_id.to_string(),
            place: self.config.server.address(),
        })
    }

    fn prepare(
        &self,
        log: Arc<dyn Log>,
        schemas: Arc<dyn SchemaStore>,
    ) -> BoxFuture<'_, Result<()>> {
        preparation::prepare(&self.config, log, schemas).boxed()
    }

    fn run<'a>(&'a mut self, context: &'a mut Context) -> BoxFuture<'a, Result<()>> {
        async move {
            let result = Run::new(&self.config, context).await?.run().await;
            match result {
                Err(Error::Purged(reason)) if self.config.mode == Mode::WhenNeeded => {
                    tracing::warn!(reason, "the binlog was purged; taking a new snapshot");
                    context.settle().await?;
                    let mut run = Run::new(&self.config, context).await?;
                    run.start_over().await?;
                    run.run().await
                }
                other => other,
            }
        }
        .boxed()
    }
}

/// One run of the connector: all that snapshot and stream share.
pub struct Run<'a> {
    pub config: &'a Config,
    pub context: &'a mut Context,
    pub outbox: Outbox,
    pub emitter: Emitter,
    pub outputs: Outputs,
    pub tracker: Tracker,
    pub heartbeat: Heartbeat,
    /// The committed position, then the one to be committed next.
    pub position: Option<Position>,
    /// How far each table's snapshot has come.
    pub snapshots: BTreeMap<String, TableSnapshot>,
    pub partitions: Partitions,
    /// A connection for questions, opened when the first one comes.
    pub asking: Option<Conn>,
}

impl fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("position", &self.position).finish_non_exhaustive()
    }
}

impl<'a> Run<'a> {
    async fn new(config: &'a Config, context: &'a mut Context) -> Result<Self> {
        let outbox = context.outbox().await?;
        let partitions = Partitions::new(&config.prefix);
        let position = match context.position(&partitions.stream()) {
            Some(text) => Some(decode(&text)?),
            None => None,
        };
        let mut snapshots = BTreeMap::new();
        let mut tables: Vec<Table> = Vec::new();
        for (partition, text) in context.all_positions() {
            if let Some(table) = partitions.table_of("snapshot", &partition) {
                snapshots.insert(table, decode(&text)?);
            } else if partitions.table_of("schema", &partition).is_some() {
                tables.push(decode(&text)?);
            }
        }
        let run = Self {
            config,
            context,
            outbox,
            emitter: Emitter::new(config.style.clone()),
            outputs: Outputs::default(),
            heartbeat: Heartbeat::new(&config.heartbeat),
            tracker: Tracker::new(tables),
            position,
            snapshots,
            partitions,
            asking: None,
        };
        run.show_committed();
        Ok(run)
    }

    /// Shows what is known from earlier runs: DESCRIBE must not be empty until the next change comes.
    fn show_committed(&self) {
        let gauges = &self.context.gauges;
        if let Some(position) = &self.position {
            gauges.set_position(position.shown());
        }
        let table = |(name, snapshot): (&String, &TableSnapshot)| TableProgress {
            table: name.clone(),
            rows: snapshot.rows(),
            rows_estimated: snapshot.rows(),
            is_done: matches!(snapshot, TableSnapshot::Done { .. }),
        };
        gauges.restore_snapshot(self.snapshots.iter().map(table).collect());
        let topics = self.tracker.tables().map(|table| self.config.topic(table));
        for topic in topics.filter(|topic| self.context.log.topic(topic).is_some()) {
            gauges.add_topic(&topic);
        }
    }

    async fn run(&mut self) -> Result<()> {
        match &self.position {
            None if self.config.mode.reads_rows() => self.snapshot().await?,
            None => self.begin_without_rows().await?,
            Some(position) if position.snapshot => self.snapshot().await?,
            Some(_) => {}
        }
        if self.config.mode == Mode::InitialOnly {
            self.context.gauges.set_phase("done");
            return Ok(());
        }
        self.context.gauges.set_phase("streaming");
        self.show_lack();
        self.stream(None).await
    }

    /// Forgets all positions, so that the next run begins with a snapshot.
    async fn start_over(&mut self) -> Result<()> {
        for (partition, _) in self.context.all_positions() {
            self.outbox.position(partition, None);
        }
        self.context.commit(&mut self.outbox).await?;
        self.position = None;
        self.snapshots.clear();
        self.tracker = Tracker::default();
        Ok(())
    }

    /// Sets a position without reading rows: now, or the beginning of the first binary log.
    async fn begin_without_rows(&mut self) -> Result<()> {
        let mut conn = self.config.server.connect().await?;
        let position = match self.config.mode {
            Mode::Never => first_position(&mut conn).await?,
            _ => position_now(&mut conn).await?,
        };
        let tables = catalog::read(&mut conn, &self.config.filter).await?;
        for table in tables {
            self.adopt(table);
        }
        self.set_position(position);
        self.context.commit(&mut self.outbox).await
    }

    /// Takes over a table's columns, and keeps them with the next commit.
    pub fn adopt(&mut self, table: Table) {
        let name = table.full_name();
        if self.tracker.set(table) {
            self.keep_schema(&name);
        }
    }

    /// Keeps a table's columns, or that it is gone, with the next commit.
    pub fn keep_schema(&mut self, name: &str) {
        self.outputs.forget(name);
        let schema = self.tracker.table(name).map(encode);
        self.outbox.position(self.partitions.schema(name), schema);
        self.show_lack();
    }

    /// Shows that there is no table to capture, as long as that is so.
    fn show_lack(&self) {
        let notice = self.tracker.is_empty().then(|| match self.config.filter.shown() {
            "" => "there is no table to capture".to_owned(),
            lists => format!("no table matches {lists}"),
        });
        let is_new = self.context.gauges.set_notice(notice.clone());
        if let Some(notice) = notice.filter(|_| is_new) {
            tracing::warn!(connector = %self.context.name, notice, "nothing to capture yet");
        }
    }

    /// Moves the stream's position with the next commit.
    pub fn set_position(&mut self, position: Position) {
        self.outbox.position(self.partitions.stream(), Some(encode(&position)));
        self.context.gauges.set_position(position.shown());
        self.position = Some(position);
    }

    /// Moves a table's snapshot with the next commit; `None` forgets it.
    pub fn set_snapshot(&mut self, table: &str, snapshot: Option<TableSnapshot>) {
        let text = snapshot.as_ref().map(encode);
        self.outbox.position(self.partitions.snapshot(table), text);
        match snapshot {
            Some(snapshot) => {
                let is_done = matches!(snapshot, TableSnapshot::Done { .. });
                self.context.gauges.table_progress(table, snapshot.rows(), is_done);
                self.snapshots.insert(table.to_owned(), snapshot);
            }
            None => {
                self.snapshots.remove(table);
            }
        }
    }
}

async fn position_now(conn: &mut Conn) -> Result<Position> {
    let mut position = catalog::current_position(conn)
        .await
        .map_err(|error| connection::lost("reading the binlog's position", &error))?;
    if catalog::is_mariadb(conn).await? {
        position.gtids = catalog::mariadb_gtids(conn, &position.file, position.pos).await?;
    }
    Ok(position)
}

/// The beginning of the first binary log, with the transactions that were purged before it.
async fn first_position(conn: &mut Conn) -> Result<Position> {
    let row: Option<mysql_async::Row> = conn
        .query_first("SHOW BINARY LOGS")
        .await
        .map_err(|error| connection::lost("listing the binary logs", &error))?;
    let file: Option<String> = row.and_then(|row| row.get_opt(0)).and_then(std::result::Result::ok);
    let file = file.unwrap_or_default();
    let gtids = if catalog::is_mariadb(conn).await? {
        catalog::mariadb_gtids(conn, &file, 4).await?
    } else {
        conn.query_first::<String, _>("SELECT @@GLOBAL.gtid_purged")
            .await
            .map_err(|error| connection::lost("asking for purged transactions", &error))?
            .map(|gtids| gtids.replace('\n', ""))
            .filter(|gtids| !gtids.is_empty())
    };
    Ok(Position { file, pos: 4, gtids, ..Position::default() })
}

fn encode<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("positions and tables are plain data")
}

fn decode<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::CorruptState {
        topic: crate::runtime::OFFSETS_TOPIC.to_owned(),
        reason: error.to_string(),
    })
}
