//! `/metrics`: every part's counters in Prometheus' text format, and the HTTP counters themselves.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use dataflow::QueryState;

use crate::node::Node;
use crate::server::Door;

/// Content type of Prometheus' text format.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Classes of HTTP statuses: 1xx to 5xx.
const STATUS_CLASSES: usize = 5;

/// Counts requests per door and class of status.
#[derive(Debug, Default)]
pub struct HttpMetrics {
    responses: [[AtomicU64; STATUS_CLASSES]; Door::ALL.len()],
}

impl HttpMetrics {
    fn count(&self, door: Door, status: u16) {
        let class = usize::from(status / 100).clamp(1, STATUS_CLASSES) - 1;
        self.responses[door as usize][class].fetch_add(1, Ordering::Relaxed);
    }
}

/// Counts the request's answer.
pub async fn count(
    State((metrics, door)): State<(Arc<HttpMetrics>, Door)>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    metrics.count(door, response.status().as_u16());
    response
}

/// The page as an answer.
pub fn response(page: String) -> Response {
    ([(CONTENT_TYPE, TEXT_FORMAT)], Body::from(page)).into_response()
}

/// The page. Blocks for a moment.
pub fn page(node: &Node, http: &HttpMetrics) -> String {
    let mut page = Page::default();
    if let Some(log) = &node.disk_log {
        for commitlog::metrics::Reading { name, help, value } in log.metrics().values {
            page.family(name, kind_of(name), help);
            page.sample(name, &[], value);
        }
    }
    if let Some(broker) = &node.broker {
        for broker::Reading { name, help, value } in broker.metrics() {
            page.family(name, kind_of(name), help);
            page.sample(name, &[], value);
        }
    }
    queries(&mut page, &node.engine.metrics());
    connectors(&mut page, &node.connect);
    http_responses(&mut page, http);
    process(&mut page);
    page.text
}

/// Counters are the names that end in `_total`.
fn kind_of(name: &str) -> &'static str {
    if name.ends_with("_total") { "counter" } else { "gauge" }
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.write(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        match labels.is_empty() {
            true => self.write(format_args!("{name} {value}\n")),
            false => self.write(format_args!("{name}{{{}}} {value}\n", labels.join(","))),
        }
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        self.text.write_fmt(text).expect("writing to a string can't fail");
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn queries(page: &mut Page, metrics: &engine::Metrics) {
    type Count = fn(&engine::QueryCounters) -> u64;
    let counts: [(&str, &str, Count); 4] = [
        ("records_in_total", "Records a query read from its sources.", |q| q.counts.records_in),
        ("records_out_total", "Records a query wrote.", |q| q.counts.records_out),
        ("problems_total", "Records dropped and rows failed.", |q| q.counts.problems),
        ("late_records_total", "Records that came too late.", |q| q.counts.late_records),
    ];
    for (name, help, count) in counts {
        let name = format!("tidemill_query_{name}");
        page.family(&name, "counter", help);
        for (id, query) in &metrics.queries {
            page.sample(&name, &[("query", &id.to_string())], count(query));
        }
    }
    let name = "tidemill_engine_queries";
    page.family(name, "gauge", "Persistent queries by state.");
    let states = [
        ("RUNNING", QueryState::Running),
        ("PAUSED", QueryState::Paused),
        ("ERROR", QueryState::Error),
    ];
    for (word, state) in states {
        let count = metrics.queries.values().filter(|query| query.state == state).count();
        page.sample(name, &[("state", word)], count);
    }
    let single: [(&str, &str, u64); 4] = [
        (
            "tidemill_engine_push_queries",
            "Push queries that somebody reads.",
            metrics.push_queries as u64,
        ),
        ("tidemill_engine_pull_queries_total", "Pull queries answered.", metrics.pull_queries),
        (
            "tidemill_engine_problems_reported_total",
            "Reports in the processing log.",
            metrics.problems_reported,
        ),
        ("tidemill_engine_problems_dropped_total", "Reports lost.", metrics.problems_dropped),
    ];
    for (name, help, value) in single {
        page.family(name, kind_of(name), help);
        page.sample(name, &[], value);
    }
}

fn connectors(page: &mut Page, runtime: &connect::Runtime) {
    page.family("tidemill_connect_state", "gauge", "1 for the state a connector is in.");
    for connector in runtime.list() {
        let state = connector.status.state.as_str();
        let labels = [("connector", connector.name.as_str()), ("state", state)];
        page.sample("tidemill_connect_state", &labels, 1);
    }
    for family in runtime.metrics() {
        page.family(family.name, kind_of(family.name), family.help);
        for (connector, value) in family.samples {
            page.sample(family.name, &[("connector", &connector)], value);
        }
    }
}

fn http_responses(page: &mut Page, http: &HttpMetrics) {
    let name = "tidemill_server_http_responses_total";
    page.family(name, "counter", "Requests answered, by port and class of status.");
    for door in Door::ALL {
        for (index, count) in http.responses[door as usize].iter().enumerate() {
            let class = format!("{}xx", index + 1);
            let labels = [("door", door.name()), ("status", &class)];
            page.sample(name, &labels, count.load(Ordering::Relaxed));
        }
    }
}

/// Memory as Linux tells it; absent elsewhere.
fn process(page: &mut Page) {
    #[allow(clippy::disallowed_methods, reason = "the process looks at itself, not at data")]
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return };
    let fields = [
        ("VmRSS:", "process_resident_memory_bytes", "Memory in use."),
        ("VmSize:", "process_virtual_memory_bytes", "Address space in use."),
    ];
    for (field, name, help) in fields {
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
        if let Some(kilobytes) = kilobytes {
            page.family(name, "gauge", help);
            page.sample(name, &[], kilobytes * 1024);
        }
    }
}
