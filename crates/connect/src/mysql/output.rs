//! One table's way into its topic: schemas, encodings, and Debezium's envelope around rows.

use std::sync::Arc;

use crate::convert::{
    Converter, Encoding, Field, FieldName, Nullness, Schema, Writer, adjusted, adjusted_field,
};
use crate::outbox::{Outbox, TargetId};
use crate::transform::{AddedField, Unwrap};

use super::cell::Cell;
use super::envelope::{envelope, unwrapped};
use super::filter::Filter;
use super::mapping::{Mapping, Modes};
use super::masks::Masks;
use super::message_keys::MessageKeys;
use super::table::Table;

/// What is the same for all tables of a connector.
#[derive(Clone, Debug)]
pub struct Style {
    /// `mysql` or `mariadb`.
    pub connector: &'static str,
    /// The topic prefix.
    pub prefix: String,
    /// The handling modes.
    pub modes: Modes,
    /// The converter of keys.
    pub key: Converter,
    /// The converter of values.
    pub value: Converter,
    /// Whether schema names are made valid for Avro whatever the converter.
    pub adjusts_names: bool,
    /// Whether field names are, too.
    pub adjusts_fields: bool,
    /// Whether a tombstone follows each delete.
    pub tombstones: bool,
    /// Operations that are not captured.
    pub skipped: Vec<String>,
    /// Whether an update that changes no captured column is left out.
    pub skips_unchanged: bool,
    /// Whether the source block names the statement.
    pub has_query: bool,
    /// Texts that are cut or hidden.
    pub masks: Masks,
    /// Keys that are not the primary keys.
    pub message_keys: MessageKeys,
    /// `ExtractNewRecordState`, if configured.
    pub unwrap: Option<Arc<Unwrap>>,
}

/// What happened to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// It was read by the snapshot.
    Read,
    /// It is new.
    Create,
    /// It changed.
    Update,
    /// It is gone.
    Delete,
    /// It and all other rows of the table are gone.
    Truncate,
}

impl Operation {
    fn code(self) -> &'static str {
        match self {
            Self::Read => "r",
            Self::Create => "c",
            Self::Update => "u",
            Self::Delete => "d",
            Self::Truncate => "t",
        }
    }
}

/// Where an event comes from: the variable part of the source block.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// When the change was made, in milliseconds since 1970.
    pub ts_ms: i64,
    /// `true`, `first`, `last`, ... in snapshots; `false` in the stream.
    pub snapshot: &'static str,
    /// The server that made the change.
    pub server_id: u32,
    /// The transaction's id.
    pub gtid: Option<String>,
    /// The binary log's file.
    pub file: String,
    /// The event's place in it.
    pub pos: u64,
    /// The row's number within the event.
    pub row: i32,
    /// The server's thread.
    pub thread: Option<i64>,
    /// The statement.
    pub query: Option<Arc<str>>,
}

/// Schemas of a table's records.
#[derive(Debug)]
pub struct Schemas {
    key: Option<Schema>,
    value: Schema,
    key_fields: Vec<BoundField>,
    fields: Vec<BoundField>,
}

#[derive(Clone, Debug)]
struct BoundField {
    column: usize,
    name: FieldName,
    mapping: Mapping,
}

/// A table's output, ready for rows.
#[derive(Debug)]
pub struct TableOutput {
    target: TargetId,
    key: Option<Encoding>,
    value: Encoding,
    key_fields: Vec<BoundField>,
    fields: Vec<BoundField>,
    database: String,
    table: String,
}

