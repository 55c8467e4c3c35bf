//! Hands connections of one Kafka listener to the broker, once they are let in and protected as the
//! listener demands.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use broker::{Admission, Broker, Session, Transport};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::protection::Protection;
use super::tls::{Identity, Tls};
use crate::acceptor::{Service, stopped};

/// One Kafka listener.
#[derive(Clone, Debug)]
pub struct KafkaService {
    /// What answers.
    pub broker: Arc<Broker>,
    /// The listener's name.
    pub listener: Arc<str>,
    /// What comes before anything is answered.
    pub protection: Protection,
    /// Numbers connections, over all listeners.
    pub connections: Arc<AtomicU64>,
}

impl Service for KafkaService {
    async fn serve(self, socket: TcpStream, peer: SocketAddr, mut stop: watch::Receiver<bool>) {
        let admission = match unless_stopped(&mut stop, self.admit(peer)).await {
            Some(Some(admission)) => admission,
            _ => return,
        };
        match self.protection.tls.clone() {
            Some(tls) => self.shake_hands(&tls, socket, peer, stop).await,
            None => self.converse(socket, peer, Transport::Plain, Identity::Unknown, stop).await,
        }
        drop(admission);
    }
}

impl KafkaService {
    /// Lets a client in; whom it turns away waits for that.
    async fn admit(&self, peer: SocketAddr) -> Option<Admission> {
        match self.broker.admit(peer.ip()).await {
            Ok(admission) => Some(admission),
            Err(turned) => {
                tracing::info!(%peer, reason = turned.reason, "connection refused");
                tokio::time::sleep(turned.close_after).await;
                None
            }
        }
    }

    async fn shake_hands(
        self,
        tls: &Tls,
        socket: TcpStream,
        peer: SocketAddr,
        mut stop: watch::Receiver<bool>,
    ) {
        match unless_stopped(&mut stop, tls.accept(socket)).await {
            Some(Ok((stream, identity))) => {
                self.converse(stream, peer, Transport::Tls, identity, stop).await;
            }
            Some(Err(reason)) => tracing::info!(%peer, reason, "connection closed"),
            None => {}
        }
    }

    async fn converse<S>(
        self,
        stream: S,
        peer: SocketAddr,
        transport: Transport,
        who: Identity,
        mut stop: watch::Receiver<bool>,
    ) where
        S: AsyncRead + AsyncWrite + Send + Unpin,
    {
        let id = self.connections.fetch_add(1, Ordering::Relaxed);
        let authentication = self.protection.authentication(who);
        let session = Session::new(id, peer.ip(), self.listener, transport, authentication);
        broker::serve(self.broker, stream, session, stopped(&mut stop)).await;
    }
}

/// What `work` gives; `None` when the server stops first.
async fn unless_stopped<T>(
    stop: &mut watch::Receiver<bool>,
    work: impl Future<Output = T>,
) -> Option<T> {
    tokio::select! {
        done = work => Some(done),
        () = stopped(stop) => None,
    }
}
