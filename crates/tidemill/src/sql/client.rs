//! The server's REST API as the command line uses it. Calls block, and end early on Ctrl-C.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, CONTENT_TYPE};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::session::Session;

const MEDIA: &str = "application/vnd.ksql.v1+json";
/// Longest wait for a connection.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// Why there is no answer.
#[derive(Debug)]
pub enum Error {
    /// The server refused; what it said, as JSON.
    Refused(Value),
    /// The server can't be reached or answered nonsense.
    Unreachable(String),
    /// Ctrl-C.
    Interrupted,
}

/// Result of the client's calls.
pub type Result<T> = std::result::Result<T, Error>;

/// A server.
#[derive(Debug)]
pub struct Client {
    url: String,
    http: HttpClient<HttpConnector, Full<Bytes>>,
    runtime: Runtime,
}

/// The body of an answer that comes in pieces.
#[derive(Debug)]
pub struct Pieces {
    body: Incoming,
}

impl Client {
    /// A client of the server at `url`; connects when something is asked.
    ///
    /// # Errors
    /// When `url` is none, or asks for TLS.
    pub fn new(url: &str) -> std::result::Result<Self, String> {
        let url = checked(url)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("cannot start the client: {error}"))?;
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT_MAX));
        connector.set_nodelay(true);
        let http = HttpClient::builder(TokioExecutor::new()).build(connector);
        Ok(Self { url, http, runtime })
    }

    /// The server's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Turns to another server.
    ///
    /// # Errors
    /// When `url` is none, or asks for TLS.
    pub fn set_url(&mut self, url: &str) -> std::result::Result<(), String> {
        self.url = checked(url)?;
        Ok(())
    }

    /// What the server says of itself.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn info(&self) -> Result<Value> {
        let answer = self.call(Method::GET, "/info", None)?;
        Ok(answer.get("KsqlServerInfo").cloned().unwrap_or_default())
    }

    /// Runs statements and gives their entities.
    ///
    /// # Errors
    /// When one is refused.
    pub fn statements(&self, text: &str, session: &Session) -> Result<Vec<Value>> {
        match self.call(Method::POST, "/ksql", Some(session.request(text)))? {
            Value::Array(entities) => Ok(entities),
            other => Err(Error::Unreachable(format!("unexpected answer: {other}"))),
        }
    }

    /// Starts a SELECT or PRINT.
    ///
    /// # Errors
    /// When it is refused.
    pub fn query(&self, text: &str, session: &Session) -> Result<Pieces> {
        let response = self.wait(self.send(Method::POST, "/query", Some(session.request(text))))?;
        Ok(Pieces { body: response.into_body() })
    }

    /// The next piece of an answer; `None` at its end or after `time_max`.
    ///
    /// # Errors
    /// On Ctrl-C, or when the connection breaks.
    pub fn next_piece(
        &self,
        pieces: &mut Pieces,
        time_max: Option<Duration>,
    ) -> Result<Option<Bytes>> {
        self.wait(async {
            let next = async {
                loop {
                    match pieces.body.frame().await {
                        None => return Ok(None),
                        Some(Err(error)) => return Err(broken(&error)),
                        Some(Ok(frame)) => {
                            if let Ok(data) = frame.into_data() {
                                return Ok(Some(data));
                            }
                        }
                    }
                }
            };
            match time_max {
                Some(time_max) => tokio::time::timeout(time_max, next).await.unwrap_or(Ok(None)),
                None => next.await,
            }
        })
    }

    fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        self.wait(async {
            let response = self.send(method, path, body).await?;
            let bytes = response.into_body().collect().await.map_err(|error| broken(&error))?;
            serde_json::from_slice(&bytes.to_bytes())
                .map_err(|error| Error::Unreachable(format!("the answer is no JSON: {error}")))
        })
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Response<Incoming>> {
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header(CONTENT_TYPE, MEDIA)
            .header(ACCEPT, MEDIA)
            .body(Full::new(body))
            .map_err(|error| Error::Unreachable(error.to_string()))?;
        let response =
            self.http.request(request).await.map_err(|error| self.unreachable(&error))?;
        if response.status() == StatusCode::OK {
            return Ok(response);
        }
        let status = response.status();
        let bytes = response.into_body().collect().await.map_err(|error| broken(&error))?;
        match serde_json::from_slice(&bytes.to_bytes()) {
            Ok(refusal) => Err(Error::Refused(refusal)),
            Err(_) => Err(Error::Unreachable(format!("the server answered {status}"))),
        }
    }

    fn unreachable(&self, error: &dyn std::error::Error) -> Error {
        let mut root: &dyn std::error::Error = error;
        while let Some(source) = root.source() {
            root = source;
        }
        Error::Unreachable(format!(
            "cannot reach a server at {}: {root}. Is it running? Start one with 'tidemill server'",
            self.url
        ))
    }

    fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.runtime.block_on(async {
            tokio::select! {
                result = work => result,
                _ = tokio::signal::ctrl_c() => Err(Error::Interrupted),
            }
        })
    }
}

fn broken(error: &dyn std::error::Error) -> Error {
    Error::Unreachable(format!("lost the connection to the server: {error}"))
}

fn checked(url: &str) -> std::result::Result<String, String> {
    if url.starts_with("https://") {
        return Err("TLS is not supported yet; use http://".to_owned());
    }
    let whole = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let parsed: std::result::Result<Uri, _> = whole.parse();
    match parsed {
        Ok(uri) if uri.scheme_str() == Some("http") && uri.host().is_some() => {
            Ok(whole.trim_end_matches('/').to_owned())
        }
        _ => Err(format!("'{url}' is no address of a server; expected is http://HOST:PORT")),
    }
}
