//! Accepts connections of one port and serves each: HTTP/1.1 and HTTP/2 with prior knowledge, in
//! clear text.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// How long a connection may stay silent before or between requests.
const IDLE_MAX: Duration = Duration::from_secs(600);
/// How often an HTTP/2 client is asked whether it is still there.
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// Requests that one HTTP/2 connection may run at once.
const STREAMS_MAX: u32 = 1_000;
/// How long open requests may take to end when the server stops.
const CLOSE_GRACE: Duration = Duration::from_secs(5);
/// Wait after the system refused a connection, for want of files for instance.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves the connections of one listening socket.
#[derive(Debug)]
pub struct Acceptor {
    /// The socket.
    pub listener: TcpListener,
    /// What answers.
    pub router: Router,
    /// Connections that may be open at once, over all sockets.
    pub permits: Arc<Semaphore>,
    /// Becomes true when the server stops.
    pub stop: watch::Receiver<bool>,
}

impl Acceptor {
    /// Accepts until the server stops, then waits for open connections, up to [`CLOSE_GRACE`].
    pub async fn run(mut self) {
        let mut connections = JoinSet::new();
        loop {
            let permit = tokio::select! {
                permit = Arc::clone(&self.permits).acquire_owned() => permit,
                () = stopped(&mut self.stop) => break,
            };
            let Ok(permit) = permit else { break };
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = stopped(&mut self.stop) => break,
            };
            // Finished connections are taken out, or the set would grow for ever.
            while connections.try_join_next().is_some() {}
            match accepted {
                Ok((socket, _)) => {
                    let serving = serve(socket, self.router.clone(), self.stop.clone());
                    connections.spawn(async move {
                        serving.await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(self.listener);
        let closed = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(CLOSE_GRACE, closed).await.is_err() {
            tracing::warn!("closing connections whose requests did not end");
        }
    }
}

async fn serve(socket: TcpStream, router: Router, mut stop: watch::Receiver<bool>) {
    // Answers are written whole; waiting for more to send only delays them.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "cannot switch off delayed sending");
    }
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(IDLE_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_INTERVAL)
        .max_concurrent_streams(STREAMS_MAX);
    let service = TowerToHyperService::new(router);
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

/// Waits until the server stops.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        // The server is gone without a word: that is a stop, too.
        tracing::debug!("the server ended without stopping");
    }
}
