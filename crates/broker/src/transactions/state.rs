//! The states of a transaction, by the numbers and names that Kafka's records and clients know.

/// Where a transactional id stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// A producer was told its id and has begun nothing since.
    Empty,
    /// A transaction is open.
    Ongoing,
    /// It is to be committed, some of its markers may be missing. This broker writes the decision and
    /// all markers as one commit, so it meets this state only in records written by others.
    PrepareCommit,
    /// The same for an abort.
    PrepareAbort,
    /// The last transaction was committed.
    CompleteCommit,
    /// The last transaction was aborted.
    CompleteAbort,
}

impl State {
    const ALL: [Self; 6] = [
        Self::Empty,
        Self::Ongoing,
        Self::PrepareCommit,
        Self::PrepareAbort,
        Self::CompleteCommit,
        Self::CompleteAbort,
    ];

    /// Its number in records.
    pub(crate) fn id(self) -> i8 {
        self as i8
    }

    /// The state with that number; `None` for those that are never written.
    pub(crate) fn from_id(id: i8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.id() == id)
    }

    /// Its name in answers and filters.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Ongoing => "Ongoing",
            Self::PrepareCommit => "PrepareCommit",
            Self::PrepareAbort => "PrepareAbort",
            Self::CompleteCommit => "CompleteCommit",
            Self::CompleteAbort => "CompleteAbort",
        }
    }

    /// Whether Kafka has a state of that name, be it one that this broker never shows.
    pub(crate) fn is_known_name(name: &str) -> bool {
        matches!(name, "Dead" | "PrepareEpochFence")
            || Self::ALL.into_iter().any(|state| state.name() == name)
    }

    /// Whether the last transaction has ended in this state.
    pub(crate) fn is_complete(self) -> bool {
        matches!(self, Self::CompleteCommit | Self::CompleteAbort)
    }
}
