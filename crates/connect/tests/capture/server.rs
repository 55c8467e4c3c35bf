//! What these tests ask of a database beside scripts: connections, in a runtime of their own.

use mysql_async::{Conn, OptsBuilder};
use testkit::database::Server;

/// A connection as root.
pub async fn connect(server: &Server) -> mysql_async::Result<Conn> {
    let opts = OptsBuilder::default()
        .ip_or_hostname("127.0.0.1")
        .tcp_port(server.port())
        .user(Some("root"))
        .prefer_socket(false);
    Conn::new(opts).await
}

/// Runs a future to its end.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
