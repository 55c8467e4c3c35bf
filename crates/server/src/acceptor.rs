//! Accepts the connections of one listening socket and hands each to what serves it.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// How long open requests may take to end when the server stops.
const CLOSE_GRACE: Duration = Duration::from_secs(5);
/// Wait after the system refused a connection, for want of files for instance.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What becomes of a connection.
pub trait Service: Clone + Send + 'static {
    /// Serves `socket` until the client leaves or `stop` becomes true and open requests have ended.
    fn serve(
        self,
        socket: TcpStream,
        peer: SocketAddr,
        stop: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + Send;
}

/// Serves the connections of one listening socket.
#[derive(Debug)]
pub struct Acceptor<S> {
    /// The socket.
    pub listener: TcpListener,
    /// What answers.
    pub service: S,
    /// Connections that may be open at once, over all sockets.
    pub permits: Arc<Semaphore>,
    /// Becomes true when the server stops.
    pub stop: watch::Receiver<bool>,
}

impl<S: Service> Acceptor<S> {
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
                Ok((socket, peer)) => {
                    send_at_once(&socket);
                    let serving = self.service.clone().serve(socket, peer, self.stop.clone());
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

/// Answers are written whole; waiting for more to send only delays them.
fn send_at_once(socket: &TcpStream) {
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "cannot switch off delayed sending");
    }
}

/// Waits until the server stops.
pub async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        // The server is gone without a word: that is a stop, too.
        tracing::debug!("the server ended without stopping");
    }
}
