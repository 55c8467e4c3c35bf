//! Recursive descent over DDL statements.

use super::data_type;
use super::lexer::{Token, Tokens};
use super::statement::{Action, ColumnDef, Place, Statement, TableName};

/// What `text` does.
pub fn parse(text: &str) -> Statement {
    let mut tokens = Tokens::new(text);
    match tokens.take() {
        Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
            "create" => create(&mut tokens),
            "alter" => alter(&mut tokens),
            "drop" => drop(&mut tokens),
            "rename" => rename(&mut tokens),
            "truncate" => truncate(&mut tokens),
            _ => Statement::Other,
        },
        _ => Statement::Other,
    }
}

fn create(tokens: &mut Tokens) -> Statement {
    tokens.take_words(&["or", "replace"]);
    if tokens.take_words(&["temporary"]) || !tokens.take_words(&["table"]) {
        return Statement::Other;
    }
    tokens.take_words(&["if", "not", "exists"]);
    let Some(table) = table_name(tokens) else { return Statement::Unreadable };
    let mut create = CreateBody::default();
    let in_parentheses = tokens.take_symbol('(');
    let like = tokens.take_words(&["like"]).then(|| table_name(tokens)).flatten();
    if in_parentheses && like.is_none() && !tokens.at_word("select") {
        if create.items(tokens).is_none() {
            return Statement::Unreadable;
        }
        create.options(tokens);
    }
    let CreateBody { columns, primary_key, charset } = create;
    Statement::CreateTable { table, columns, primary_key, charset, like }
}

#[derive(Default)]
struct CreateBody {
    columns: Vec<ColumnDef>,
    primary_key: Vec<String>,
    charset: Option<String>,
}

impl CreateBody {
    fn items(&mut self, tokens: &mut Tokens) -> Option<()> {
        loop {
            if let Some(key) = primary_key(tokens) {
                self.primary_key = key;
            } else if !at_other_index(tokens) {
                let column = column(tokens)?;
                if column.is_primary {
                    self.primary_key = vec![column.name.clone()];
                }
                self.columns.push(column);
            }
            tokens.skip_item();
            if !tokens.take_symbol(',') {
                return tokens.take_symbol(')').then_some(());
            }
        }
    }

    fn options(&mut self, tokens: &mut Tokens) {
        while tokens.peek().is_some() {
            if tokens.take_words(&["character", "set"]) || tokens.take_words(&["charset"]) {
                self.charset = data_type::value_name(tokens);
            } else if tokens.take_words(&["select"]) {
                // Columns of the query follow, which the text does not tell.
                self.columns.clear();
                return;
            } else {
                tokens.take();
            }
        }
    }
}

/// An index or constraint other than the primary key. A quoted name is always a column's.
fn at_other_index(tokens: &Tokens) -> bool {
    const WORDS: [&str; 9] = [
        "index",
        "key",
        "unique",
        "fulltext",
        "spatial",
        "constraint",
        "foreign",
        "check",
        "period",
    ];
    WORDS.iter().any(|word| tokens.at_word(word))
}

/// `[CONSTRAINT [name]] PRIMARY KEY [USING type] (column [(length)] [ASC|DESC], ...)`
fn primary_key(tokens: &mut Tokens) -> Option<Vec<String>> {
    let start = tokens.clone();
    if tokens.take_words(&["constraint"]) && !tokens.at_word("primary") {
        tokens.take_name();
    }
    if !tokens.take_words(&["primary", "key"]) {
        *tokens = start;
        return None;
    }
    while !tokens.at_symbol('(') {
        tokens.take()?;
    }
    tokens.take_symbol('(');
    let mut names = Vec::new();
    loop {
        names.push(tokens.take_name()?);
        tokens.skip_item();
        if !tokens.take_symbol(',') {
            tokens.take_symbol(')');
            return Some(names);
        }
    }
}

