//! How a test says that it did not run.

use std::io::Write as _;

/// Says on standard error that the present test is skipped and why. Past the test harness, which keeps to
/// itself what a passing test prints.
pub fn skip(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // In one piece and on a line of its own: the harness writes there at the same time.
    let line = format!("\n==== SKIPPED {test}: {reason} ====\n");
    let _no_terminal = std::io::stderr().write_all(line.as_bytes());
}
