//! The difference of two texts, line by line. Used by the golden runner to show what it found.

/// The lines of both, each with its mark: `- ` only in `left`, `+ ` only in `right`, else two blanks.
/// Time and memory grow with the product of the lengths: meant for texts that a person reads.
pub fn lines<'a>(left: &[&'a str], right: &[&'a str]) -> Vec<(&'static str, &'a str)> {
    let common = common_lengths(left, right);
    let (mut at, mut to) = (0, 0);
    let mut marked = Vec::with_capacity(left.len().max(right.len()));
    while at < left.len() || to < right.len() {
        if at < left.len() && to < right.len() && left[at] == right[to] {
            marked.push(("  ", left[at]));
            (at, to) = (at + 1, to + 1);
        } else if to == right.len() || (at < left.len() && common[at + 1][to] >= common[at][to + 1])
        {
            marked.push(("- ", left[at]));
            at += 1;
        } else {
            marked.push(("+ ", right[to]));
            to += 1;
        }
    }
    marked
}

/// `[i][j]`: length of the longest common subsequence of `left[i..]` and `right[j..]`.
fn common_lengths(left: &[&str], right: &[&str]) -> Vec<Vec<u32>> {
    let mut common = vec![vec![0; right.len() + 1]; left.len() + 1];
    for at in (0..left.len()).rev() {
        for to in (0..right.len()).rev() {
            common[at][to] = match left[at] == right[to] {
                true => common[at + 1][to + 1] + 1,
                false => common[at + 1][to].max(common[at][to + 1]),
            };
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_lines_stay_together() {
        let marked = lines(&["a", "b", "c", "d"], &["a", "c", "x", "d"]);
        let texts: Vec<String> =
            marked.iter().map(|(mark, line)| format!("{mark}{line}")).collect();
        assert_eq!(texts, ["  a", "- b", "  c", "+ x", "  d"]);
        assert_eq!(lines(&[], &["n"]), [("+ ", "n")]);
        assert_eq!(lines(&["o"], &[]), [("- ", "o")]);
    }
}
