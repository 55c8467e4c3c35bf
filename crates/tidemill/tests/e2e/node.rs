//! The built binary as a process: started on free ports, asked over HTTP, killed.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

/// A Tidemill server on a data directory of its own.
pub struct Node {
    directory: TempDir,
    port: u16,
    child: Option<Child>,
}

impl Node {
    /// Starts on an empty directory.
    pub fn start() -> Self {
        let directory = tempfile::Builder::new().prefix("tidemill-e2e-").tempdir().unwrap();
        let ports = free_ports();
        let properties = format!(
            "listeners=http://127.0.0.1:{}\nschema.registry.listeners=http://127.0.0.1:{}\n\
             connect.rest.listeners=http://127.0.0.1:{}\n\
             kafka.listeners=PLAINTEXT://127.0.0.1:{}\n",
            ports[0], ports[1], ports[2], ports[3]
        );
        write(&directory.path().join("server.properties"), &properties);
        let mut node = Self { directory, port: ports[0], child: None };
        node.start_again();
        node
    }

    /// Starts the process on the same directory and waits until it answers.
    pub fn start_again(&mut self) {
        assert!(self.child.is_none(), "the process runs already");
        let log = append(&self.path("server.log"));
        let child = Command::new(env!("CARGO_BIN_EXE_tidemill"))
            .arg("server")
            .arg("--data")
            .arg(self.path("data"))
            .arg("--config")
            .arg(self.path("server.properties"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
        self.wait_until("the server answers", || self.get("/info").is_some());
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("the process runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asks the process to end and waits for it; whether it ended in good order.
    pub fn terminate(&mut self) -> bool {
        let mut child = self.child.take().expect("the process runs");
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        child.wait().unwrap().success()
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn get(&self, path: &str) -> Option<Value> {
        let mut response = ureq::get(self.url(path)).call().ok()?;
        response.body_mut().read_json().ok()
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        let mut response =
            agent.post(self.url(path)).send_json(body).map_err(|error| error.to_string())?;
        let status = response.status();
        let body: Value = response.body_mut().read_json().map_err(|error| error.to_string())?;
        if status.is_success() { Ok(body) } else { Err(body.to_string()) }
    }

    /// Runs statements with `auto.offset.reset` at earliest.
    pub fn execute(&self, statements: &str) -> Result<Value, String> {
        let properties = json!({ "ksql.streams.auto.offset.reset": "earliest" });
        self.post("/ksql", &json!({ "ksql": statements, "streamsProperties": properties }))
    }

    /// The rows of a pull query.
    pub fn query(&self, statement: &str) -> Result<Vec<Value>, String> {
        let answer = self.post("/query", &json!({ "ksql": statement }))?;
        let lines = answer.as_array().ok_or("no array")?;
        if let Some(error) = lines.iter().find_map(|line| line.get("errorMessage")) {
            return Err(error.to_string());
        }
        Ok(lines.iter().filter_map(|line| line.pointer("/row/columns").cloned()).collect())
    }

    /// Waits until a pull query answers with `rows`, in any order.
    pub fn wait_for_rows(&self, statement: &str, rows: &[Value]) {
        let wanted = sorted(rows.to_vec());
        let mut last = Ok(Vec::new());
        let arrived = wait(|| {
            last = self.query(statement).map(sorted);
            last.as_ref() == Ok(&wanted)
        });
        assert!(arrived, "{statement}\n expected {wanted:?}\n found {last:?}\n{}", self.log());
    }

    /// Waits until `condition` holds.
    pub fn wait_until(&self, what: &str, condition: impl FnMut() -> bool) {
        assert!(wait(condition), "{what} did not come true\n{}", self.log());
    }

    /// The end of what the process printed.
    fn log(&self) -> String {
        let text = read(&self.path("server.log"));
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _already_gone = child.kill();
            let _reaped = child.wait();
        }
    }
}

fn wait(mut condition: impl FnMut() -> bool) -> bool {
    let mut waited = Duration::ZERO;
    while waited < PATIENCE {
        if condition() {
            return true;
        }
        std::thread::sleep(PAUSE);
        waited += PAUSE;
    }
    false
}

fn sorted(mut rows: Vec<Value>) -> Vec<Value> {
    rows.sort_by_key(Value::to_string);
    rows
}

/// Three ports that were free a moment ago.
fn free_ports() -> Vec<u16> {
    let listeners: Vec<TcpListener> =
        (0..4).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    listeners.iter().map(|listener| listener.local_addr().unwrap().port()).collect()
}

#[allow(clippy::disallowed_methods, reason = "a test prepares a real directory")]
fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

#[allow(clippy::disallowed_methods, reason = "a test looks at a real directory")]
fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

#[allow(clippy::disallowed_methods, reason = "a test prepares a real directory")]
fn append(path: &Path) -> std::fs::File {
    std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap()
}
