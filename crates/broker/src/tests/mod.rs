//! The broker as its clients see it: requests and answers over a stream in memory, a log on a fake
//! disk, and time that moves only when everybody waits.

pub(crate) mod batches;
mod connection;
mod fuzz;
pub(crate) mod harness;
mod simulator;
