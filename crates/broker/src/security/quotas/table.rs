//! All quotas, and which of them applies to a client: the most specific one that limits the kind.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use super::entity::{Entity, EntityType, Kind, Limits};

/// All quotas.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    by_entity: BTreeMap<Entity, Limits>,
    /// The same, arranged for look-ups.
    users: Named<OfUser>,
    clients: Named<Limits>,
    addresses: Named<Limits>,
}

/// Quotas of one user or of all users.
#[derive(Debug, Default)]
struct OfUser {
    own: Limits,
    clients: Named<Limits>,
}

/// Something for each name, and for all names that have none of their own.
#[derive(Debug)]
struct Named<T> {
    by_name: HashMap<String, T>,
    default: T,
}

/// The quota that applies to a client.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Applying {
    pub(crate) limit: f64,
    /// Whether each user is measured alone.
    pub(crate) by_user: bool,
    /// Whether each client id is measured alone.
    pub(crate) by_client: bool,
}

impl Quotas {
    /// Every entity with quotas, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Entity, &Limits)> {
        self.by_entity.iter()
    }

    /// The quotas of `entity` itself.
    pub(crate) fn of(&self, entity: &Entity) -> Option<&Limits> {
        self.by_entity.get(entity)
    }

    /// Replaces all quotas of `entity`.
    pub(crate) fn set(&mut self, entity: Entity, limits: Limits) {
        *self.slot(&entity) = limits.clone();
        match limits.is_empty() {
            true => self.by_entity.remove(&entity),
            false => self.by_entity.insert(entity, limits),
        };
    }

    /// What is limited at all.
    pub(crate) fn kinds(&self) -> BTreeSet<Kind> {
        self.by_entity.values().flat_map(|limits| limits.keys().copied()).collect()
    }

    /// The quota of `kind` for a client of a user.
    pub(crate) fn find(&self, kind: Kind, user: &str, client: &str) -> Option<Applying> {
        let of_user = self.users.by_name.get(user);
        let of_users = of_user.into_iter().chain([&self.users.default]);
        let found = of_users.flat_map(|quotas| {
            let of_client = quotas.clients.by_name.get(client);
            let of_clients = of_client.into_iter().chain([&quotas.clients.default]);
            of_clients.map(|limits| (limits, true)).chain([(&quotas.own, false)])
        });
        let by_user = found.filter_map(|(limits, by_client)| {
            Some(Applying { limit: *limits.get(&kind)?, by_user: true, by_client })
        });
        let of_client = self.clients.by_name.get(client).into_iter();
        let by_client = of_client.chain([&self.clients.default]).filter_map(|limits| {
            Some(Applying { limit: *limits.get(&kind)?, by_user: false, by_client: true })
        });
        by_user.chain(by_client).next()
    }

    /// The quota of `kind` for a client's address.
    pub(crate) fn find_address(&self, kind: Kind, address: IpAddr) -> Option<f64> {
        let own = self.addresses.by_name.get(&address.to_string());
        let limits = own.into_iter().chain([&self.addresses.default]);
        limits.filter_map(|limits| limits.get(&kind)).copied().next()
    }

    /// Where the quotas of `entity` are looked up.
    fn slot(&mut self, entity: &Entity) -> &mut Limits {
        let client = entity.get(&EntityType::ClientId);
        match (entity.get(&EntityType::User), client, entity.get(&EntityType::Ip)) {
            (Some(user), Some(client), _) => self.users.slot(user).clients.slot(client),
            (Some(user), None, _) => &mut self.users.slot(user).own,
            (None, Some(client), _) => self.clients.slot(client),
            (None, None, address) => self.addresses.slot(address.unwrap_or(&None)),
        }
    }
}

impl<T: Default> Named<T> {
    fn slot(&mut self, name: &Option<String>) -> &mut T {
        match name {
            Some(name) => self.by_name.entry(name.clone()).or_default(),
            None => &mut self.default,
        }
    }
}

impl<T: Default> Default for Named<T> {
    fn default() -> Self {
        Self { by_name: HashMap::new(), default: T::default() }
    }
}
