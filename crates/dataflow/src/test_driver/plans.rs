//! Small plans as the planner makes them.

use std::sync::Arc;

use plan::expression::{ArithmeticOp, ColumnRef, CompareOp, Expr, ExprKind};
use plan::logical::{AggregateCall, Emit, Layout, Window};
use plan::physical::{
    Changelog, Materialized, Node, Operator, Plan, Read, Store, StoreKind, SubTopology, Write,
};
use types::{Column, Format, QueryId, SerdeSpec, SourceKind, SqlType, Value, WindowKind};

use crate::{OffsetReset, QueryOptions, QuerySpec};

/// A query that emits every update.
pub(crate) fn spec(id: &str, plan: Plan) -> QuerySpec {
    let options = QueryOptions {
        offset_reset: OffsetReset::Earliest,
        is_coalescing: false,
        emit_final_interval_ms: 0,
        ..QueryOptions::default()
    };
    QuerySpec { id: QueryId::new(id), plan: Arc::new(plan), options, rows: None }
}

pub(crate) fn column(name: &str, ty: SqlType) -> Column {
    Column::new(name, ty)
}

pub(crate) fn layout(kind: SourceKind, value: Vec<Column>) -> Layout {
    Layout { kind, key: vec![column("ID", SqlType::String)], value, window: None }
}

pub(crate) fn read(topic: &str) -> Operator {
    Operator::Read(Read {
        topic: topic.to_owned(),
        source: Some(topic.to_uppercase()),
        key_serde: SerdeSpec::new(Format::Kafka),
        value_serde: SerdeSpec::new(Format::Json),
        window: None,
        timestamp: None,
        headers: Vec::new(),
        store: None,
        changes: false,
    })
}

pub(crate) fn write(topic: &str) -> Operator {
    Operator::Write(Write {
        topic: topic.to_owned(),
        key_serde: SerdeSpec::new(Format::Kafka),
        value_serde: SerdeSpec::new(Format::Json),
        timestamp: None,
        changes: false,
        is_internal: false,
    })
}

pub(crate) fn node(name: &str, inputs: &[usize], operator: Operator, layout: Layout) -> Node {
    Node { name: name.to_owned(), inputs: inputs.to_vec(), operator, layout }
}

pub(crate) fn plan(sub_topologies: Vec<Vec<Node>>, stores: Vec<Store>, output: Layout) -> Plan {
    Plan {
        version: Plan::VERSION,
        application_id: "app".to_owned(),
        sub_topologies: sub_topologies.into_iter().map(|nodes| SubTopology { nodes }).collect(),
        stores,
        internal_topics: Vec::new(),
        output,
        materialized: None,
    }
}

pub(crate) fn bigint(number: i64) -> Expr {
    Expr::literal(Value::Bigint(number), SqlType::Bigint)
}

pub(crate) fn value_column(index: usize, ty: SqlType) -> Expr {
    Expr::column(ColumnRef::Value(index), ty)
}

/// `SELECT ID, AMOUNT * 2 AS DOUBLED FROM in WHERE AMOUNT > 10`.
pub(crate) fn filter_project(input: &str, output: &str) -> Plan {
    let amount = layout(SourceKind::Stream, vec![column("AMOUNT", SqlType::Bigint)]);
    let doubled = layout(SourceKind::Stream, vec![column("DOUBLED", SqlType::Bigint)]);
    let predicate = Expr {
        kind: ExprKind::Compare {
            op: CompareOp::Greater,
            left: Box::new(value_column(0, SqlType::Bigint)),
            right: Box::new(bigint(10)),
        },
        ty: SqlType::Boolean,
    };
    let double = Expr {
        kind: ExprKind::Arithmetic {
            op: ArithmeticOp::Multiply,
            left: Box::new(value_column(0, SqlType::Bigint)),
            right: Box::new(bigint(2)),
        },
        ty: SqlType::Bigint,
    };
    let nodes = vec![
        node("Source", &[], read(input), amount.clone()),
        node("Where", &[0], Operator::Filter { predicate }, amount),
        node("Project", &[1], Operator::Project { value: vec![double] }, doubled.clone()),
        node("Sink", &[2], write(output), Layout::empty(SourceKind::Stream)),
    ];
    plan(vec![nodes], Vec::new(), doubled)
}

/// `COUNT(*)`, `SUM(AMOUNT)` by key, in windows or not.
pub(crate) fn aggregate(input: &str, output: &str, window: Option<Window>, emit: Emit) -> Plan {
    let amount = layout(SourceKind::Stream, vec![column("AMOUNT", SqlType::Bigint)]);
    let columns = vec![column("N", SqlType::Bigint), column("TOTAL", SqlType::Bigint)];
    let results = Layout {
        window: window.map(|window| match window.kind {
            plan::logical::WindowShape::Tumbling { size_ms } => WindowKind::Tumbling { size_ms },
            plan::logical::WindowShape::Hopping { size_ms, .. } => WindowKind::Hopping { size_ms },
            plan::logical::WindowShape::Session { .. } => WindowKind::Session,
        }),
        ..layout(SourceKind::Table, columns)
    };
    let calls = vec![call("COUNT", vec![]), call("SUM", vec![value_column(0, SqlType::Bigint)])];
    let operator = Operator::Aggregate { store: 0, calls, window, emit };
    let kind = match results.window {
        None => StoreKind::KeyValue,
        Some(WindowKind::Session) => StoreKind::Session { retention_ms: 100_000 },
        Some(_) => StoreKind::Window { retention_ms: 100_000 },
    };
    let nodes = vec![
        node("Source", &[], read(input), amount),
        node("Aggregate", &[0], operator, results.clone()),
        node("Sink", &[1], write(output), Layout::empty(SourceKind::Table)),
    ];
    let store = Store {
        name: "Aggregate-Materialize".to_owned(),
        kind,
        layout: results.clone(),
        changelog: Changelog::Topic("app-Aggregate-Materialize-changelog".to_owned()),
    };
    Plan {
        materialized: Some(Materialized { store: 0, steps: Vec::new() }),
        ..plan(vec![nodes], vec![store], results)
    }
}

