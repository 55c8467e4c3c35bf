//! JSON_SR: JSON payloads behind the registry's header, with a JSON Schema in the dialect of
//! Connect's converter (spec section 6.7). Payloads are those of [`crate::json`].

mod generate;
mod infer;

#[cfg(test)]
mod tests;

pub use generate::schema_text;
pub use infer::infer;
