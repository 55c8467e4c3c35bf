//! From plan nodes to running operators.

use std::sync::Arc;

use formats::Part;
use plan::logical::Emit;
use plan::physical::{Node, Operator as PlanOperator, Read, SubTopology, Write};

use super::Operator;
use super::column_use::needs_value;
use super::explode::{ExplodeOp, TableCallOp};
use super::filter::FilterOp;
use super::materialize::MaterializeOp;
use super::project::ProjectOp;
use super::rekey::RekeyOp;
use super::returns::ReturnOp;
use super::write::{PartitionBuilder, WriteOp};
use crate::aggregate::{
    AggregateOp, Calls, SessionAggregateOp, TimeWindowAggregateOp, TimeWindows,
};
use crate::expressions::Expressions;
use crate::row_codec::RowCodec;
use crate::stores::TableCodec;
use crate::timestamps::TimestampReader;
use crate::{Error, Result, RowSender, Services, join};

/// A node's surroundings while it is built.
pub(crate) struct Site<'a> {
    /// The node's sub-topology.
    pub sub_topology: &'a SubTopology,
    /// The node's index in it.
    pub index: usize,
    /// What operators stand on.
    pub services: &'a Services,
    /// Where a Return node hands its rows.
    pub rows: Option<&'a RowSender>,
}

impl<'a> Site<'a> {
    /// The node itself.
    pub fn node(&self) -> &'a Node {
        &self.sub_topology.nodes[self.index]
    }

    /// Input `number` of the node.
    pub fn input(&self, number: usize) -> Result<&'a Node> {
        let node = self.node();
        let input = node.inputs.get(number).and_then(|index| self.sub_topology.nodes.get(*index));
        input.ok_or_else(|| Error::Plan(format!("{} lacks input {number}", node.name)))
    }

    /// Prepares expressions of the node.
    pub fn expressions<'e>(
        &self,
        expressions: impl IntoIterator<Item = &'e plan::expression::Expr>,
    ) -> Result<Expressions> {
        Expressions::try_new(&self.node().name, expressions, &self.services.functions)
    }
}

/// Builds the operator of a node. Fails when the plan contradicts itself or a format refuses.
pub(crate) fn build(site: &Site<'_>) -> Result<Box<dyn Operator>> {
    let node = site.node();
    match &node.operator {
        PlanOperator::Read(read) => build_read(node, read),
        PlanOperator::Filter { predicate } => {
            let predicate = site.expressions([predicate])?;
            Ok(Box::new(FilterOp { predicate, kind: node.layout.kind }))
        }
        PlanOperator::Project { value } => {
            Ok(Box::new(ProjectOp { value: site.expressions(value)? }))
        }
        PlanOperator::Explode { calls } => build_explode(site, calls),
        PlanOperator::Rekey { key, drop_null } => {
            let codec = RowCodec::try_new(&node.layout.key)?;
            let needs_value = key.iter().map(needs_value).collect();
            let (key, drop_null, kind) = (site.expressions(key)?, *drop_null, node.layout.kind);
            Ok(Box::new(RekeyOp { key, needs_value, codec, drop_null, kind }))
        }
        PlanOperator::Aggregate { .. } => build_aggregate(site),
        PlanOperator::Materialize { store } => Ok(Box::new(materialize(node, *store)?)),
        PlanOperator::Write(write) => build_write(site, write),
        PlanOperator::Return => build_return(site),
        PlanOperator::StreamTableJoin { .. }
        | PlanOperator::TableTableJoin { .. }
        | PlanOperator::StreamStreamJoin { .. }
        | PlanOperator::ForeignKeyJoin { .. } => join::build(site),
    }
}

fn materialize(node: &Node, store: usize) -> Result<MaterializeOp> {
    let codec = TableCodec::try_new(&node.layout.key, &node.layout.value)?;
    Ok(MaterializeOp { store, codec })
}

fn build_read(node: &Node, read: &Read) -> Result<Box<dyn Operator>> {
    match read.store {
        Some(store) => Ok(Box::new(materialize(node, store)?)),
        None => Ok(Box::new(PassOp)),
    }
}

/// A Read node of a stream: its source did all the work.
struct PassOp;

impl Operator for PassOp {
    fn process(
        &mut self,
        _input: usize,
        chunk: crate::chunk::Chunk,
        _context: &mut crate::context::Context<'_>,
    ) -> Result<Vec<crate::chunk::Chunk>> {
        Ok(super::one(chunk))
    }
}

