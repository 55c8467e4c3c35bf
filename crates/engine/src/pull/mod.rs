//! Pull queries: planned once, answered from a table's store or by one look at a stream's topic (spec
//! section 1.16).

mod answer;
mod cache;
mod expressions;
mod input;
mod prepare;
mod source;

pub(crate) use answer::answer;
pub(crate) use cache::PlanCache;
pub(crate) use prepare::prepare;
