//! The words of ACLs with their codes in the protocol and their names in the security topic.

use serde::{Deserialize, Serialize};

/// What is done to a resource (Kafka's ACL operations).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Operation {
    /// Every operation. Only ACLs say that; nobody asks for it.
    All = 2,
    Read = 3,
    Write = 4,
    Create = 5,
    Delete = 6,
    Alter = 7,
    Describe = 8,
    ClusterAction = 9,
    DescribeConfigs = 10,
    AlterConfigs = 11,
    IdempotentWrite = 12,
    CreateTokens = 13,
    DescribeTokens = 14,
    TwoPhaseCommit = 15,
}

/// A kind of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ResourceType {
    Topic = 2,
    Group = 3,
    Cluster = 4,
    TransactionalId = 5,
    DelegationToken = 6,
    User = 7,
}

/// How an ACL's resource name is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum PatternType {
    /// That name, or every name when it is `*`.
    Literal = 3,
    /// Every name that begins so.
    Prefixed = 4,
}

/// What an ACL says to those it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Permission {
    Deny = 2,
    Allow = 3,
}

/// A word that has a code.
pub(crate) trait Coded: Copy + 'static {
    /// Every word of the kind.
    const ALL: &'static [Self];

    /// Its code in the protocol.
    fn code(self) -> i8;

    /// The word with that code.
    fn of_code(code: i8) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.code() == code)
    }
}

impl Coded for Operation {
    const ALL: &'static [Self] = &[
        Self::All,
        Self::Read,
        Self::Write,
        Self::Create,
        Self::Delete,
        Self::Alter,
        Self::Describe,
        Self::ClusterAction,
        Self::DescribeConfigs,
        Self::AlterConfigs,
        Self::IdempotentWrite,
        Self::CreateTokens,
        Self::DescribeTokens,
        Self::TwoPhaseCommit,
    ];

    fn code(self) -> i8 {
        self as i8
    }
}

impl Coded for ResourceType {
    const ALL: &'static [Self] = &[
        Self::Topic,
        Self::Group,
        Self::Cluster,
        Self::TransactionalId,
        Self::DelegationToken,
        Self::User,
    ];

    fn code(self) -> i8 {
        self as i8
    }
}

impl Coded for PatternType {
    const ALL: &'static [Self] = &[Self::Literal, Self::Prefixed];

    fn code(self) -> i8 {
        self as i8
    }
}

impl Coded for Permission {
    const ALL: &'static [Self] = &[Self::Deny, Self::Allow];

    fn code(self) -> i8 {
        self as i8
    }
}