/// A column definition, up to its last attribute before FIRST, AFTER, comma or parenthesis.
fn column(tokens: &mut Tokens) -> Option<ColumnDef> {
    let name = tokens.take_name()?;
    let data_type = data_type::parse(tokens)?;
    let mut column =
        ColumnDef { name, data_type, is_nullable: true, is_primary: false, default: None };
    loop {
        if tokens.take_words(&["not", "null"]) {
            column.is_nullable = false;
        } else if tokens.take_words(&["primary", "key"]) || tokens.take_words(&["primary"]) {
            column.is_primary = true;
            column.is_nullable = false;
        } else if tokens.take_words(&["default"]) {
            column.default = default_literal(tokens);
        } else if tokens.take_words(&["comment"]) {
            tokens.take();
        } else if at_column_end(tokens) {
            return Some(column);
        } else if tokens.at_symbol('(') {
            tokens.skip_group();
        } else {
            tokens.take();
        }
    }
}

fn at_column_end(tokens: &Tokens) -> bool {
    let ends = tokens.peek().is_none() || tokens.at_symbol(',') || tokens.at_symbol(')');
    ends || tokens.at_word("first") || tokens.at_word("after")
}

fn default_literal(tokens: &mut Tokens) -> Option<String> {
    let sign = if tokens.take_symbol('-') { "-" } else { "" };
    match tokens.peek()? {
        Token::Text(text) => {
            let text = text.clone();
            tokens.take();
            Some(text)
        }
        Token::Number(number) => {
            let number = format!("{sign}{number}");
            tokens.take();
            Some(number)
        }
        _ => None,
    }
}

fn alter(tokens: &mut Tokens) -> Statement {
    tokens.take_words(&["online"]);
    tokens.take_words(&["ignore"]);
    if !tokens.take_words(&["table"]) {
        return Statement::Other;
    }
    tokens.take_words(&["if", "exists"]);
    let Some(table) = table_name(tokens) else { return Statement::Unreadable };
    let mut actions = Vec::new();
    loop {
        if action(tokens, &mut actions).is_none() {
            return Statement::Unreadable;
        }
        tokens.skip_item();
        if !tokens.take_symbol(',') {
            return Statement::AlterTable { table, actions };
        }
    }
}

fn action(tokens: &mut Tokens, actions: &mut Vec<Action>) -> Option<()> {
    if tokens.take_words(&["add"]) {
        return add(tokens, actions);
    }
    let action = if tokens.take_words(&["drop"]) {
        drop_action(tokens)?
    } else if tokens.take_words(&["modify"]) {
        skip_column_words(tokens);
        let column = column(tokens)?;
        Some(Action::Change(column.name.clone(), column, place(tokens)))
    } else if tokens.take_words(&["change"]) {
        skip_column_words(tokens);
        let old = tokens.take_name()?;
        let column = column(tokens)?;
        Some(Action::Change(old, column, place(tokens)))
    } else if tokens.take_words(&["rename"]) {
        rename_action(tokens)?
    } else if tokens.take_words(&["convert", "to"]) {
        let named = tokens.take_words(&["character", "set"]) || tokens.take_words(&["charset"]);
        named.then(|| data_type::value_name(tokens)).flatten().map(Action::ConvertCharset)
    } else {
        None
    };
    actions.extend(action);
    Some(())
}

fn skip_column_words(tokens: &mut Tokens) {
    tokens.take_words(&["column"]);
    tokens.take_words(&["if", "exists"]);
    tokens.take_words(&["if", "not", "exists"]);
}

fn add(tokens: &mut Tokens, actions: &mut Vec<Action>) -> Option<()> {
    if let Some(key) = primary_key(tokens) {
        actions.push(Action::AddPrimaryKey(key));
        return Some(());
    }
    if at_other_index(tokens) || tokens.at_word("partition") || tokens.at_word("system") {
        return Some(());
    }
    skip_column_words(tokens);
    if !tokens.take_symbol('(') {
        return add_column(tokens, actions);
    }
    loop {
        if !at_other_index(tokens) {
            add_column(tokens, actions)?;
        }
        tokens.skip_item();
        if !tokens.take_symbol(',') {
            tokens.take_symbol(')');
            return Some(());
        }
    }
}

