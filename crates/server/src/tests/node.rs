//! A server in memory and a client of it.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use commitlog::MemoryLog;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, CONTENT_TYPE};
use hyper::{Method, Request, Response};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use state::MemoryBackend;
use tokio::runtime::Handle;
use types::seams::system::SystemClock;

use crate::node::Node;
use crate::{Config, Door, Server};

/// The content type of wishes that name no other.
pub const JSON: &str = "application/json";

/// A server with a client.
pub struct Peer {
    pub server: Server,
    http: HttpClient<HttpConnector, Full<Bytes>>,
}

/// A client's wish.
#[derive(Clone, Debug)]
pub struct Wish {
    pub door: Door,
    pub method: Method,
    pub path: String,
    pub accept: Option<String>,
    pub content_type: String,
    pub body: String,
}

impl Wish {
    /// A POST to ksqlDB's API.
    pub fn post(path: &str, body: impl Into<String>) -> Self {
        let (door, method) = (Door::Ksql, Method::POST);
        let (path, content_type) = (path.to_owned(), JSON.to_owned());
        Self { door, method, path, accept: None, content_type, body: body.into() }
    }
}

impl Peer {
    /// A server over an empty log in memory, with a client that speaks HTTP/1.1 or only HTTP/2.
    pub async fn start(speaks_http2: bool) -> Self {
        let node = crate::http::blocking({
            let handle = Handle::current();
            move || start_node(handle)
        });
        let node = node.await.expect("no panic");
        let server = Server::serve_on_loopback(node).await.expect("loopback has free ports");
        let http = HttpClient::builder(TokioExecutor::new())
            .http2_only(speaks_http2)
            .build(HttpConnector::new());
        Self { server, http }
    }

    fn address(&self, door: Door) -> SocketAddr {
        let found = self.server.addresses().iter().find(|(other, _)| *other == door);
        found.expect("every door is open").1
    }

    /// The answer to a wish, its body still on its way.
    pub async fn ask(&self, wish: &Wish) -> Response<Incoming> {
        let uri = format!("http://{}{}", self.address(wish.door), wish.path);
        let mut request = Request::builder().method(wish.method.clone()).uri(uri);
        request = request.header(CONTENT_TYPE, &wish.content_type);
        if let Some(accept) = &wish.accept {
            request = request.header(ACCEPT, accept);
        }
        let request = request.body(Full::new(Bytes::from(wish.body.clone()))).expect("a request");
        self.http.request(request).await.expect("an answer")
    }

    /// Runs statements that must succeed.
    pub async fn run(&self, statements: &str) {
        let body = serde_json::json!({
            "ksql": statements, "streamsProperties": { "auto.offset.reset": "earliest" },
        });
        let response = self.ask(&Wish::post("/ksql", body.to_string())).await;
        let status = response.status();
        let text = text(response).await;
        assert_eq!(status, 200, "{text}");
    }
}

/// The whole body as text.
pub async fn text(response: Response<Incoming>) -> String {
    let bytes = response.into_body().collect().await.expect("a whole body").to_bytes();
    String::from_utf8(bytes.to_vec()).expect("text")
}

fn start_node(handle: Handle) -> Node {
    let log = Arc::new(MemoryLog::new(Arc::new(SystemClock::new())));
    let variables = [
        ("KSQL_TIDEMILL_WORKERS".to_owned(), "2".to_owned()),
        ("KSQL_KSQL_SERVICE_ID".to_owned(), "tests_".to_owned()),
    ];
    let config = Config::assemble(None, None, variables).expect("a right configuration");
    Node::assemble(log, Arc::new(MemoryBackend::new()), &config, handle).expect("a node")
}
