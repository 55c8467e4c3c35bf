//! The assignor `range`.

use std::collections::BTreeMap;

use super::{Partitions, Subscriber};

/// Cuts each topic into contiguous ranges, one for each of its subscribers, the first ones longer by
/// one where it does not come out even. Members stand in the same order for all topics: static ones by
/// instance id, so that a restart moves nothing, and then the others by member id.
pub(super) fn assign(
    subscribers: &[Subscriber<'_>],
    topics: &BTreeMap<u128, i32>,
) -> Vec<Partitions> {
    let mut order: Vec<usize> = (0..subscribers.len()).collect();
    order.sort_by_key(|index| {
        let subscriber = &subscribers[*index];
        (subscriber.instance_id.is_none(), subscriber.instance_id, subscriber.id)
    });
    let mut assigned = vec![Partitions::default(); subscribers.len()];
    for (topic, partitions) in topics {
        let interested: Vec<usize> = order
            .iter()
            .copied()
            .filter(|index| subscribers[*index].topics.contains(topic))
            .collect();
        let count = usize::try_from(*partitions).unwrap_or(0);
        let Some(share) = count.checked_div(interested.len()) else { continue };
        let longer = count % interested.len();
        let mut next = 0..*partitions;
        for (place, index) in interested.into_iter().enumerate() {
            let length = share + usize::from(place < longer);
            assigned[index].extend(next.by_ref().take(length).map(|number| (*topic, number)));
        }
    }
    assigned
}
