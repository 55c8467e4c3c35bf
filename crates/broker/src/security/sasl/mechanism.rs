//! The SASL mechanisms that there are.

use crate::security::scram::Hash;

/// A SASL mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mechanism {
    /// Name and password in clear text (RFC 4616).
    Plain,
    /// A proof that the password is known (RFC 5802).
    Scram(Hash),
}

impl Mechanism {
    /// All of them.
    pub(crate) const ALL: [Self; 3] =
        [Self::Plain, Self::Scram(Hash::Sha256), Self::Scram(Hash::Sha512)];

    /// Its registered name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Scram(hash) => hash.mechanism(),
        }
    }

    /// The mechanism of that name.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mechanism| mechanism.name() == name)
    }
}
