//! Many rows out of nothing, in SQL that every database here understands.

/// What stands behind FROM to get the numbers below `count` as column `seq`. MariaDB's sequence tables and
/// recursive queries are no choice: MySQL has not the ones, and limits the others to 1,000 rounds.
#[must_use]
pub fn numbers(count: u64) -> String {
    let digit = (0..10).map(|digit| format!("SELECT {digit} AS d")).collect::<Vec<_>>();
    let digit = digit.join(" UNION ALL ");
    let places = count.max(1).to_string().len();
    let tables: Vec<String> = (0..places).map(|place| format!("({digit}) AS p{place}")).collect();
    let terms: Vec<String> =
        (0..places).map(|place| format!("p{place}.d * 1{}", "0".repeat(place))).collect();
    let (terms, tables) = (terms.join(" + "), tables.join(", "));
    format!("(SELECT {terms} AS seq FROM {tables} HAVING seq < {count}) AS numbers")
}
