//! Which quota applies to whom.

use super::entity::{Entity, EntityType, Kind, Limits};
use super::table::{Applying, Quotas};

fn entity(user: Option<Option<&str>>, client: Option<Option<&str>>) -> Entity {
    let named = [(EntityType::User, user), (EntityType::ClientId, client)];
    let named = named.into_iter().filter_map(|(kind, name)| Some((kind, name?)));
    named.map(|(kind, name)| (kind, name.map(str::to_owned))).collect()
}

/// From the least to the most specific.
fn entities() -> [Entity; 8] {
    let (u, c) = (Some(Some("u")), Some(Some("c")));
    let default = Some(None);
    [
        entity(None, default),
        entity(None, c),
        entity(default, None),
        entity(default, default),
        entity(default, c),
        entity(u, None),
        entity(u, default),
        entity(u, c),
    ]
}

fn limits(limit: f64) -> Limits {
    Limits::from([(Kind::ProducerByteRate, limit)])
}

#[test]
fn the_most_specific_quota_applies() {
    let mut quotas = Quotas::default();
    for (rank, entity) in entities().into_iter().enumerate() {
        // One for something else must not hide the less specific.
        quotas.set(entity.clone(), Limits::from([(Kind::RequestPercentage, 1.0)]));
        let expected = rank.checked_sub(1).map(|rank| rank as f64);
        let found = quotas.find(Kind::ProducerByteRate, "u", "c").map(|quota| quota.limit);
        assert_eq!(found, expected, "{entity:?}");
        quotas.set(entity.clone(), limits(rank as f64));
        let found = quotas.find(Kind::ProducerByteRate, "u", "c").expect("there is one");
        let by_user = entity.contains_key(&EntityType::User);
        let by_client = entity.contains_key(&EntityType::ClientId);
        assert_eq!(found, Applying { limit: rank as f64, by_user, by_client });
    }
    let other = quotas.find(Kind::ProducerByteRate, "v", "d").map(|quota| quota.limit);
    assert_eq!(other, Some(3.0));
    entities().into_iter().for_each(|entity| quotas.set(entity, Limits::new()));
    assert_eq!(quotas.find(Kind::ProducerByteRate, "u", "c"), None);
    assert!(quotas.kinds().is_empty() && quotas.iter().count() == 0);
}

#[test]
fn addresses_have_their_own() {
    let mut quotas = Quotas::default();
    let address = |name: Option<&str>| Entity::from([(EntityType::Ip, name.map(str::to_owned))]);
    let rate = |limit| Limits::from([(Kind::ConnectionCreationRate, limit)]);
    quotas.set(address(None), rate(5.0));
    quotas.set(address(Some("10.0.0.1")), rate(7.0));
    let find = |text: &str| {
        quotas.find_address(Kind::ConnectionCreationRate, text.parse().expect("an address"))
    };
    assert_eq!(find("10.0.0.1"), Some(7.0));
    assert_eq!(find("10.0.0.2"), Some(5.0));
}
