//! The command-line client of a server: scripts in, rows of text out.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use super::Server;

impl Server {
    /// Runs statements, in one session.
    pub fn run(&self, statements: &[&str]) {
        self.run_script(&statements.join(";\n"));
    }

    /// Runs a script, in one session.
    pub fn run_script(&self, script: &str) {
        self.client(&["--batch"], script);
    }

    /// Runs a script in a database, in one session.
    pub fn run_script_in(&self, database: &str, script: &str) {
        self.client(&["--batch", database], script);
    }

    /// Runs a dump in a database. Statements that fail are passed over: dumps begin by removing what need
    /// not be there.
    pub fn run_dump_in(&self, database: &str, dump: &str) {
        self.client(&["--batch", "--force", database], dump);
    }

    /// Rows of a query, as text.
    pub fn rows(&self, query: &str) -> Vec<Vec<String>> {
        let printed = self.client(&["--batch", "--skip-column-names", "--raw"], query);
        let row = |line: &str| line.split('\t').map(str::to_owned).collect();
        printed.lines().map(row).collect()
    }

    /// Whether the server answers.
    pub(super) fn answers(&self) -> bool {
        self.execute(&["--batch"], "SELECT 1").status.success()
    }

    fn client(&self, arguments: &[&str], script: &str) -> String {
        let output = self.execute(arguments, script);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {script}: {errors}", self.flavour().name());
        String::from_utf8(output.stdout).expect("the client prints UTF-8")
    }

    /// The script goes through standard input: as an argument its length would be limited.
    fn execute(&self, arguments: &[&str], script: &str) -> Output {
        let mut client = Command::new(&self.programs().client)
            .args(["--no-defaults", "--host=127.0.0.1", "--user=root"])
            .args(["--default-character-set=utf8mb4", &format!("--port={}", self.port())])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the client was found and can be started");
        let mut input = client.stdin.take().expect("the input was asked for");
        std::thread::scope(|scope| {
            // Apart, because the client may print before it has read everything. One that refuses the
            // script ends early; its exit code says so.
            scope.spawn(move || drop(input.write_all(script.as_bytes())));
            client.wait_with_output().expect("the client ends")
        })
    }
}
