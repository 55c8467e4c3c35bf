//! Which tables a statement changes the rows of. Rows come as events of their own; a statement that
//! stands in the binary log in their place (`binlog_format=STATEMENT`) tells which tables it was, and
//! not what became of them. What can't be read is said to be so, never guessed.

use super::lexer::{Token, Tokens};
use super::parser::table_name;
use super::statement::TableName;

/// What a statement writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Writes {
    /// No rows.
    Nothing,
    /// Rows of these tables, or of some of them.
    Tables(Vec<TableName>),
    /// Rows of tables that its text does not tell.
    Unreadable,
}

/// The statement's first word in capitals, whatever comments stand before it.
pub fn first_word(text: &str) -> String {
    let trimmed = text.trim_start();
    let is_plain = trimmed.starts_with(|c: char| c.is_ascii_alphabetic());
    let word = match is_plain {
        true => trimmed.split(|c: char| !c.is_ascii_alphabetic()).next().map(str::to_owned),
        false => match Tokens::new(trimmed).take() {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        },
    };
    word.unwrap_or_default().to_ascii_uppercase()
}

/// The tables whose rows `text` changes.
pub fn writes(text: &str) -> Writes {
    let mut tokens = Tokens::new(text);
    if tokens.take_words(&["set", "statement"]) && !skip_past(&mut tokens, &["for"]) {
        return Writes::Unreadable;
    }
    let Some(Token::Word(word)) = tokens.take() else { return Writes::Nothing };
    let tables = match word.to_ascii_lowercase().as_str() {
        "insert" | "replace" => inserted(&mut tokens),
        "update" => updated(&mut tokens),
        "delete" => deleted(&mut tokens),
        "load" => loaded(&mut tokens),
        "create" if !fills(&tokens) => return Writes::Nothing,
        "create" => created(&mut tokens),
        // A common table expression before the statement, and calls of functions that write.
        "with" | "select" | "do" => None,
        _ => return Writes::Nothing,
    };
    tables.map_or(Writes::Unreadable, Writes::Tables)
}

fn inserted(tokens: &mut Tokens) -> Option<Vec<TableName>> {
    skip_words(tokens, &["low_priority", "delayed", "high_priority", "ignore", "into"]);
    Some(vec![table_name(tokens)?])
}

fn updated(tokens: &mut Tokens) -> Option<Vec<TableName>> {
    skip_words(tokens, &["low_priority", "ignore"]);
    references(tokens, &["set"])
}

/// `DELETE FROM t`, `DELETE t FROM ...` and `DELETE FROM t USING ...`: of the latter two, the names
/// before may be aliases.
fn deleted(tokens: &mut Tokens) -> Option<Vec<TableName>> {
    if !skip_past(tokens, &["from"]) {
        return None;
    }
    let mut behind = tokens.clone();
    let has_using = references(&mut behind, &["using", "where", "order", "limit", "returning"])
        .is_some()
        && behind.take_words(&["using"]);
    let ends = ["where", "order", "limit", "returning"];
    references(if has_using { &mut behind } else { tokens }, &ends)
}

fn loaded(tokens: &mut Tokens) -> Option<Vec<TableName>> {
    skip_past(tokens, &["into", "table"]).then(|| table_name(tokens))?.map(|table| vec![table])
}

/// Whether a CREATE TABLE fills the table from a query.
fn fills(tokens: &Tokens) -> bool {
    let mut tokens = tokens.clone();
    tokens.take_words(&["or", "replace"]);
    tokens.take_words(&["table"]) && skip_past(&mut tokens, &["select"])
}

fn created(tokens: &mut Tokens) -> Option<Vec<TableName>> {
    tokens.take_words(&["or", "replace"]);
    tokens.take_words(&["table"]);
    tokens.take_words(&["if", "not", "exists"]);
    Some(vec![table_name(tokens)?])
}

/// The tables of a list with joins, up to one of the words `ends`. `None` when there is a subquery or
/// a join in parentheses among them.
fn references(tokens: &mut Tokens, ends: &[&str]) -> Option<Vec<TableName>> {
    let mut tables = vec![table_name(tokens)?];
    while tokens.peek().is_some() && !ends.iter().any(|end| tokens.at_word(end)) {
        let joins = ["join", "straight_join"].iter().any(|word| tokens.at_word(word));
        if joins || tokens.at_symbol(',') {
            tokens.take();
            tables.push(table_name(tokens)?);
        } else if tokens.at_symbol('(') {
            tokens.skip_group();
        } else {
            tokens.take();
        }
    }
    Some(tables)
}

fn skip_words(tokens: &mut Tokens, words: &[&str]) {
    while words.iter().any(|word| tokens.at_word(word)) {
        tokens.take();
    }
}

/// Skips to what follows the words `words`; whether they came.
fn skip_past(tokens: &mut Tokens, words: &[&str]) -> bool {
    while tokens.peek().is_some() {
        if tokens.take_words(words) {
            return true;
        }
        tokens.take();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{Writes, first_word, writes};

    fn written(text: &str) -> String {
        let Writes::Tables(tables) = writes(text) else { return format!("{:?}", writes(text)) };
        let name = |table: &super::TableName| match &table.database {
            Some(database) => format!("{database}.{}", table.table),
            None => table.table.clone(),
        };
        tables.iter().map(name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn tables_are_found_behind_every_kind_of_write() {
        for (text, expected) in [
            ("INSERT INTO t VALUES (1)", "t"),
            ("insert low_priority ignore d.t (a) select a from d.u", "d.t"),
            ("REPLACE DELAYED INTO `d x`.`t``` SET a = 1", "d x.t`"),
            ("/* app */ UPDATE IGNORE d.t AS x PARTITION (p, q) SET a = 'from u'", "d.t"),
            ("UPDATE a.t x LEFT JOIN b.u ON f(x.i, 1) = u.i, v SET x.i = 1", "a.t b.u v"),
            ("DELETE QUICK FROM t WHERE a IN (SELECT a FROM u)", "t"),
            ("DELETE x, y FROM d.t x JOIN e.u y WHERE x.i = y.i", "d.t e.u"),
            ("DELETE FROM x USING d.t AS x, u WHERE x.i = u.i", "d.t u"),
            ("LOAD DATA INFILE '/tmp/into table x' REPLACE INTO TABLE `d`.`t` FIELDS", "d.t"),
            ("SET STATEMENT max_statement_time=1 FOR INSERT INTO t VALUES (1)", "t"),
            ("CREATE TABLE IF NOT EXISTS d.t (a int) AS SELECT 1 AS a", "d.t"),
            ("CREATE TABLE d.t (a int DEFAULT 1, `select` int)", "Nothing"),
            ("SET PASSWORD FOR u = 'x'", "Nothing"),
            ("GRANT SELECT ON d.t TO u", "Nothing"),
            ("UPDATE (SELECT 1) x, t SET t.a = 1", "Unreadable"),
            ("WITH x AS (SELECT 1) DELETE FROM t", "Unreadable"),
            ("SELECT d.f()", "Unreadable"),
        ] {
            assert_eq!(written(text), expected, "{text}");
        }
    }

    #[test]
    fn comments_before_the_first_word_are_passed_over() {
        assert_eq!(first_word(" commit"), "COMMIT");
        assert_eq!(first_word("/* BEGIN */ -- x\n insert into t"), "INSERT");
        assert_eq!(first_word("/*!40000 ALTER TABLE t DISABLE KEYS */"), "ALTER");
        assert_eq!(first_word(""), "");
    }
}
