//! The tables hold together, and entries become the log's configuration and come back.
