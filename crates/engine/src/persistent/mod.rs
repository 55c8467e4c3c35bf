//! Persistent queries: started, paused, ended, and started again after a failure.

mod queries;
mod troubles;

pub(crate) use queries::PersistentQueries;
