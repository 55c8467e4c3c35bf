//! A load of requests on keep-alive connections, one thread each, for a few seconds.
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::time::{Duration, Instant};

use super::server::{Server, has_row};
use crate::outcome::Result;

/// Connections that ask at the same time.
pub const CONNECTIONS: usize = 8;
const TIME: Duration = Duration::from_secs(4);
const CUSTOMERS: u64 = 100_000;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A pull query by a key that differs each time.
    Pull,
    /// The server's smallest answer.
    Info,
}

/// What a load came to.
pub struct Load {
    /// Seconds that each answer took.
    pub seconds: Vec<f64>,
}

impl Load {
    /// Answers per second.
    pub fn per_second(&self) -> f64 {
        self.seconds.len() as f64 / TIME.as_secs_f64()
    }
}

/// Loads `server`.
pub fn run(server: &Server, kind: Kind) -> Result<Load> {
    let answered: Vec<Result<Vec<f64>>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS)
            .map(|number| scope.spawn(move || ask(server, kind, number as u64)))
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|joined| joined.unwrap_or_else(|_| Err("an asking thread panicked".into())))
            .collect()
    });
    let seconds: Result<Vec<Vec<f64>>> = answered.into_iter().collect();
    Ok(Load { seconds: seconds?.concat() })
}

fn ask(server: &Server, kind: Kind, number: u64) -> Result<Vec<f64>> {
    let mut connection = server.connect()?;
    let mut state = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut seconds = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < TIME {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let customer = (state >> 33) % CUSTOMERS;
        let started = Instant::now();
        match kind {
            Kind::Info => drop(connection.get("/info")?),
            Kind::Pull => {
                let statement = format!("SELECT * FROM totals WHERE customer = {customer};");
                let body = connection.pull(&statement)?;
                if !has_row(body) {
                    let body = String::from_utf8_lossy(body).into_owned();
                    return Err(format!("no row for {customer}: {body}").into());
                }
            }
        }
        seconds.push(started.elapsed().as_secs_f64());
    }
    Ok(seconds)
}