pub(crate) fn call(function: &str, arguments: Vec<Expr>) -> AggregateCall {
    AggregateCall { function: function.to_owned(), arguments, constants: Vec::new() }
}

/// A join of sources `l` (column L) and `r` (column R), written to `out`; tables are kept in stores 0
/// and 1.
pub(crate) fn join(kinds: [SourceKind; 2], operator: Operator, result: SourceKind) -> Plan {
    let side = |index: usize, name: &str| {
        let layout = layout(kinds[index], vec![column(name, SqlType::Bigint)]);
        let Operator::Read(mut read) = read(&name.to_lowercase()) else { unreachable!("a read") };
        read.store = (kinds[index] == SourceKind::Table).then_some(index);
        (node(name, &[], Operator::Read(read), layout.clone()), layout)
    };
    let ((left, left_layout), (right, right_layout)) = (side(0, "L"), side(1, "R"));
    let key = |name: &str| column(name, SqlType::String);
    let value = |name: &str| column(name, SqlType::Bigint);
    let joined = layout(result, vec![key("LK"), value("L"), key("RK"), value("R")]);
    let nodes = vec![
        left,
        right,
        node("Join", &[0, 1], operator, joined.clone()),
        node("Sink", &[2], write("out"), Layout::empty(result)),
    ];
    let store = |index: usize, layout: Layout| Store {
        name: format!("store-{index}"),
        kind: match kinds[index] {
            SourceKind::Table => StoreKind::KeyValue,
            SourceKind::Stream => StoreKind::Buffer { retention_ms: 1_000_000 },
        },
        layout,
        changelog: match kinds[index] {
            SourceKind::Table => Changelog::Source(["l", "r"][index].to_owned()),
            SourceKind::Stream => Changelog::Topic(format!("app-store-{index}-changelog")),
        },
    };
    let waiting = Store {
        name: "store-2".to_owned(),
        kind: match result {
            SourceKind::Stream => StoreKind::Buffer { retention_ms: 1_000_000 },
            SourceKind::Table => StoreKind::ForeignKeyIndex,
        },
        layout: left_layout.clone(),
        changelog: Changelog::Topic("app-store-2-changelog".to_owned()),
    };
    let stores = vec![store(0, left_layout), store(1, right_layout), waiting];
    plan(vec![nodes], stores, joined)
}

/// `COUNT(*)`, `SUM(AMOUNT)` of table `in` grouped by its column GROUP, through a repartition topic.
pub(crate) fn regroup() -> Plan {
    let columns = vec![column("GROUP", SqlType::String), column("AMOUNT", SqlType::Bigint)];
    let rows = layout(SourceKind::Table, columns);
    let Operator::Read(mut source) = read("in") else { unreachable!("a read") };
    source.store = Some(0);
    let Operator::Write(mut sink) = write("app-GroupBy-repartition") else {
        unreachable!("a write")
    };
    (sink.changes, sink.is_internal) = (true, true);
    let Operator::Read(mut regrouped) = read("app-GroupBy-repartition") else {
        unreachable!("a read")
    };
    (regrouped.changes, regrouped.source) = (true, None);
    let key = vec![value_column(0, SqlType::String)];
    let upstream = vec![
        node("Source", &[], Operator::Read(source), rows.clone()),
        node("GroupBy", &[0], Operator::Rekey { key, drop_null: true }, rows.clone()),
        node("Repartition", &[1], Operator::Write(sink), Layout::empty(SourceKind::Table)),
    ];
    let results = layout(
        SourceKind::Table,
        vec![column("N", SqlType::Bigint), column("TOTAL", SqlType::Bigint)],
    );
    let calls = vec![call("COUNT", vec![]), call("SUM", vec![value_column(1, SqlType::Bigint)])];
    let aggregate = Operator::Aggregate { store: 1, calls, window: None, emit: Emit::Changes };
    let downstream = vec![
        node("Regrouped", &[], Operator::Read(regrouped), rows.clone()),
        node("Aggregate", &[0], aggregate, results.clone()),
        node("Sink", &[1], write("out"), Layout::empty(SourceKind::Table)),
    ];
    let store = |name: &str, layout: Layout, changelog: Changelog| Store {
        name: name.to_owned(),
        kind: StoreKind::KeyValue,
        layout,
        changelog,
    };
    let changelog = Changelog::Topic("app-Aggregate-changelog".to_owned());
    let stores = vec![
        store("Source", rows, Changelog::Source("in".to_owned())),
        store("Aggregate", results.clone(), changelog),
    ];
    Plan {
        internal_topics: vec!["app-GroupBy-repartition".to_owned()],
        ..plan(vec![upstream, downstream], stores, results)
    }
}

/// `SELECT * FROM in EMIT CHANGES`.
pub(crate) fn push(input: &str) -> Plan {
    let amount = layout(SourceKind::Stream, vec![column("AMOUNT", SqlType::Bigint)]);
    let nodes = vec![
        node("Source", &[], read(input), amount.clone()),
        node("Return", &[0], Operator::Return, Layout::empty(SourceKind::Stream)),
    ];
    plan(vec![nodes], Vec::new(), amount)
}
