//! What tests plug into the seams: a clock that stands still until moved, seeded randomness and a
//! disk that loses power; and a private MariaDB. Development only; no shipped crate depends on it outside its tests.

pub mod clock;
pub mod disk;
pub mod mariadb;
pub mod random;
