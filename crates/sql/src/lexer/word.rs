//! The words of the language.

/// Words that can't be a name unless quoted, in alphabetical order.
pub const RESERVED_WORDS: [&str; 88] = [
    "ADVANCE",
    "ALL",
    "AND",
    "AS",
    "AT",
    "BEGINNING",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "CATALOG",
    "CONNECTOR",
    "CONNECTORS",
    "CREATE",
    "DAYS",
    "DECIMAL",
    "DELETE",
    "DESCRIBE",
    "DISTINCT",
    "DROP",
    "ELSE",
    "END",
    "EXISTS",
    "EXPORT",
    "EXTENDED",
    "FALSE",
    "FROM",
    "FULL",
    "GROUP",
    "HAVING",
    "HOPPING",
    "HOURS",
    "IN",
    "INNER",
    "INSERT",
    "INTO",
    "IS",
    "JOIN",
    "LEFT",
    "LIKE",
    "LIMIT",
    "LIST",
    "LOAD",
    "MATERIALIZED",
    "MILLISECOND",
    "MILLISECONDS",
    "MINUTES",
    "MONTHS",
    "NAMESPACE",
    "NOT",
    "NULL",
    "ON",
    "OR",
    "OUTER",
    "PAUSE",
    "PRINT",
    "PROPERTIES",
    "QUERIES",
    "QUERY",
    "RENAME",
    "RESUME",
    "RETENTION",
    "RIGHT",
    "RUN",
    "SAMPLE",
    "SCRIPT",
    "SECONDS",
    "SELECT",
    "SIZE",
    "STREAM",
    "STREAMS",
    "TABLE",
    "TERMINATE",
    "THEN",
    "TO",
    "TOPIC",
    "TOPICS",
    "TRUE",
    "TUMBLING",
    "UNSET",
    "VALUES",
    "VIEW",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
    "WITHIN",
    "YEARS",
];

/// Words with a meaning in some place that are names everywhere else, in alphabetical order.
pub const BARE_WORDS: [&str; 57] = [
    "ADD",
    "ALTER",
    "ANALYZE",
    "ARRAY",
    "ASSERT",
    "CHANGES",
    "COLUMN",
    "COLUMNS",
    "DATE",
    "DAY",
    "DEFINE",
    "EMIT",
    "ESCAPE",
    "EXPLAIN",
    "FINAL",
    "FUNCTION",
    "FUNCTIONS",
    "GRACE",
    "HEADER",
    "HEADERS",
    "HOUR",
    "ID",
    "IF",
    "INTEGER",
    "INTERVAL",
    "KEY",
    "MAP",
    "MINUTE",
    "MONTH",
    "PARTITION",
    "PARTITIONS",
    "PERIOD",
    "PLUGINS",
    "PRIMARY",
    "REPLACE",
    "RESET",
    "SCHEMA",
    "SECOND",
    "SESSION",
    "SET",
    "SHOW",
    "SINK",
    "SOURCE",
    "STRING",
    "STRUCT",
    "SUBJECT",
    "SYSTEM",
    "TABLES",
    "TIME",
    "TIMEOUT",
    "TIMESTAMP",
    "TYPE",
    "TYPES",
    "UNDEFINE",
    "VARIABLES",
    "YEAR",
    "ZONE",
];

/// Whether `word` can't be a name unless quoted, in any case.
pub(crate) fn is_reserved(word: &str) -> bool {
    let word = word.to_ascii_uppercase();
    RESERVED_WORDS.binary_search(&word.as_str()).is_ok()
}

/// Whether `text` can stand as a name without quotes.
pub(crate) fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    let starts_well = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let goes_on_well =
        bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@'));
    starts_well && goes_on_well && !is_reserved(text)
}

/// The candidate that `word` most likely misspells: at most two wrong letters, and fewer than half.
pub(crate) fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    /// Longer words are not compared.
    const WORD_BYTES_MAX: usize = 32;
    if word.len() > WORD_BYTES_MAX {
        return None;
    }
    let word = word.to_ascii_uppercase();
    candidates
        .iter()
        .map(|candidate| (edit_distance(word.as_bytes(), candidate.as_bytes()), *candidate))
        .filter(|(distance, candidate)| *distance <= 2 && 2 * distance < candidate.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Number of letters to insert, delete or replace to turn `left` into `right` (Levenshtein).
fn edit_distance(left: &[u8], right: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}
