//! Scripts against a real server on a free port, and what they show. The output is taken from the
//! spool file, as a user would.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use server::{Config, Server};
use tokio::sync::oneshot;

use super::client::Client;
use super::options::Style;
use super::output::Output;
use super::runner::Runner;
use super::session::Session;

/// A server on a thread of its own, over a directory that goes with it.
struct Peer {
    directory: tempfile::TempDir,
    url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Peer {
    fn start() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let data = directory.path().join("data");
        let file = "listeners=http://127.0.0.1:0\nschema.registry.listeners=\n\
                    connect.rest.listeners=\nkafka.listeners=\ntidemill.workers=1\n";
        let config = Config::assemble(Some(data), Some(file), []).expect("right");
        let (stop, stopped) = oneshot::channel();
        let (told, url): (Sender<String>, Receiver<String>) = channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("threads");
            runtime.block_on(async {
                let server = Server::start(config).await.expect("it starts");
                told.send(format!("http://{}", server.addresses()[0].1)).expect("a reader");
                server.run(async { drop(stopped.await) }).await.expect("a clean stop");
            });
        });
        let url = url.recv().expect("an address");
        Self { directory, url, stop: Some(stop), thread: Some(thread) }
    }

    /// Runs a script: whether all went well, and what was shown.
    fn run(&self, style: Style, script: &str) -> (bool, String) {
        let spool = self.directory.path().join("spool");
        let mut output = Output::to_terminal();
        output.set_width(60);
        output.spool(spool.to_str()).expect("a file");
        let client = Client::new(&self.url).expect("an address");
        let mut runner = Runner::new(client, Session::new(style), output);
        let is_good = runner.run_script("test.sql", script);
        drop(runner);
        let shown = super::step::read_script(&spool).expect("the spool file");
        (is_good, shown)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            assert!(thread.join().is_ok(), "the server stops without a panic");
        }
    }
}

const SETUP: &str = "SET 'auto.offset.reset' = 'earliest';
DEFINE calls_topic = 'calls';
CREATE STREAM calls (name STRING, reason STRING)
  WITH (kafka_topic='${calls_topic}', partitions=1, value_format='json');
CREATE TABLE support_view AS
  SELECT name, COUNT(*) AS total FROM calls GROUP BY name EMIT CHANGES;
INSERT INTO calls VALUES ('derek', 'help');
INSERT INTO calls VALUES ('derek', 'refund');
";

#[test]
fn a_script_shows_tables_as_the_tutorial_does() {
    let peer = Peer::start();
    let (is_good, shown) = peer.run(Style::Tabular, SETUP);
    assert!(is_good, "{shown}");
    assert!(shown.contains(" Stream created \n"), "{shown}");
    let (is_good, shown) =
        peer.run(Style::Tabular, "SET 'auto.offset.reset' = 'earliest';\nSELECT name, reason FROM calls EMIT CHANGES LIMIT 2;");
    assert!(is_good, "{shown}");
    let expected = "\
+----------------------------+----------------------------+
|NAME                        |REASON                      |
+----------------------------+----------------------------+
|derek                       |help                        |
|derek                       |refund                      |
Limit Reached
Query terminated
";
    assert!(shown.ends_with(expected), "{shown}");
    let (is_good, shown) = peer.run(Style::Json, "SHOW TABLES;");
    assert!(is_good && shown.contains("\"name\": \"SUPPORT_VIEW\""), "{shown}");
}

#[test]
fn a_script_ends_at_its_first_error() {
    let peer = Peer::start();
    let (is_good, shown) = peer.run(Style::Tabular, "DROP STREAM nope;\nSHOW TABLES;");
    assert!(!is_good && shown.contains("error: ") && !shown.contains("Table Name"), "{shown}");
    let (is_good, shown) = peer.run(Style::Tabular, "SHOW TABLES;\nSHOW TABELS;");
    assert!(!is_good && !shown.contains("Table Name"), "nothing runs of a wrong script: {shown}");
    assert!(shown.contains(" --> line 2, column "), "{shown}");
    let (is_good, shown) = peer.run(Style::Tabular, "SET 'no.such.property' = '1';");
    assert!(!is_good, "{shown}");
    let wrong = "SHOW TABLES;\nSET 'auto.offset.reset' = 'sideways';";
    let (is_good, shown) = peer.run(Style::Tabular, wrong);
    assert!(!is_good && shown.contains("earliest, latest\n  --> test.sql:2\n2 | SET "), "{shown}");
    let (is_good, shown) = peer.run(Style::Tabular, "exit; SHOW TABLES;");
    assert!(is_good && shown.is_empty(), "{shown}");
}

#[test]
fn no_server_is_an_error_with_a_remedy() {
    let client = Client::new("http://127.0.0.1:1").expect("an address");
    let mut runner = Runner::new(client, Session::new(Style::Tabular), Output::to_terminal());
    assert!(!runner.run_script("-e", "SHOW STREAMS;"));
    assert!(Client::new("https://h:1").is_err());
    assert!(Client::new("").is_err());
}
