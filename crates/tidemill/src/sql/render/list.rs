//! Lists: columns parted by ` | ` under a header line, between dashed rules.

use unicode_width::UnicodeWidthStr as _;

/// A list with its header; cells may have several lines.
pub fn list(headers: &[&str], rows: &[Vec<String>]) -> String {
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
    for row in rows {
        push_row(&mut text, row, &widths);
    }
    text.push_str(&rule);
    text.push('\n');
    text
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
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows =
            [vec!["CALLS".to_owned(), "2".to_owned()], vec!["书".to_owned(), "a\nb".to_owned()]];
        let expected =
            " Name  | N \n-----------\n CALLS | 2 \n 书    | a \n       | b \n-----------\n";
        assert_eq!(list(&["Name", "N"], &rows), expected);
        assert_eq!(list(&["Name"], &[]), " Name \n------\n------\n");
    }
}
