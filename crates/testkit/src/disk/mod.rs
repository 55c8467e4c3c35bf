//! A disk in memory that behaves as badly as a real one may: what was not synced is lost or torn by a
//! crash, syncs fail, space runs out, bits flip.
//!
//! [`FakeDirectory`] is the seam; a crash is [`FakeDirectory::restart`], which gives the disk as the
//! machine finds it afterwards. Files keep two contents: what the running system sees and what is on
//! stable storage, with the writes in between; names do likewise, directory by directory.

mod directory;
mod file;
mod inode;
mod names;
mod state;
#[cfg(test)]
mod tests;

pub use directory::FakeDirectory;

/// What becomes of everything not synced when the machine stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// The process died but the system lived on (`kill -9`): everything written is there.
    Process,
    /// Power loss: nothing unsynced is there, neither bytes nor names.
    LoseUnsynced,
    /// Power loss: of the unsynced writes each is there, missing, or there in part, and of the
    /// unsynced names a prefix; which, the seed decides.
    TearUnsynced {
        /// The same seed tears the same way.
        seed: u64,
    },
}
