//! From text to tokens (spec section 1.1), and the words of the language.
//!
//! Used by `parser`, `substitute` and `complete`. It knows no grammar: it only tells words, names,
//! literals and signs apart, each with its span, and skips blanks and comments.

mod directive;
mod scan;
mod split;
mod token;
mod word;

pub use directive::{Directive, directives};
pub(crate) use scan::{check_length, tokens};
pub use split::{is_complete, split_statements};
pub(crate) use token::{Symbol, Token, TokenKind};
pub use word::{BARE_WORDS, RESERVED_WORDS};
pub(crate) use word::{is_identifier, is_reserved, nearest};

#[cfg(test)]
mod tests;
