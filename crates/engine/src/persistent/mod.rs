//! Persistent queries: started, paused, ended, and started again after a failure.

mod orphans;
mod queries;
mod troubles;

pub(crate) use orphans::remove as remove_orphans;
pub(crate) use queries::PersistentQueries;
