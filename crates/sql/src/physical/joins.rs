//! Joins: both sides brought to one key format and the partitions their keys belong to, then the
//! operator with its stores (spec sections 5.2 to 5.4).

use plan::logical::{
    Join, JoinKind, JoinMethod, Layout, Node as LogicalNode, Operator as LogicalOperator, Source,
    Within,
};
use plan::physical::{Operator, StoreKind};
use types::SerdeSpec;

use super::graph::{Flow, is_table};
use super::{Builder, Side};

/// Grace of stream-stream joins that name none.
const DEFAULT_GRACE_MS: i64 = 86_400_000;
/// Processors Kafka Streams uses to give rows a new key and repartition them.
const REPARTITION_PROCESSORS: usize = 4;
/// The same for a table.
const TABLE_REPARTITION_PROCESSORS: usize = 7;

impl Builder<'_> {
    pub(super) fn join(&mut self, join: &Join, layout: &Layout, prefix: &str) -> Flow {
        let inner = format!("{prefix}L_");
        let left_prefix = if is_join(&join.left) { inner.as_str() } else { prefix };
        // Kafka Streams builds the table of a stream-table join first, which its numbers show.
        let (left, right) = if join.method == JoinMethod::StreamTable {
            let right = self.node(&join.right, prefix, Side::Right);
            if self.moves_table(join, &right) {
                self.graph.processors += TABLE_REPARTITION_PROCESSORS;
            }
            (self.node(&join.left, left_prefix, Side::Left), right)
        } else {
            let left = self.node(&join.left, left_prefix, Side::Left);
            (left, self.node(&join.right, prefix, Side::Right))
        };
        match join.method {
            JoinMethod::ForeignKey => self.foreign_key_join(join, left, right, layout, prefix),
            _ => self.key_join(join, left, right, layout, prefix),
        }
    }

    /// Whether the table of a stream-table join will go through an internal topic, as far as its
    /// left-most source tells.
    fn moves_table(&self, join: &Join, right: &Flow) -> bool {
        let wanted = match (is_rekeyed(&join.left), left_most(&join.left)) {
            (false, Some(source)) => &source.key_serde,
            _ => &right.key_serde,
        };
        wanted.format.uses_registry() || !same_bytes(&right.key_serde, wanted)
    }

    fn key_join(
        &mut self,
        join: &Join,
        left: Flow,
        right: Flow,
        layout: &Layout,
        prefix: &str,
    ) -> Flow {
        let rekeyed = (is_rekeyed(&join.left), is_rekeyed(&join.right));
        let wanted = if rekeyed.0 && !rekeyed.1 { &right.key_serde } else { &left.key_serde };
        let key_serde =
            self.internal_key_serde(&wanted.clone(), &self.graph.layout(left.node).key.clone());
        let names = side_names(join.method, prefix);
        let value_serde = left.value_serde.clone();
        let left = self.co_partitioned(left, rekeyed.0, &key_serde, &names.0);
        let right = self.co_partitioned(right, rekeyed.1, &key_serde, &names.1);
        let (left, right) = match join.method {
            JoinMethod::StreamStream => (left, right),
            JoinMethod::StreamTable => {
                (left, self.stored(right, &format!("{prefix}KafkaTopic_Right-Project")))
            }
            _ => (
                self.stored(left, &format!("{prefix}LeftSource-Materialize")),
                self.stored(right, &format!("{prefix}RightSource-Materialize")),
            ),
        };
        let operator = self.operator(join, &left, &right);
        let node = self.graph.meet(
            left.node,
            right.node,
            &format!("{prefix}Join"),
            operator,
            layout.clone(),
        );
        Flow {
            node,
            key_serde,
            value_serde,
            store: None,
            steps: Vec::new(),
            is_repartitioned: left.is_repartitioned,
        }
    }

    fn operator(&mut self, join: &Join, left: &Flow, right: &Flow) -> Operator {
        let stored = |flow: &Flow| flow.store.expect("tables that are joined were stored");
        match join.method {
            JoinMethod::StreamTable => {
                Operator::StreamTableJoin { kind: join.kind, table_store: stored(right) }
            }
            JoinMethod::TableTable | JoinMethod::ForeignKey => {
                Operator::TableTableJoin { kind: join.kind, stores: [stored(left), stored(right)] }
            }
            JoinMethod::StreamStream => {
                let within =
                    join.within.unwrap_or(Within { before_ms: 0, after_ms: 0, grace_ms: None });
                let stores = self.buffers(join.kind, within, left, right);
                Operator::StreamStreamJoin { kind: join.kind, within, stores }
            }
        }
    }

    /// The buffers of a stream-stream join, named as Kafka Streams names them.
    fn buffers(&mut self, kind: JoinKind, within: Within, left: &Flow, right: &Flow) -> Vec<usize> {
        let layouts = [self.graph.layout(left.node).clone(), self.graph.layout(right.node).clone()];
        let grace_ms = within.grace_ms.unwrap_or(DEFAULT_GRACE_MS);
        let retention_ms =
            within.before_ms.saturating_add(within.after_ms).saturating_add(grace_ms);
        let kind_of_store = StoreKind::Buffer { retention_ms };
        let first = self.graph.processors + 2;
        self.graph.processors = first + 3;
        let this =
            if matches!(kind, JoinKind::Right | JoinKind::Full) { "OUTERTHIS" } else { "JOINTHIS" };
        let other = if matches!(kind, JoinKind::Left | JoinKind::Full) {
            "OUTEROTHER"
        } else {
            "JOINOTHER"
        };
        let [left, right] = layouts;
        let name = |side: &str, number: usize| format!("KSTREAM-{side}-{number:010}-store");
        let mut stores = vec![
            self.graph.own_store(&name(this, first), kind_of_store, left.clone()),
            self.graph.own_store(&name(other, first + 1), kind_of_store, right),
        ];
        if within.grace_ms.is_some() && kind != JoinKind::Inner {
            stores.push(self.graph.own_store(&name("OUTERSHARED", first), kind_of_store, left));
        }
        stores
    }

    /// The side in the partitions of its join key, written in `key_serde`. Formats with a registry always
    /// go through an internal topic, because two topics' keys may have different schema ids.
    fn co_partitioned(
        &mut self,
        flow: Flow,
        rekeyed: bool,
        key_serde: &SerdeSpec,
        name: &str,
    ) -> Flow {
        let foreign_ids = key_serde.format.uses_registry() && !flow.is_repartitioned;
        if !rekeyed && !foreign_ids && same_bytes(&flow.key_serde, key_serde) {
            return flow;
        }
        let layout = self.graph.layout(flow.node).clone();
        if is_table(&layout) {
            let store =
                self.graph.own_store(&format!("{name}-Materialize"), StoreKind::KeyValue, layout);
            let topic = format!("{name}-SelectKey");
            return self.graph.repartition(&flow, &topic, key_serde.clone(), false, Some(store));
        }
        self.graph.processors += REPARTITION_PROCESSORS;
        self.graph.repartition(&flow, name, key_serde.clone(), false, None)
    }

    /// A table with a store that holds exactly its rows.
    fn stored(&mut self, flow: Flow, store_name: &str) -> Flow {
        if flow.store.is_some() && flow.steps.is_empty() {
            return flow;
        }
        self.materialize(flow, store_name)
    }

    fn foreign_key_join(
        &mut self,
        join: &Join,
        left: Flow,
        right: Flow,
        layout: &Layout,
        prefix: &str,
    ) -> Flow {
        let (key_serde, value_serde) = (left.key_serde.clone(), left.value_serde.clone());
        let left = self.stored(left, &format!("{prefix}LeftSource-Materialize"));
        let right = if key_serde.format.uses_registry() && same_bytes(&right.key_serde, &key_serde)
        {
            self.co_partitioned(right, true, &key_serde, &format!("{prefix}RightSourceKeyed"))
        } else {
            self.stored(right, &format!("{prefix}RightSource-Materialize"))
        };
        let index_layout = Layout { value: Vec::new(), ..self.graph.layout(left.node).clone() };
        let index = self.graph.own_store(
            &format!("{prefix}KTABLE-FK-JOIN-SUBSCRIPTION-STATE-STORE"),
            StoreKind::ForeignKeyIndex,
            index_layout,
        );
        let stored = |flow: &Flow| flow.store.expect("tables that are joined were stored");
        let operator = Operator::ForeignKeyJoin {
            kind: join.kind,
            foreign_key: join.left_on.clone(),
            stores: [stored(&left), stored(&right), index],
        };
        let node = self.graph.meet(
            left.node,
            right.node,
            &format!("{prefix}Join"),
            operator,
            layout.clone(),
        );
        Flow {
            node,
            key_serde,
            value_serde,
            store: None,
            steps: Vec::new(),
            is_repartitioned: left.is_repartitioned,
        }
    }
}