impl Schemas {
    /// The schemas of `table`'s records in `topic`.
    pub fn new(table: &Table, topic: &str, filter: &Filter, style: &Style) -> Self {
        let base = match style.adjusts_names {
            true => adjusted(topic),
            false => topic.to_owned(),
        };
        let mut fields = Vec::new();
        let mut schemas = Vec::new();
        for (column, definition) in table.columns.iter().enumerate() {
            if !filter.column(&table.database, &table.name, &definition.name) {
                continue;
            }
            let (mapping, schema) = Mapping::new(definition, &style.modes);
            let (mapping, schema) = style.masks.apply(table, definition, mapping, schema);
            let name = match style.adjusts_fields {
                true => adjusted_field(&definition.name),
                false => definition.name.clone(),
            };
            fields.push(BoundField { column, name: FieldName::new(&name), mapping });
            schemas.push(schema.field(name));
        }
        let chosen = style.message_keys.indexes(table).unwrap_or_else(|| table.key_indexes());
        let position = |column: usize| fields.iter().position(|field| field.column == column);
        let in_key: Vec<usize> = chosen.into_iter().filter_map(position).collect();
        let key_fields: Vec<BoundField> = in_key.iter().map(|at| fields[*at].clone()).collect();
        let key_schemas: Vec<Field> = in_key.iter().map(|at| schemas[*at].clone()).collect();
        let key =
            (!key_schemas.is_empty()).then(|| Schema::record(format!("{base}.Key"), key_schemas));
        let row = Schema::record(format!("{base}.Value"), schemas);
        let value = match &style.unwrap {
            Some(unwrap) => unwrapped(row, unwrap),
            None => envelope(&base, row, style.connector),
        };
        Self { key, value, key_fields, fields }
    }

    /// Binds the schemas to `topic`; registers them when Avro. May block.
    ///
    /// # Errors
    /// When the registry refuses a schema.
    pub fn bind(
        &self,
        topic: &str,
        style: &Style,
        store: &std::sync::Arc<dyn formats::SchemaStore>,
    ) -> crate::Result<(Option<Encoding>, Encoding)> {
        let key = match &self.key {
            Some(key) => Some(style.key.bind(key, topic, "key", store)?),
            None => None,
        };
        Ok((key, style.value.bind(&self.value, topic, "value", store)?))
    }

    /// The output into `target`.
    pub fn output(
        self,
        (key, value): (Option<Encoding>, Encoding),
        target: TargetId,
        table: &Table,
    ) -> TableOutput {
        TableOutput {
            target,
            key,
            value,
            key_fields: self.key_fields,
            fields: self.fields,
            database: table.database.clone(),
            table: table.name.clone(),
        }
    }
}

/// Names of the envelope's and the source block's fields, prepared once per connector.
#[derive(Debug)]
pub struct Emitter {
    style: Style,
    names: Names,
    key: Vec<u8>,
    value: Vec<u8>,
}

#[derive(Debug)]
struct Names {
    envelope: [FieldName; 8],
    source: [FieldName; 17],
    added: Vec<FieldName>,
    deleted: FieldName,
}

impl Names {
    fn new(unwrap: Option<&Unwrap>) -> Self {
        let envelope =
            ["before", "after", "source", "transaction", "op", "ts_ms", "ts_us", "ts_ns"];
        let source = [
            "version",
            "connector",
            "name",
            "ts_ms",
            "snapshot",
            "db",
            "sequence",
            "ts_us",
            "ts_ns",
            "table",
            "server_id",
            "gtid",
            "file",
            "pos",
            "row",
            "thread",
            "query",
        ];
        let added = unwrap.map(|unwrap| unwrap.added.as_slice()).unwrap_or_default();
        Self {
            envelope: envelope.map(FieldName::new),
            source: source.map(FieldName::new),
            added: added.iter().map(|field| FieldName::new(&field.name)).collect(),
            deleted: FieldName::new("__deleted"),
        }
    }
}

/// One event about to be written.
struct Event<'a> {
    operation: Operation,
    before: Option<&'a [Cell<'a>]>,
    after: Option<&'a [Cell<'a>]>,
    origin: &'a Origin,
    now_ms: i64,
}

impl Emitter {
    /// An emitter in `style`.
    pub fn new(style: Style) -> Self {
        let names = Names::new(style.unwrap.as_deref());
        Self { style, names, key: Vec::new(), value: Vec::new() }
    }