fn build_explode(site: &Site<'_>, calls: &[plan::logical::TableCall]) -> Result<Box<dyn Operator>> {
    let node = site.node();
    let first = node.layout.value.len().checked_sub(calls.len());
    let first = first.ok_or_else(|| Error::Plan(format!("{}: too few columns", node.name)))?;
    let mut built = Vec::new();
    for (call, column) in calls.iter().zip(&node.layout.value[first..]) {
        let function = site.services.functions.table(&call.function);
        let function =
            function.ok_or_else(|| Error::Plan(format!("no table function {}", call.function)))?;
        built.push(TableCallOp {
            function: Arc::clone(function),
            arguments: site.expressions(&call.arguments)?,
            returns: column.ty.clone(),
        });
    }
    Ok(Box::new(ExplodeOp { node: node.name.clone(), calls: built }))
}

fn build_aggregate(site: &Site<'_>) -> Result<Box<dyn Operator>> {
    let node = site.node();
    let PlanOperator::Aggregate { store, window, emit, .. } = &node.operator else {
        return Err(Error::Plan(format!("{} is no aggregation", node.name)));
    };
    let key = RowCodec::try_new(&node.layout.key)?;
    let calls = aggregate_calls(node, site.services)?;
    let needs_old = needs_old_values(site.sub_topology, site.index);
    let Some(window) = window else {
        if *emit == Emit::Final {
            return Err(Error::Plan("EMIT FINAL needs a window".to_owned()));
        }
        return Ok(Box::new(AggregateOp::new(*store, key, calls, needs_old)));
    };
    if let Some(windows) = TimeWindows::from_plan(window, *emit) {
        let op = TimeWindowAggregateOp::new(*store, key, calls, needs_old, windows, *emit);
        return Ok(Box::new(op));
    }
    match SessionAggregateOp::try_new(*store, key, calls, needs_old, window, *emit) {
        Some(op) => Ok(Box::new(op)),
        None => Err(Error::Plan(format!("{}: unknown window", node.name))),
    }
}

/// The calls of an Aggregate node.
pub(crate) fn aggregate_calls(node: &Node, services: &Services) -> Result<Calls> {
    match &node.operator {
        PlanOperator::Aggregate { calls, .. } => {
            Calls::try_new(&node.name, calls, &node.layout.value, &services.functions)
        }
        _ => Err(Error::Plan(format!("{} is no aggregation", node.name))),
    }
}

fn build_write(site: &Site<'_>, write: &Write) -> Result<Box<dyn Operator>> {
    let layout = &site.input(0)?.layout;
    let services = site.services;
    let failed = |source| Error::Format { action: format!("write topic {}", write.topic), source };
    let key_encoder =
        formats::encoder(&write.key_serde, &layout.key, Part::Key, &write.topic, &services.schemas);
    let value_encoder = formats::encoder(
        &write.value_serde,
        &layout.value,
        Part::Value,
        &write.topic,
        &services.schemas,
    );
    let topic = services.log.topic(&write.topic);
    let topic =
        topic.ok_or_else(|| Error::Plan(format!("topic {} does not exist", write.topic)))?;
    let timestamp = match &write.timestamp {
        Some(column) => {
            Some(TimestampReader::try_new(&site.node().name, column, &services.functions)?)
        }
        None => None,
    };
    Ok(Box::new(WriteOp {
        node: site.node().name.clone(),
        topic: topic.name,
        key_encoder: key_encoder.map_err(failed)?,
        value_encoder: value_encoder.map_err(failed)?,
        window: layout.window,
        timestamp,
        changes: write.changes,
        is_sink: !write.is_internal,
        partitions: (0..topic.config.partitions).map(|_| PartitionBuilder::default()).collect(),
        key_bytes: Vec::new(),
        value_bytes: Vec::new(),
        records: 0,
    }))
}

fn build_return(site: &Site<'_>) -> Result<Box<dyn Operator>> {
    let sender = site.rows.cloned();
    let sender = sender.ok_or_else(|| Error::Plan("nobody takes the rows".to_owned()))?;
    Ok(Box::new(ReturnOp { sender, held: Vec::new() }))
}

/// Whether something after node `index` looks at replaced values.
pub(crate) fn needs_old_values(sub_topology: &SubTopology, index: usize) -> bool {
    let followers =
        sub_topology.nodes.iter().enumerate().filter(|(_, node)| node.inputs.contains(&index));
    let mut followers = followers;
    followers.any(|(follower, node)| match &node.operator {
        PlanOperator::Filter { .. }
        | PlanOperator::Rekey { .. }
        | PlanOperator::Aggregate { .. }
        | PlanOperator::TableTableJoin { .. }
        | PlanOperator::ForeignKeyJoin { .. } => true,
        PlanOperator::Write(write) => write.changes,
        PlanOperator::Project { .. } => needs_old_values(sub_topology, follower),
        _ => false,
    })
}
