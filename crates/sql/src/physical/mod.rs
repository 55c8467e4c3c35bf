//! From the logical to the physical plan: sub-topologies cut at repartitions, stores and internal
//! topics with their names (spec section 7.1), formats of internal topics (section 5.4).
//!
//! A pure translation: what may be asked for was decided before.

mod aggregate;
mod graph;
mod joins;
mod sources;

use plan::logical::Node as LogicalNode;
use plan::logical::Operator as LogicalOperator;
use plan::physical::{Materialized, Node, Operator, Plan, RowStep, StoreKind, Write};
use types::{Format, SourceKind};

use graph::{Flow, Graph};

/// What happens to the result.
#[derive(Clone, Debug)]
pub enum Output {
    /// It is written to a topic; tables are kept for pull queries.
    Topic(Write),
    /// It is handed to whoever asked.
    Return,
    /// It is only kept in a store (SOURCE tables).
    Store,
}

/// What the translation must know besides the tree.
#[derive(Clone, Debug)]
pub struct Options {
    /// Prefix of internal topics.
    pub application_id: String,
    /// Format of internal keys where the sources have none.
    pub default_key_format: Format,
    /// Where the result goes.
    pub output: Output,
}

/// The physical plan of `root`.
pub fn build(root: &LogicalNode, options: &Options) -> Plan {
    let mut builder = Builder { graph: Graph::new(&options.application_id), options };
    let flow = builder.node(root, "", Side::Only);
    builder.finish(flow)
}

/// Which input of a join a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Only,
    Left,
    Right,
}

struct Builder<'a> {
    graph: Graph,
    options: &'a Options,
}

impl Builder<'_> {
    /// Translates `node`. Names of the inner joins of a chain begin with `prefix`.
    fn node(&mut self, node: &LogicalNode, prefix: &str, side: Side) -> Flow {
        match &node.operator {
            LogicalOperator::Source(source) => self.source(source, &node.layout, prefix, side),
            LogicalOperator::Filter { input, predicate } => {
                let flow = self.node(input, prefix, side);
                let name = match &input.operator {
                    LogicalOperator::Aggregate(_) => "Aggregate.HavingFilter",
                    _ => "WhereFilter",
                };
                let step = RowStep::Filter(predicate.clone());
                let operator = Operator::Filter { predicate: predicate.clone() };
                self.graph.step(flow, name, operator, node.layout.clone(), Some(step))
            }
            LogicalOperator::Project { input, value } => {
                let flow = self.node(input, prefix, side);
                let step = RowStep::Project(value.clone());
                let operator = Operator::Project { value: value.clone() };
                let name = format!("{prefix}Project");
                self.graph.step(flow, &name, operator, node.layout.clone(), Some(step))
            }
            LogicalOperator::Explode { input, calls } => {
                let flow = self.node(input, prefix, side);
                let operator = Operator::Explode { calls: calls.clone() };
                self.graph.step(flow, "FlatMap", operator, node.layout.clone(), None)
            }
            LogicalOperator::PartitionBy { input, key } => {
                let flow = self.node(input, prefix, side);
                let operator = Operator::Rekey { key: key.clone(), drop_null: false };
                let name = match side {
                    Side::Only => "PartitionBy".to_owned(),
                    Side::Left => format!("{prefix}LeftSourceKeyed"),
                    Side::Right => format!("{prefix}RightSourceKeyed"),
                };
                self.graph.step(flow, &name, operator, node.layout.clone(), None)
            }
            LogicalOperator::Aggregate(aggregate) => self.aggregate(aggregate, &node.layout),
            LogicalOperator::Join(join) => self.join(join, &node.layout, prefix),
        }
    }

    fn finish(mut self, flow: Flow) -> Plan {
        let layout = self.graph.layout(flow.node).clone();
        let is_kept =
            layout.kind == SourceKind::Table && !matches!(self.options.output, Output::Return);
        let flow = if is_kept && flow.store.is_none() {
            self.materialize(flow, "Project-Materialize")
        } else {
            flow
        };
        let materialized = match (is_kept, flow.store) {
            (true, Some(store)) => Some(Materialized { store, steps: flow.steps.clone() }),
            _ => None,
        };
        match &self.options.output {
            Output::Topic(write) => self.graph.write(&flow, "OUTPUT", write.clone()),
            Output::Return => self.graph.give_back(&flow),
            Output::Store => {}
        }
        let application_id = self.options.application_id.clone();
        self.graph.into_plan(application_id, layout, materialized)
    }

    /// Keeps the rows of a table in a store of their own.
    fn materialize(&mut self, flow: Flow, store_name: &str) -> Flow {
        let layout = self.graph.layout(flow.node).clone();
        let store = self.graph.own_store(store_name, StoreKind::KeyValue, layout.clone());
        let operator = Operator::Materialize { store };
        let mut flow = self.graph.step(flow, store_name, operator, layout, None);
        flow.store = Some(store);
        flow.steps.clear();
        flow
    }
}

/// A node under its name.
fn named(
    name: impl Into<String>,
    inputs: Vec<usize>,
    operator: Operator,
    layout: plan::logical::Layout,
) -> Node {
    Node { name: name.into(), inputs, operator, layout }
}
