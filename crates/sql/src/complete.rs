//! What a command line can offer to complete.

pub use crate::lexer::{BARE_WORDS, RESERVED_WORDS};

/// Every word of the language that begins with `prefix`, in any case, in alphabetical order.
pub fn keywords(prefix: &str) -> Vec<&'static str> {
    let prefix = prefix.to_ascii_uppercase();
    let mut words: Vec<&str> = RESERVED_WORDS
        .iter()
        .chain(&BARE_WORDS)
        .copied()
        .filter(|word| word.starts_with(&prefix))
        .collect();
    words.sort_unstable();
    words
}

#[cfg(test)]
mod tests {
    #[test]
    fn offers_reserved_and_bare_words_in_order() {
        assert_eq!(super::keywords("str"), ["STREAM", "STREAMS", "STRING", "STRUCT"]);
        assert_eq!(super::keywords("emi"), ["EMIT"]);
        assert!(super::keywords("nothing").is_empty());
    }
}
