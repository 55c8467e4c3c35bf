//! The contents of one file: as seen, as stable, and the changes between.

use types::seams::Random;

use crate::random::SeededRandom;

#[derive(Clone, Debug, Default)]
pub(super) struct Inode {
    /// What reads see.
    pub(super) current: Vec<u8>,
    /// What a crash leaves.
    stable: Vec<u8>,
    /// Changes since the last sync, in order.
    pending: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write { position: usize, bytes: Vec<u8> },
    SetLength(usize),
}

impl Change {
    fn apply(&self, contents: &mut Vec<u8>) {
        match self {
            Self::Write { position, bytes } => overlay(contents, *position, bytes),
            Self::SetLength(length) => contents.resize(*length, 0),
        }
    }
}

fn overlay(contents: &mut Vec<u8>, position: usize, bytes: &[u8]) {
    let end = position + bytes.len();
    if contents.len() < end {
        contents.resize(end, 0);
    }
    contents[position..end].copy_from_slice(bytes);
}

impl Inode {
    /// A file whose contents are stable.
    pub(super) fn stable(contents: Vec<u8>) -> Self {
        Self { current: contents.clone(), stable: contents, pending: Vec::new() }
    }

    pub(super) fn write(&mut self, position: usize, bytes: &[u8]) {
        self.change(Change::Write { position, bytes: bytes.to_vec() });
    }

    pub(super) fn set_length(&mut self, length: usize) {
        self.change(Change::SetLength(length));
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.current);
        self.pending.push(change);
    }

    pub(super) fn sync(&mut self) {
        for change in self.pending.drain(..) {
            change.apply(&mut self.stable);
        }
    }

    /// What Linux does when a sync fails: the bytes still read back, but nobody will write them.
    pub(super) fn fail_sync(&mut self) {
        self.pending.clear();
    }

    pub(super) fn is_synced(&self) -> bool {
        self.pending.is_empty()
    }

    pub(super) fn flip_bit(&mut self, bit: usize) {
        for contents in [&mut self.current, &mut self.stable] {
            if let Some(byte) = contents.get_mut(bit / 8) {
                *byte ^= 1 << (bit % 8);
            }
        }
    }

    /// The file after power loss without any of its pending changes.
    pub(super) fn survivor(&self) -> Self {
        Self::stable(self.stable.clone())
    }

    /// The file after power loss with some of its pending changes.
    pub(super) fn torn(&self, random: &SeededRandom) -> Self {
        let mut contents = self.stable.clone();
        for change in &self.pending {
            match (random.below(3), change) {
                (0, _) => {}
                (1, Change::Write { position, bytes }) => {
                    let kept = (random.next_u64() % (bytes.len() as u64 + 1)) as usize;
                    overlay(&mut contents, *position, &bytes[..kept]);
                }
                _ => change.apply(&mut contents),
            }
        }
        Self::stable(contents)
    }
}
