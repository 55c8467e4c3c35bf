//! Hands connections of one Kafka listener to the broker.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use broker::{Authentication, Broker, Session, Transport};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::acceptor::{Service, stopped};

/// One Kafka listener.
#[derive(Clone, Debug)]
pub struct KafkaService {
    /// What answers.
    pub broker: Arc<Broker>,
    /// The listener's name.
    pub listener: Arc<str>,
    /// Numbers connections, over all listeners.
    pub connections: Arc<AtomicU64>,
}

impl Service for KafkaService {
    async fn serve(self, socket: TcpStream, peer: SocketAddr, mut stop: watch::Receiver<bool>) {
        let id = self.connections.fetch_add(1, Ordering::Relaxed);
        let authentication = Authentication::default();
        let session = Session::new(id, peer.ip(), self.listener, Transport::Plain, authentication);
        tokio::select! {
            () = broker::serve(self.broker, socket, session) => {}
            () = stopped(&mut stop) => {}
        }
    }
}