    /// Writes a row's change into `outbox`. An update of the key is a delete and a create.
    pub fn emit(
        &mut self,
        output: &TableOutput,
        before: Option<&[Cell<'_>]>,
        after: Option<&[Cell<'_>]>,
        origin: &Origin,
        now_ms: i64,
        outbox: &mut Outbox,
    ) {
        let operation = match (before, after) {
            (None, None) => return,
            (None, Some(_)) if origin.snapshot != "false" => Operation::Read,
            (None, Some(_)) => Operation::Create,
            (Some(_), None) => Operation::Delete,
            (Some(before), Some(after)) if output.moves_key(before, after) => {
                self.emit(output, Some(before), None, origin, now_ms, outbox);
                self.emit(output, None, Some(after), origin, now_ms, outbox);
                return;
            }
            (Some(_), Some(_)) => Operation::Update,
        };
        let is_skipped = self.is_skipped(operation);
        let is_idle = self.style.skips_unchanged
            && matches!((before, after), (Some(before), Some(after)) if output.is_same(before, after));
        if is_skipped || is_idle {
            return;
        }
        let event = Event { operation, before, after, origin, now_ms };
        let keyed = after.or(before).unwrap_or_default();
        self.write_key(output, keyed);
        match self.style.unwrap.clone() {
            Some(unwrap) => self.emit_unwrapped(output, &event, &unwrap, outbox),
            None => self.emit_envelope(output, &event, outbox),
        }
    }

    /// Writes that all rows of a table are gone: an event without key. Rows without their envelope
    /// have no place for it.
    pub fn emit_truncate(
        &mut self,
        output: &TableOutput,
        origin: &Origin,
        now_ms: i64,
        outbox: &mut Outbox,
    ) {
        let operation = Operation::Truncate;
        if self.is_skipped(operation) || self.style.unwrap.is_some() {
            return;
        }
        let event = Event { operation, before: None, after: None, origin, now_ms };
        let (names, style) = (&self.names, &self.style);
        output.value.encode(&mut self.value, |writer| {
            write_envelope(writer, names, style, output, &event);
        });
        outbox.append(output.target, now_ms, None, Some(&self.value));
    }

    fn is_skipped(&self, operation: Operation) -> bool {
        self.style.skipped.iter().any(|skipped| skipped == operation.code())
    }

    fn write_key(&mut self, output: &TableOutput, cells: &[Cell<'_>]) {
        self.key.clear();
        if let Some(encoding) = &output.key {
            encoding.encode(&mut self.key, |writer| write_row(writer, &output.key_fields, cells));
        }
    }

    fn emit_envelope(&mut self, output: &TableOutput, event: &Event<'_>, outbox: &mut Outbox) {
        let (names, style) = (&self.names, &self.style);
        output.value.encode(&mut self.value, |writer| {
            write_envelope(writer, names, style, output, event);
        });
        let key = output.key.is_some().then_some(self.key.as_slice());
        outbox.append(output.target, event.now_ms, key, Some(&self.value));
        let is_delete = event.operation == Operation::Delete;
        if is_delete && self.style.tombstones && key.is_some() {
            outbox.append(output.target, event.now_ms, key, None);
        }
    }

    fn emit_unwrapped(
        &mut self,
        output: &TableOutput,
        event: &Event<'_>,
        unwrap: &Unwrap,
        outbox: &mut Outbox,
    ) {
        let is_delete = event.operation == Operation::Delete;
        let key = output.key.is_some().then_some(self.key.as_slice());
        if !is_delete || unwrap.rewrites_deletes {
            let row = event.after.or(event.before).unwrap_or_default();
            let (names, style) = (&self.names, &self.style);
            output.value.encode(&mut self.value, |writer| {
                writer.open();
                write_fields(writer, &output.fields, row);
                for (name, added) in names.added.iter().zip(&unwrap.added) {
                    writer.field(name);
                    write_added(writer, added, style, output, event);
                }
                if unwrap.rewrites_deletes {
                    writer.field(&names.deleted);
                    writer.present(Nullness::NullFirst);
                    writer.string(if is_delete { "true" } else { "false" });
                }
                writer.close();
            });
            outbox.append(output.target, event.now_ms, key, Some(&self.value));
        }
        let tombstones = if self.style.tombstones { unwrap.tombstones } else { 0 };
        for _ in 0..if is_delete && key.is_some() { tombstones } else { 0 } {
            outbox.append(output.target, event.now_ms, key, None);
        }
    }
}

impl TableOutput {
    /// Whether no captured column differs.
    fn is_same(&self, before: &[Cell<'_>], after: &[Cell<'_>]) -> bool {
        self.fields.iter().all(|field| before.get(field.column) == after.get(field.column))
    }

    fn moves_key(&self, before: &[Cell<'_>], after: &[Cell<'_>]) -> bool {
        self.key_fields.iter().any(|field| before.get(field.column) != after.get(field.column))
    }
}

fn write_row(writer: &mut dyn Writer, fields: &[BoundField], cells: &[Cell<'_>]) {
    writer.open();
    write_fields(writer, fields, cells);
    writer.close();
}

fn write_fields(writer: &mut dyn Writer, fields: &[BoundField], cells: &[Cell<'_>]) {
    for field in fields {
        writer.field(&field.name);
        field.mapping.write(cells.get(field.column).unwrap_or(&Cell::Null), writer);
    }
}

fn write_envelope(
    writer: &mut dyn Writer,
    names: &Names,
    style: &Style,
    output: &TableOutput,
    event: &Event<'_>,
) {
    let [before, after, source, transaction, op, ts_ms, ts_us, ts_ns] = &names.envelope;
    writer.open();
    for (name, row) in [(before, event.before), (after, event.after)] {
        writer.field(name);
        match row {
            Some(cells) => {
                writer.present(Nullness::NullFirst);
                write_row(writer, &output.fields, cells);
            }
            None => writer.absent(Nullness::NullFirst),
        }
    }
    writer.field(source);
    write_source(writer, &names.source, style, output, event.origin);
    writer.field(transaction);
    writer.absent(Nullness::NullFirst);
    writer.field(op);
    writer.string(event.operation.code());
    for (name, scale) in [(ts_ms, 1), (ts_us, 1000), (ts_ns, 1_000_000)] {
        writer.field(name);
        optional_long(writer, Some(event.now_ms * scale));
    }
    writer.close();
}

fn write_source(
    writer: &mut dyn Writer,
    names: &[FieldName; 17],
    style: &Style,
    output: &TableOutput,
    origin: &Origin,
) {
    let [version, connector, name, ts_ms, snapshot, db, sequence, ts_us, ts_ns, rest @ ..] = names;
    let [table, server_id, gtid, file, pos, row, thread, query] = rest;
    writer.open();
    required_text(writer, version, env!("CARGO_PKG_VERSION"));
    required_text(writer, connector, style.connector);
    required_text(writer, name, &style.prefix);
    writer.field(ts_ms);
    writer.long(origin.ts_ms);
    writer.field(snapshot);
    writer.present(Nullness::NullLast);
    writer.string(origin.snapshot);
    required_text(writer, db, &output.database);
    writer.field(sequence);
    optional_text(writer, None);
    writer.field(ts_us);
    optional_long(writer, Some(origin.ts_ms * 1000));
    writer.field(ts_ns);
    optional_long(writer, Some(origin.ts_ms * 1_000_000));
    writer.field(table);
    optional_text(writer, Some(&output.table));
    writer.field(server_id);
    writer.long(i64::from(origin.server_id));
    writer.field(gtid);
    optional_text(writer, origin.gtid.as_deref());
    required_text(writer, file, &origin.file);
    writer.field(pos);
    writer.long(origin.pos as i64);
    writer.field(row);
    writer.int(origin.row);
    writer.field(thread);
    optional_long(writer, origin.thread);
    writer.field(query);
    optional_text(writer, origin.query.as_deref());
    writer.close();
}

fn write_added(
    writer: &mut dyn Writer,
    added: &AddedField,
    style: &Style,
    output: &TableOutput,
    event: &Event<'_>,
) {
    let origin = event.origin;
    match added.origin.as_str() {
        "op" => optional_text(writer, Some(event.operation.code())),
        "ts_ms" => optional_long(writer, Some(event.now_ms)),
        "source.ts_ms" => optional_long(writer, Some(origin.ts_ms)),
        "db" => optional_text(writer, Some(&output.database)),
        "table" => optional_text(writer, Some(&output.table)),
        "name" => optional_text(writer, Some(&style.prefix)),
        "file" => optional_text(writer, Some(&origin.file)),
        "pos" => optional_long(writer, Some(origin.pos as i64)),
        "server_id" => optional_long(writer, Some(i64::from(origin.server_id))),
        _ => optional_text(writer, origin.gtid.as_deref()),
    }
}

fn required_text(writer: &mut dyn Writer, name: &FieldName, value: &str) {
    writer.field(name);
    writer.string(value);
}

fn optional_text(writer: &mut dyn Writer, value: Option<&str>) {
    match value {
        Some(value) => {
            writer.present(Nullness::NullFirst);
            writer.string(value);
        }
        None => writer.absent(Nullness::NullFirst),
    }
}

fn optional_long(writer: &mut dyn Writer, value: Option<i64>) {
    match value {
        Some(value) => {
            writer.present(Nullness::NullFirst);
            writer.long(value);
        }
        None => writer.absent(Nullness::NullFirst),
    }
}
