//! The plan while it grows: nodes in one list, each with the number of the part it belongs to. Joining
//! two parts makes them one; a repartition begins a new one.

use plan::logical::Layout;
use plan::physical::{
    Changelog, Materialized, Node, Operator, Plan, Read, RowStep, Store, StoreKind, SubTopology,
    Write,
};
use types::{SerdeSpec, SourceKind};

use super::named;

/// The end of a branch: where the next operator is attached.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Index of the last node.
    pub node: usize,
    /// Format of the keys by which rows are spread over partitions.
    pub key_serde: SerdeSpec,
    /// Format of values in internal topics.
    pub value_serde: SerdeSpec,
    /// Tables: the store from which `steps` lead to the rows here.
    pub store: Option<usize>,
    /// Steps from the store's rows to the rows here.
    pub steps: Vec<RowStep>,
    /// Whether rows come from an internal topic of this query.
    pub is_repartitioned: bool,
}

/// Nodes, parts, stores and topics so far.
#[derive(Debug)]
pub struct Graph {
    application_id: String,
    nodes: Vec<Node>,
    parts: Vec<usize>,
    next_part: usize,
    stores: Vec<Store>,
    internal_topics: Vec<String>,
    /// Kafka Streams numbers its processors; names of join stores contain the number.
    pub processors: usize,
}

impl Graph {
    /// An empty plan.
    pub fn new(application_id: &str) -> Self {
        Self {
            application_id: application_id.to_owned(),
            nodes: Vec::new(),
            parts: Vec::new(),
            next_part: 0,
            stores: Vec::new(),
            internal_topics: Vec::new(),
            processors: 0,
        }
    }

    /// What node `index` hands on.
    pub fn layout(&self, index: usize) -> &Layout {
        &self.nodes[index].layout
    }

    /// Adds a node that begins a part.
    pub fn begin(&mut self, name: &str, read: Read, layout: Layout) -> usize {
        let part = self.next_part;
        self.next_part += 1;
        self.push(named(name, Vec::new(), Operator::Read(read), layout), part)
    }

    fn push(&mut self, mut node: Node, part: usize) -> usize {
        let base = node.name.clone();
        let mut number = 1;
        while self.nodes.iter().any(|known| known.name == node.name) {
            number += 1;
            node.name = format!("{base}.{number}");
        }
        self.nodes.push(node);
        self.parts.push(part);
        self.nodes.len() - 1
    }

    /// Adds a node with one input. `step` is what it does to stored rows; without one the rows have no
    /// store any more.
    pub fn step(
        &mut self,
        flow: Flow,
        name: &str,
        operator: Operator,
        layout: Layout,
        step: Option<RowStep>,
    ) -> Flow {
        let part = self.parts[flow.node];
        let node = self.push(named(name, vec![flow.node], operator, layout), part);
        let store = flow.store.filter(|_| step.is_some());
        let mut steps = flow.steps;
        steps.extend(step.filter(|_| store.is_some()));
        Flow { node, store, steps, ..flow }
    }

    /// Adds a node with two inputs, whose parts become one.
    pub fn meet(
        &mut self,
        left: usize,
        right: usize,
        name: &str,
        operator: Operator,
        layout: Layout,
    ) -> usize {
        let (part, other) = (self.parts[left], self.parts[right]);
        for known in &mut self.parts {
            if *known == other {
                *known = part;
            }
        }
        self.push(named(name, vec![left, right], operator, layout), part)
    }

    /// Adds a node that writes the rows of `flow`.
    pub fn write(&mut self, flow: &Flow, name: &str, write: Write) {
        self.end(flow, name, Operator::Write(write));
    }

    /// Adds the node that hands rows to whoever asked.
    pub fn give_back(&mut self, flow: &Flow) {
        self.end(flow, "Return", Operator::Return);
    }

    fn end(&mut self, flow: &Flow, name: &str, operator: Operator) {
        let layout = Layout::empty(self.layout(flow.node).kind);
        let part = self.parts[flow.node];
        self.push(named(name, vec![flow.node], operator, layout), part);
    }

    /// Sends the rows of `flow` through the internal topic `<application id>-<name>-repartition`, keyed
    /// in `key_serde`. `store` is where a table's rows are kept behind it.
    pub fn repartition(
        &mut self,
        flow: &Flow,
        name: &str,
        key_serde: SerdeSpec,
        changes: bool,
        store: Option<usize>,
    ) -> Flow {
        let topic = format!("{}-{name}-repartition", self.application_id);
        let layout = self.layout(flow.node).clone();
        let value_serde = flow.value_serde.clone();
        let write = Write {
            topic: topic.clone(),
            key_serde: key_serde.clone(),
            value_serde: value_serde.clone(),
            timestamp: None,
            changes,
            is_internal: true,
        };
        self.write(flow, &format!("{name}.Repartition"), write);
        let read = Read {
            topic: topic.clone(),
            source: None,
            key_serde: key_serde.clone(),
            value_serde: value_serde.clone(),
            window: layout.window,
            timestamp: None,
            headers: Vec::new(),
            store,
            changes,
        };
        self.internal_topics.push(topic);
        let node = self.begin(&format!("{name}.Read"), read, layout);
        Flow { node, key_serde, value_serde, store, steps: Vec::new(), is_repartitioned: true }
    }

    /// Adds a store with a changelog of its own.
    pub fn own_store(&mut self, name: &str, kind: StoreKind, layout: Layout) -> usize {
        let topic = format!("{}-{name}-changelog", self.application_id);
        self.store(name, kind, layout, Changelog::Topic(topic))
    }

    /// Adds a store.
    pub fn store(
        &mut self,
        name: &str,
        kind: StoreKind,
        layout: Layout,
        changelog: Changelog,
    ) -> usize {
        self.stores.push(Store { name: name.to_owned(), kind, layout, changelog });
        self.stores.len() - 1
    }

    /// The plan, its parts upstream first: the last node of a part is made when all before it are.
    pub fn into_plan(
        self,
        application_id: String,
        output: Layout,
        materialized: Option<Materialized>,
    ) -> Plan {
        let mut order: Vec<usize> = Vec::new();
        for part in self.parts.iter().rev() {
            if !order.contains(part) {
                order.push(*part);
            }
        }
        order.reverse();
        let sub_topologies = order.into_iter().map(|part| self.sub_topology(part)).collect();
        Plan {
            version: Plan::VERSION,
            application_id,
            sub_topologies,
            stores: self.stores,
            internal_topics: self.internal_topics,
            output,
            materialized,
        }
    }

    fn sub_topology(&self, part: usize) -> SubTopology {
        let members: Vec<usize> =
            (0..self.nodes.len()).filter(|index| self.parts[*index] == part).collect();
        let local =
            |index: &usize| members.binary_search(index).expect("inputs belong to the same part");
        let nodes = members
            .iter()
            .map(|index| {
                let node = self.nodes[*index].clone();
                let inputs = node.inputs.iter().map(local).collect();
                Node { inputs, ..node }
            })
            .collect();
        SubTopology { nodes }
    }
}

/// Whether rows with this layout are a table's.
pub fn is_table(layout: &Layout) -> bool {
    layout.kind == SourceKind::Table
}
