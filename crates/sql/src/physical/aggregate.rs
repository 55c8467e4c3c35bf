//! GROUP BY: rows get the grouping as key, go through a repartition topic unless they had it already,
//! and are aggregated in a store.
//!
//! Arguments and grouping expressions are computed before the repartition, so that its topic carries
//! nothing else.

use plan::expression::{ColumnRef, Expr};
use plan::logical::{Aggregate, AggregateCall, Layout, WindowShape};
use plan::physical::{Operator, StoreKind};
use types::{Column, SqlType};

use super::graph::{Flow, is_table};
use super::{Builder, Side};
use crate::analysis::{grace_ms, size_ms};

/// Aggregate arguments as columns of the rows that are aggregated.
struct Prepared {
    value: Vec<Expr>,
    columns: Vec<Column>,
    calls: Vec<AggregateCall>,
}

impl Prepared {
    fn new(calls: &[AggregateCall]) -> Self {
        let mut prepared = Self { value: Vec::new(), columns: Vec::new(), calls: Vec::new() };
        for call in calls {
            let arguments =
                call.arguments.iter().map(|argument| prepared.column(argument)).collect();
            prepared.calls.push(AggregateCall { arguments, ..call.clone() });
        }
        if prepared.value.is_empty() {
            // COUNT(*) needs no column, but a record without columns could not be told from a NULL one.
            prepared.column(&Expr::column(ColumnRef::RowTime, SqlType::Bigint));
        }
        prepared
    }

    /// The column that holds `expr`, added when there is none yet.
    fn column(&mut self, expr: &Expr) -> Expr {
        let index = self.value.iter().position(|known| known == expr).unwrap_or_else(|| {
            let name = format!("KSQL_INTERNAL_COL_{}", self.value.len());
            self.columns.push(Column::new(name, expr.ty.clone()));
            self.value.push(expr.clone());
            self.value.len() - 1
        });
        Expr::column(ColumnRef::Value(index), expr.ty.clone())
    }
}

impl Builder<'_> {
    pub(super) fn aggregate(&mut self, aggregate: &Aggregate, layout: &Layout) -> Flow {
        let input = self.node(&aggregate.input, "", Side::Only);
        let (flow, calls) = self.prepared(input, aggregate, &layout.key);
        let kind = store_kind(aggregate);
        let name = "Aggregate-Aggregate-Materialize";
        let store = self.graph.own_store(name, kind, layout.clone());
        let operator =
            Operator::Aggregate { store, calls, window: aggregate.window, emit: aggregate.emit };
        let mut flow = self.graph.step(flow, "Aggregate.Aggregate", operator, layout.clone(), None);
        flow.store = Some(store);
        flow
    }

    /// The rows keyed by the grouping, in the partitions their key belongs to.
    fn prepared(
        &mut self,
        input: Flow,
        aggregate: &Aggregate,
        key: &[Column],
    ) -> (Flow, Vec<AggregateCall>) {
        let mut prepared = Prepared::new(&aggregate.calls);
        let input_layout = self.graph.layout(input.node).clone();
        let calls = prepared.calls.clone();
        if aggregate.keeps_key {
            let layout = Layout { value: prepared.columns, ..input_layout };
            let operator = Operator::Project { value: prepared.value };
            return (self.graph.step(input, "Aggregate.Prepare", operator, layout, None), calls);
        }
        let kept = prepared.value.len();
        let group: Vec<Expr> =
            aggregate.group_by.iter().map(|expr| prepared.column(expr)).collect();
        let helpers = prepared.value.len() > kept;
        let layout = Layout { value: prepared.columns.clone(), ..input_layout.clone() };
        let operator = Operator::Project { value: prepared.value };
        let flow = self.graph.step(input, "Aggregate.Prepare", operator, layout.clone(), None);
        let layout = Layout { key: key.to_vec(), window: None, ..layout };
        let operator = Operator::Rekey { key: group, drop_null: true };
        let mut flow = self.graph.step(flow, "Aggregate.GroupBy", operator, layout.clone(), None);
        if helpers {
            prepared.columns.truncate(kept);
            let value = prepared.columns.iter().enumerate();
            let value = value
                .map(|(at, column)| Expr::column(ColumnRef::Value(at), column.ty.clone()))
                .collect();
            let layout = Layout { value: prepared.columns, ..layout };
            flow =
                self.graph.step(flow, "Aggregate.Prune", Operator::Project { value }, layout, None);
        }
        let key_serde = self.internal_key_serde(&flow.key_serde.clone(), key);
        let changes = is_table(&input_layout);
        (self.graph.repartition(&flow, "Aggregate-GroupBy", key_serde, changes, None), calls)
    }
}

fn store_kind(aggregate: &Aggregate) -> StoreKind {
    let Some(window) = &aggregate.window else { return StoreKind::KeyValue };
    let least_ms = size_ms(window.kind).saturating_add(grace_ms(window, aggregate.emit));
    let retention_ms = window.retention_ms.unwrap_or(least_ms);
    match window.kind {
        WindowShape::Session { .. } => StoreKind::Session { retention_ms },
        WindowShape::Tumbling { .. } | WindowShape::Hopping { .. } => {
            StoreKind::Window { retention_ms }
        }
    }
}
