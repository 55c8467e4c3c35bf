//! Serves one HTTP connection: HTTP/1.1 and HTTP/2 with prior knowledge, in clear text.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::acceptor::{Service, stopped};

/// How long a connection may stay silent before or between requests.
const IDLE_MAX: Duration = Duration::from_secs(600);
/// How often an HTTP/2 client is asked whether it is still there.
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// Requests that one HTTP/2 connection may run at once.
const STREAMS_MAX: u32 = 1_000;

/// One API over HTTP.
#[derive(Clone, Debug)]
pub struct HttpService {
    /// What answers.
    pub router: Router,
}

impl Service for HttpService {
    async fn serve(self, socket: TcpStream, _peer: SocketAddr, mut stop: watch::Receiver<bool>) {
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(IDLE_MAX);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_INTERVAL)
            .max_concurrent_streams(STREAMS_MAX);
        let service = TowerToHyperService::new(self.router);
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(socket), service);
        let mut connection = std::pin::pin!(connection);
        let result = tokio::select! {
            result = connection.as_mut() => result,
            () = stopped(&mut stop) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = result {
            tracing::debug!(%error, "connection ended");
        }
    }
}
