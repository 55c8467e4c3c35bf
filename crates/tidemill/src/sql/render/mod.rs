//! How answers look in a terminal (spec section 9): lists, boxes of rows, descriptions, errors.

mod connector;
mod describe;
mod entity;
mod error;
mod list;
mod query;
mod rows;
mod sql_type;

pub use entity::{entity, pretty};
pub use error::{located, refusal};
pub use rows::RowBox;
