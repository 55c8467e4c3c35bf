//! The table that a run prints: one line per measure.

use std::fmt;

/// Lines in the order they were measured.
#[derive(Debug, Default)]
pub struct Report {
    lines: Vec<Line>,
}

/// One measure.
#[derive(Debug, Default)]
pub struct Line {
    measure: String,
    ours: String,
    yardstick: String,
    ratio: String,
    bar: String,
    met: &'static str,
}

impl Report {
    /// Adds a line.
    pub fn add(&mut self, line: Line) {
        eprintln!("  {}: {} ({}) {}", line.measure, line.ours, line.ratio, line.met);
        self.lines.push(line);
    }
}

impl Line {
    /// A measure with its own value as text.
    pub fn new(measure: impl Into<String>, ours: impl Into<String>) -> Self {
        Self { measure: measure.into(), ours: ours.into(), ..Self::default() }
    }

    /// What it is held against, as text, and the ratio of the two.
    pub fn against(mut self, yardstick: impl Into<String>, ratio: f64) -> Self {
        self.yardstick = yardstick.into();
        self.ratio = format!("{ratio:.2}");
        self
    }

    /// Met when `value` is at least `bar`.
    pub fn at_least(mut self, value: f64, bar: f64, shown: &str) -> Self {
        self.bar = format!(">= {shown}");
        self.met = if value >= bar { "yes" } else { "NO" };
        self
    }

    /// Met when `value` is below `bar`.
    pub fn below(mut self, value: f64, bar: f64, shown: &str) -> Self {
        self.bar = format!("< {shown}");
        self.met = if value < bar { "yes" } else { "NO" };
        self
    }

    /// A remark in place of a bar.
    pub fn remark(mut self, remark: &str) -> Self {
        self.bar = remark.to_owned();
        self
    }

    fn cells(&self) -> [&str; 6] {
        [&self.measure, &self.ours, &self.yardstick, &self.ratio, &self.bar, self.met]
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["measure", "ours", "yardstick", "ratio", "bar", "met?"];
        let rows: Vec<[&str; 6]> =
            std::iter::once(head).chain(self.lines.iter().map(Line::cells)).collect();
        let mut widths = [0; 6];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for (number, row) in rows.iter().enumerate() {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
            writeln!(f, "{}", cells.collect::<Vec<_>>().join(" | ").trim_end())?;
            if number == 0 {
                writeln!(f, "{}", widths.map(|width| "-".repeat(width)).join("-+-"))?;
            }
        }
        Ok(())
    }
}

/// A rate with thousands as `k` and millions as `M`.
pub fn rate(per_second: f64, what: &str) -> String {
    match per_second {
        value if value >= 1e6 => format!("{:.2} M {what}/s", value / 1e6),
        value if value >= 1e4 => format!("{:.0} k {what}/s", value / 1e3),
        value => format!("{value:.0} {what}/s"),
    }
}

/// Seconds, in milliseconds.
pub fn milliseconds(seconds: f64) -> String {
    format!("{:.2} ms", seconds * 1e3)
}

/// Bytes, in MB.
pub fn megabytes(bytes: f64) -> String {
    format!("{:.0} MB", bytes / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let mut report = Report::default();
        report.add(Line::new("a", rate(2e6, "rows")).against("4", 0.5).at_least(0.5, 0.4, "0.40"));
        report.add(Line::new("long name", milliseconds(0.01)).below(9.0, 5.0, "5 ms"));
        let printed = report.to_string();
        let lines: Vec<&str> = printed.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(
            lines[2].contains("2.00 M rows/s | 4         | 0.50  | >= 0.40 | yes"),
            "{printed}"
        );
        assert!(lines[3].ends_with("NO"), "{printed}");
    }
}
