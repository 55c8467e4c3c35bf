//! JAAS configurations as Kafka's properties hold them: `LoginModule flag option=value ... ;`, with
//! values in quotes or bare.

use std::collections::BTreeMap;

/// One login module and its options.
pub(super) struct LoginModule {
    /// The class, of which only the last part matters here.
    pub(super) class: String,
    pub(super) options: BTreeMap<String, String>,
}

enum Token {
    Word(String),
    Equals,
    End,
}

/// Reads the only login module of a property. The text is never part of the error: it holds passwords.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(text: &str) -> Result<LoginModule, String> {
    let mut tokens = tokens(text)?.into_iter();
    let Some(Token::Word(class)) = tokens.next() else {
        return Err("the login module is missing".to_owned());
    };
    match tokens.next() {
        Some(Token::Word(flag)) if is_control_flag(&flag) => {}
        _ => return Err(format!("behind {class} 'required' is missing")),
    }
    let mut options = BTreeMap::new();
    loop {
        let name = match tokens.next() {
            Some(Token::Word(name)) => name,
            Some(Token::End) => break,
            Some(Token::Equals) => return Err("an option without name".to_owned()),
            None => return Err("the semicolon at the end is missing".to_owned()),
        };
        match (tokens.next(), tokens.next()) {
            (Some(Token::Equals), Some(Token::Word(value))) => options.insert(name, value),
            _ => return Err(format!("option {name} has no value")),
        };
    }
    match tokens.next() {
        None => Ok(LoginModule { class, options }),
        Some(_) => Err("there is more than one login module".to_owned()),
    }
}

fn is_control_flag(word: &str) -> bool {
    let flags = ["required", "requisite", "sufficient", "optional"];
    flags.iter().any(|flag| word.eq_ignore_ascii_case(flag))
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '=' => (Token::Equals, 1),
            ';' => (Token::End, 1),
            '"' | '\'' => quoted(rest, first)?,
            _ => {
                let ends = |c: char| c.is_whitespace() || matches!(c, '=' | ';' | '"' | '\'');
                let length = rest.find(ends).unwrap_or(rest.len());
                (Token::Word(rest[..length].to_owned()), length)
            }
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// A value in quotes, in which a backslash stands before a quote or a backslash.
fn quoted(text: &str, quote: char) -> Result<(Token, usize), String> {
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((position, c)) = characters.next() {
        match c {
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            c if c == quote => return Ok((Token::Word(value), position + 1)),
            c => value.push(c),
        }
    }
    Err("a quote is not closed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_options_quoted_and_bare() {
        let module = parse(
            "org.apache.kafka.common.security.plain.PlainLoginModule required\n\
             username=admin password='x y' user_admin=\"a=\\\"b;\" user_bob=\"\";",
        );
        let module = module.unwrap_or_else(|error| panic!("{error}"));
        assert!(module.class.ends_with("PlainLoginModule"));
        let options: Vec<_> =
            module.options.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(
            options,
            [
                ("password", "x y"),
                ("user_admin", "a=\"b;"),
                ("user_bob", ""),
                ("username", "admin")
            ]
        );
    }

    #[test]
    fn says_what_is_missing_and_no_password() {
        for (text, reason) in [
            ("", "login module is missing"),
            ("A", "'required' is missing"),
            ("A required user_a=secret", "semicolon"),
            ("A required user_a;", "no value"),
            ("A required user_a=\"secret;", "not closed"),
            ("A required; B required;", "more than one"),
        ] {
            let error = parse(text).err().unwrap_or_default();
            assert!(error.contains(reason) && !error.contains("secret"), "{text}: {error}");
        }
    }
}
