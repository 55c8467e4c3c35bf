//! The names of the disk: which path is a directory or which file, as seen and as stable.

use std::collections::BTreeMap;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Directory,
    File(u64),
}

/// Every path but the root, which always is.
pub(super) type Tree = BTreeMap<String, Node>;

#[derive(Clone, Debug)]
enum Change {
    Link(String, Node),
    Unlink(String),
    Rename(String, String),
}

impl Change {
    /// Whether syncing `directory` makes the change stable.
    fn is_in(&self, directory: &str) -> bool {
        match self {
            Self::Link(path, _) | Self::Unlink(path) => parent(path) == directory,
            // Syncing either side of a rename writes the file system's transaction that holds both.
            Self::Rename(from, to) => parent(from) == directory || parent(to) == directory,
        }
    }

    fn apply(&self, tree: &mut Tree) {
        match self {
            Self::Link(path, node) => {
                tree.insert(path.clone(), *node);
            }
            Self::Unlink(path) => tree.retain(|name, _| !is_at_or_below(name, path)),
            Self::Rename(from, to) => rename(tree, from, to),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) current: Tree,
    stable: Tree,
    pending: Vec<Change>,
}

impl Names {
    pub(super) fn from_stable(tree: Tree) -> Self {
        Self { current: tree.clone(), stable: tree, pending: Vec::new() }
    }

    pub(super) fn link(&mut self, path: &str, node: Node) {
        self.change(Change::Link(path.to_owned(), node));
    }

    pub(super) fn unlink(&mut self, path: &str) {
        self.change(Change::Unlink(path.to_owned()));
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) {
        self.change(Change::Rename(from.to_owned(), to.to_owned()));
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.current);
        self.pending.push(change);
    }

    pub(super) fn sync(&mut self, directory: &str) {
        for change in self.pending.extract_if(.., |change| change.is_in(directory)) {
            change.apply(&mut self.stable);
        }
    }

    pub(super) fn pending(&self) -> usize {
        self.pending.len()
    }

    /// The names after power loss with the first `kept` of the pending changes. What lies below a
    /// directory that was lost is lost with it.
    pub(super) fn survivor(&self, kept: usize) -> Tree {
        let mut tree = self.stable.clone();
        for change in &self.pending[..kept] {
            change.apply(&mut tree);
        }
        let directories: Vec<String> = tree
            .iter()
            .filter(|(_, node)| **node == Node::Directory)
            .map(|(path, _)| path.clone())
            .collect();
        tree.retain(|path, _| ancestors(path).all(|above| directories.iter().any(|d| d == above)));
        tree
    }
}

fn rename(tree: &mut Tree, from: &str, to: &str) {
    let moved: Vec<(String, Node)> =
        tree.extract_if(.., |name, _| is_at_or_below(name, from)).collect();
    for (name, node) in moved {
        tree.insert(format!("{to}{}", &name[from.len()..]), node);
    }
}

/// The directory that holds `path`.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

fn is_at_or_below(name: &str, path: &str) -> bool {
    name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
