//! How measurements fail: with whatever they were told, up to `main`, which prints it.

/// What a measurement gives.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;
