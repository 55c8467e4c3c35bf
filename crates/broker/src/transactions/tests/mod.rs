//! Transactions: the state machine alone, then as clients see them, over crashes of the broker.

mod machine;
