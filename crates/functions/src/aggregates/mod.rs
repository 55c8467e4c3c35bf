//! The aggregate functions of spec section 3.3.
//!
//! Each function is a [`definition::Definition`] (documentation, resolution) and a [`slots::Kernel`]
//! (what happens to one group's state). The numeric ones keep their states in plain vectors and
//! allocate nothing per row. The aggregation operator of `dataflow` calls them; the layouts they
//! save are on disk ([`layout`]).

mod attr;
mod avg;
mod collect;
mod correlation;
mod count;
mod count_distinct;
mod definition;
mod deviation;
mod extreme;
mod histogram;
mod hyper_log_log;
mod layout;
mod number;
mod offsets;
mod order;
mod slots;
mod sum;
mod sum_list;
mod top;
mod top_distinct;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::Registry;

pub(crate) use definition::no_match;

/// Adds every built-in aggregate function to `registry`.
pub(crate) fn register(registry: &mut Registry) {
    let definitions = [
        attr::ATTR,
        avg::AVG,
        collect::COLLECT_LIST,
        collect::COLLECT_SET,
        correlation::CORRELATION,
        count::COUNT,
        count_distinct::COUNT_DISTINCT,
        deviation::STDDEV_SAMP,
        deviation::STDDEV_SAMPLE,
        extreme::MAX,
        extreme::MIN,
        histogram::HISTOGRAM,
        offsets::EARLIEST_BY_OFFSET,
        offsets::LATEST_BY_OFFSET,
        sum::SUM,
        sum_list::SUM_LIST,
        top::TOPK,
        top_distinct::TOPKDISTINCT,
    ];
    for definition in definitions {
        registry.add_aggregate(Arc::new(definition));
    }
}
