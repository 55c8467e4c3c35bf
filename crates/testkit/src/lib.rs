//! What tests plug into the seams: a clock that stands still until moved, seeded randomness and a
//! disk that loses power; the golden-file runner; and private database servers. Development only; no
//! shipped crate depends on it outside its tests.

pub mod clock;
pub mod database;
pub mod diff;
pub mod disk;
pub mod golden;
pub mod random;
mod skip;

pub use skip::skip;
