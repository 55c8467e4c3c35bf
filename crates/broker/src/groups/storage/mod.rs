//! Groups in `__consumer_offsets`, beside the offsets they commit, in Kafka's own record formats, so
//! that ordinary tools can look at them.
//!
//! An [`Image`] is all that the log is to hold of one group. Writing a group means writing what its
//! image has come to differ by, as one batch; reading one means folding its records into an image.

mod classic;
mod consumer;
mod image;
mod load;
#[cfg(test)]
mod tests;

pub(super) use image::{Image, Kept, changes, image_of_classic, image_of_consumer, interpret};
pub(super) use load::load;
