//! How a test says that it did not run.

use std::io::Write as _;

/// Says on standard error that the present test is skipped and why. Past the test harness, which keeps to
/// itself what a passing test prints.
pub fn skip(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let _no_terminal = writeln!(std::io::stderr(), "==== SKIPPED {test}: {reason} ====");
}
