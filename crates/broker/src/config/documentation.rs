//! The tables of `docs/kafka-configuration.md`.