fn is_join(node: &LogicalNode) -> bool {
    match &node.operator {
        LogicalOperator::Join(_) => true,
        LogicalOperator::Filter { input, .. }
        | LogicalOperator::Project { input, .. }
        | LogicalOperator::PartitionBy { input, .. } => is_join(input),
        _ => false,
    }
}

/// The source at the bottom left.
fn left_most(node: &LogicalNode) -> Option<&Source> {
    match &node.operator {
        LogicalOperator::Source(source) => Some(source),
        LogicalOperator::Join(join) => left_most(&join.left),
        LogicalOperator::Filter { input, .. }
        | LogicalOperator::Project { input, .. }
        | LogicalOperator::PartitionBy { input, .. } => left_most(input),
        _ => None,
    }
}

fn is_rekeyed(node: &LogicalNode) -> bool {
    matches!(node.operator, LogicalOperator::PartitionBy { .. })
}

/// Whether two specs write the same key alike.
fn same_bytes(left: &SerdeSpec, right: &SerdeSpec) -> bool {
    left.format == right.format && left.delimiter == right.delimiter
}

/// Names of the operators that bring the sides together.
fn side_names(method: JoinMethod, prefix: &str) -> (String, String) {
    let left = match method {
        JoinMethod::StreamStream => "Join-left",
        JoinMethod::StreamTable => "Join",
        JoinMethod::TableTable | JoinMethod::ForeignKey => "LeftSourceKeyed",
    };
    let right = match method {
        JoinMethod::StreamStream => "Join-right",
        _ => "RightSourceKeyed",
    };
    (format!("{prefix}{left}"), format!("{prefix}{right}"))
}
