//! Metadata and administration as a client sees them.

mod topics;
