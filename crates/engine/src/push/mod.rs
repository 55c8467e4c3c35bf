//! Push queries: transient queries whose rows go to one reader (spec section 1.17).

mod registry;
mod source;
mod start;

pub(crate) use registry::PushQueries;
pub(crate) use start::start;