fn add_column(tokens: &mut Tokens, actions: &mut Vec<Action>) -> Option<()> {
    let column = column(tokens)?;
    let key = column.is_primary.then(|| Action::AddPrimaryKey(vec![column.name.clone()]));
    actions.push(Action::Add(column, place(tokens)));
    actions.extend(key);
    Some(())
}

fn drop_action(tokens: &mut Tokens) -> Option<Option<Action>> {
    const OTHERS: [&str; 7] =
        ["index", "key", "foreign", "constraint", "check", "partition", "system"];
    if tokens.take_words(&["primary", "key"]) {
        return Some(Some(Action::DropPrimaryKey));
    }
    if OTHERS.iter().any(|word| tokens.at_word(word)) {
        return Some(None);
    }
    skip_column_words(tokens);
    Some(Some(Action::Drop(tokens.take_name()?)))
}

fn rename_action(tokens: &mut Tokens) -> Option<Option<Action>> {
    if tokens.take_words(&["column"]) {
        tokens.take_words(&["if", "exists"]);
        let old = tokens.take_name()?;
        tokens.take_words(&["to"]).then_some(())?;
        return Some(Some(Action::RenameColumn(old, tokens.take_name()?)));
    }
    if tokens.at_word("index") || tokens.at_word("key") {
        return Some(None);
    }
    let _optional = tokens.take_words(&["to"]) || tokens.take_words(&["as"]);
    tokens.take_symbol('=');
    Some(Some(Action::RenameTable(table_name(tokens)?)))
}

fn place(tokens: &mut Tokens) -> Place {
    if tokens.take_words(&["first"]) {
        Place::First
    } else if tokens.take_words(&["after"]) {
        tokens.take_name().map_or(Place::Unchanged, Place::After)
    } else {
        Place::Unchanged
    }
}

fn drop(tokens: &mut Tokens) -> Statement {
    if tokens.take_words(&["database"]) || tokens.take_words(&["schema"]) {
        tokens.take_words(&["if", "exists"]);
        return tokens.take_name().map_or(Statement::Unreadable, Statement::DropDatabase);
    }
    if !(tokens.take_words(&["table"]) || tokens.take_words(&["tables"])) {
        return Statement::Other;
    }
    tokens.take_words(&["if", "exists"]);
    let mut tables = Vec::new();
    loop {
        let Some(table) = table_name(tokens) else { return Statement::Unreadable };
        tables.push(table);
        if !tokens.take_symbol(',') {
            return Statement::DropTables(tables);
        }
    }
}

fn rename(tokens: &mut Tokens) -> Statement {
    if !(tokens.take_words(&["table"]) || tokens.take_words(&["tables"])) {
        return Statement::Other;
    }
    tokens.take_words(&["if", "exists"]);
    let mut renames = Vec::new();
    loop {
        let Some(old) = table_name(tokens) else { return Statement::Unreadable };
        while !tokens.at_word("to") && tokens.peek().is_some() {
            tokens.take();
        }
        tokens.take_words(&["to"]);
        let Some(new) = table_name(tokens) else { return Statement::Unreadable };
        renames.push((old, new));
        if !tokens.take_symbol(',') {
            return Statement::RenameTables(renames);
        }
    }
}

fn truncate(tokens: &mut Tokens) -> Statement {
    tokens.take_words(&["table"]);
    table_name(tokens).map_or(Statement::Unreadable, Statement::Truncate)
}

/// A table's name, perhaps with its database.
pub fn table_name(tokens: &mut Tokens) -> Option<TableName> {
    let first = tokens.take_name()?;
    if !tokens.take_symbol('.') {
        return Some(TableName { database: None, table: first });
    }
    Some(TableName { database: Some(first), table: tokens.take_name()? })
}
