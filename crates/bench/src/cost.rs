//! What work costs: time on the wall and time on the processors, and medians over rounds.
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock and /proc")]

use std::ops::Sub;
use std::time::{Duration, Instant};

use crate::outcome::Result;

/// The kernel counts processor time in hundredths of a second for user space.
const TICKS_PER_SECOND: f64 = 100.0;

/// Time that some work took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Seconds on the wall.
    pub wall: f64,
    /// Seconds of processor time of the whole process, all its threads together.
    pub cpu: f64,
}

/// Runs `work` and tells what it cost.
pub fn measured<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, Cost)> {
    let (started, cpu) = (Instant::now(), cpu_seconds("self")?);
    let done = work()?;
    let wall = started.elapsed().as_secs_f64();
    Ok((done, Cost { wall, cpu: cpu_seconds("self")?.sub(cpu) }))
}

/// Runs all `cases` in turns, `rounds` times, and gives the median cost of each.
pub fn in_turns(
    rounds: usize,
    cases: &mut [(&str, &mut dyn FnMut() -> Result<Cost>)],
) -> Result<Vec<Cost>> {
    let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); cases.len()];
    for round in 0..rounds {
        for ((name, case), costs) in cases.iter_mut().zip(&mut costs) {
            let cost = case()?;
            eprintln!("  round {round}, {name}: {:.3} s, {:.2} s of CPU", cost.wall, cost.cpu);
            costs.push(cost);
        }
    }
    Ok(costs.iter().map(|costs| median_cost(costs)).collect())
}

fn median_cost(costs: &[Cost]) -> Cost {
    Cost {
        wall: median(costs.iter().map(|cost| cost.wall).collect()),
        cpu: median(costs.iter().map(|cost| cost.cpu).collect()),
    }
}

/// The middle of `values`; 0 when there are none.
pub fn median(values: Vec<f64>) -> f64 {
    percentile(values, 0.5)
}

/// The value below which the share `at` of `values` lies; 0 when there are none.
pub fn percentile(mut values: Vec<f64>, at: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * at).round() as usize).copied().unwrap_or(0.0)
}

/// Processor time that process `id` has used, user and system.
pub fn cpu_seconds(id: &str) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The second field, the name in brackets, may hold anything; fields 14 and 15 count ticks.
    let after = stat.rsplit_once(')').ok_or("/proc/<id>/stat has another form")?.1;
    let ticks: Vec<f64> =
        after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    Ok(ticks.iter().sum::<f64>() / TICKS_PER_SECOND)
}

/// Resident memory of process `id`, in bytes.
pub fn resident_bytes(id: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmRSS")?;
    Ok(kib.parse::<f64>()? * 1024.0)
}

/// Waits until `condition` holds, looking every `pause`.
pub fn wait_until(
    what: &str,
    pause: Duration,
    patience: Duration,
    mut condition: impl FnMut() -> Result<bool>,
) -> Result<()> {
    let started = Instant::now();
    while !condition()? {
        if started.elapsed() > patience {
            return Err(format!("waited in vain until {what}").into());
        }
        std::thread::sleep(pause);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let values: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(percentile(values.clone(), 0.99), 99.0);
        assert_eq!(median(values), 50.0);
        assert_eq!(median(Vec::new()), 0.0);
    }

    #[test]
    fn work_uses_processor_time() {
        let spin = || Ok((0..50_000_000u64).fold(0, |sum, i| std::hint::black_box(sum ^ i)));
        let (_, cost) = measured(spin).expect("measurable");
        assert!(cost.wall > 0.0 && cost.cpu >= 0.0);
        assert!(resident_bytes("self").expect("readable") > 1e5);
    }
}
