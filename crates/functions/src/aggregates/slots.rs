//! From one group to many: a [`Kernel`] knows one aggregate's state, [`Slots`] keeps one per group.

use arrow_array::ArrayRef;

use crate::Accumulators;

/// One aggregate call: its bound arguments, its pending results, and what happens to one state.
pub(crate) trait Kernel: Send {
    /// State of one group.
    type State: Send;

    /// The state of a group that has seen nothing.
    fn initial(&self) -> Self::State;

    /// See [`Accumulators::bind`].
    fn bind(&mut self, arguments: &[ArrayRef]);

    /// Adds `row` of the bound columns.
    fn add(&mut self, state: &mut Self::State, row: usize) -> Result<(), String>;

    /// Takes `row` of the bound columns out again.
    fn undo(&mut self, _state: &mut Self::State, _row: usize) -> Result<(), String> {
        Err("the aggregate function can't be undone".to_owned())
    }

    /// Merges `from` into `into`, which belongs to the earlier session.
    fn merge(&mut self, into: &mut Self::State, from: &Self::State) -> Result<(), String>;

    /// Appends the result of `state` to the pending results.
    fn push_result(&mut self, state: &Self::State);

    /// See [`Accumulators::take_results`].
    fn take_results(&mut self) -> ArrayRef;

    /// See [`Accumulators::save`].
    fn save(&self, state: &Self::State, out: &mut Vec<u8>);

    /// See [`Accumulators::load`].
    fn load<'a>(&mut self, bytes: &'a [u8]) -> Result<(Self::State, &'a [u8]), String>;
}

/// The states of all groups of one aggregate call.
pub(crate) struct Slots<K: Kernel> {
    kernel: K,
    states: Vec<K::State>,
}

impl<K: Kernel> Slots<K> {
    /// No groups yet.
    pub fn new(kernel: K) -> Self {
        Self { kernel, states: Vec::new() }
    }
}

impl<K: Kernel> Accumulators for Slots<K> {
    fn resize(&mut self, slots: usize) {
        self.states.resize_with(slots, || self.kernel.initial());
    }

    fn clear(&mut self, slot: usize) {
        self.states[slot] = self.kernel.initial();
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.kernel.bind(arguments);
    }

    fn add(&mut self, slot: usize, row: usize) -> Result<(), String> {
        self.kernel.add(&mut self.states[slot], row)
    }

    fn undo(&mut self, slot: usize, row: usize) -> Result<(), String> {
        self.kernel.undo(&mut self.states[slot], row)
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<(), String> {
        // The merged state is out of the list meanwhile; merging a slot with itself has no meaning.
        let mut merged = std::mem::replace(&mut self.states[into], self.kernel.initial());
        let result = self.kernel.merge(&mut merged, &self.states[from]);
        self.states[into] = merged;
        result
    }

    fn push_result(&mut self, slot: usize) {
        self.kernel.push_result(&self.states[slot]);
    }

    fn take_results(&mut self) -> ArrayRef {
        self.kernel.take_results()
    }

    fn save(&self, slot: usize, out: &mut Vec<u8>) {
        self.kernel.save(&self.states[slot], out);
    }

    fn load<'a>(&mut self, slot: usize, bytes: &'a [u8]) -> Result<&'a [u8], String> {
        let (state, rest) = self.kernel.load(bytes)?;
        self.states[slot] = state;
        Ok(rest)
    }
}
