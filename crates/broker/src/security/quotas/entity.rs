//! Who a quota is for, and what it limits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What an entity is named by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum EntityType {
    ClientId,
    Ip,
    User,
}

impl EntityType {
    /// Its name in the protocol.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ClientId => "client-id",
            Self::Ip => "ip",
            Self::User => "user",
        }
    }

    /// The type of that name.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        [Self::ClientId, Self::Ip, Self::User].into_iter().find(|known| known.name() == name)
    }
}

/// Who a quota is for: a user, a client, a client of a user, or an address; `None` stands for all those
/// that have none of their own.
pub(crate) type Entity = BTreeMap<EntityType, Option<String>>;

/// What can be limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Bytes produced in a second.
    ProducerByteRate,
    /// Bytes fetched in a second.
    ConsumerByteRate,
    /// Percent of a thread's time spent on requests.
    RequestPercentage,
    /// Partitions created and deleted in a second.
    ControllerMutationRate,
    /// Connections opened in a second.
    ConnectionCreationRate,
}

impl Kind {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::ProducerByteRate,
        Self::ConsumerByteRate,
        Self::RequestPercentage,
        Self::ControllerMutationRate,
        Self::ConnectionCreationRate,
    ];

    /// Its name in the protocol.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ProducerByteRate => "producer_byte_rate",
            Self::ConsumerByteRate => "consumer_byte_rate",
            Self::RequestPercentage => "request_percentage",
            Self::ControllerMutationRate => "controller_mutation_rate",
            Self::ConnectionCreationRate => "connection_creation_rate",
        }
    }

    /// The kind of that name.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// Whether only whole numbers limit it.
    pub(crate) fn is_whole(self) -> bool {
        !matches!(self, Self::RequestPercentage | Self::ControllerMutationRate)
    }

    /// Whether addresses are limited in it, instead of users and clients.
    pub(crate) fn is_of_addresses(self) -> bool {
        self == Self::ConnectionCreationRate
    }
}

/// The quotas of one entity.
pub(crate) type Limits = BTreeMap<Kind, f64>;
