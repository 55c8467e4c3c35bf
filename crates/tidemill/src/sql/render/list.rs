//! Lists: columns parted by ` | ` under a header line, between dashed rules.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Widest line of a cell; longer ones go on below.
const LINE_WIDTH_MAX: usize = 100;

/// A list with its header; cells may have several lines.
pub fn list(headers: &[&str], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| wrapped(cell)).collect()).collect();
    let widths: Vec<usize> = headers
        .iter()
        .enumerate()
        .map(|(index, header)| {
            let cells = rows.iter().filter_map(|row| row.get(index));
            let lines = cells.flat_map(|cell| cell.lines()).map(|line| line.width());
            lines.chain([header.width()]).max().unwrap_or_default()
        })
        .collect();
    let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
    // A blank at both ends, and three characters between two columns.
    let rule = "-".repeat(widths.iter().sum::<usize>() + 3 * widths.len().saturating_sub(1) + 2);
    let mut text = String::new();
    push_row(&mut text, &headers, &widths);
    text.push_str(&rule);
    text.push('\n');
    for row in &rows {
        push_row(&mut text, row, &widths);
    }
    text.push_str(&rule);
    text.push('\n');
    text
}

/// The cell with its long lines broken, behind a blank where there is one.
fn wrapped(cell: &str) -> String {
    if cell.width() <= LINE_WIDTH_MAX {
        return cell.to_owned();
    }
    let lines: Vec<String> = cell.lines().map(broken).collect();
    lines.join("\n")
}

fn broken(line: &str) -> String {
    let (mut out, mut rest) = (String::new(), line);
    while rest.width() > LINE_WIDTH_MAX {
        let mut width = 0;
        let fits = |c: &char| {
            width += c.width().unwrap_or_default();
            width <= LINE_WIDTH_MAX
        };
        let end: usize = rest.chars().take_while(fits).map(char::len_utf8).sum();
        let end = rest[..end].rfind(' ').map_or(end, |blank| blank + 1).max(1);
        out.push_str(rest[..end].trim_end());
        out.push('\n');
        rest = &rest[end..];
    }
    out + rest
}

fn push_row(text: &mut String, row: &[String], widths: &[usize]) {
    let height = row.iter().map(|cell| cell.lines().count()).max().unwrap_or_default().max(1);
    for line in 0..height {
        let cells = row.iter().zip(widths).map(|(cell, width)| {
            let shown = cell.lines().nth(line).unwrap_or_default();
            format!("{shown}{}", " ".repeat(width.saturating_sub(shown.width())))
        });
        let cells: Vec<String> = cells.collect();
        text.push(' ');
        text.push_str(&cells.join(" | "));
        text.push_str(" \n");
    }
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn long_cells_go_on_below() {
        let cell = format!("{} {}", "a".repeat(90), "b".repeat(120));
        let shown = list(&["X"], &[vec![cell]]);
        let lines: Vec<&str> = shown.lines().map(str::trim).collect();
        assert_eq!(lines[2], "a".repeat(90));
        assert_eq!(lines[3], "b".repeat(100));
        assert_eq!(lines[4], "b".repeat(20));
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows =
            [vec!["CALLS".to_owned(), "2".to_owned()], vec!["书".to_owned(), "a\nb".to_owned()]];
        let expected =
            " Name  | N \n-----------\n CALLS | 2 \n 书    | a \n       | b \n-----------\n";
        assert_eq!(list(&["Name", "N"], &rows), expected);
        assert_eq!(list(&["Name"], &[]), " Name \n------\n------\n");
    }
}
