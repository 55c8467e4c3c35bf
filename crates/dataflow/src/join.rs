//! Joins (spec section 5). A joined row's value columns are the left's key and value columns followed
//! by the right's; a missing side is NULL in all of them.

mod foreign_key;
mod joined;
mod stream_stream;
mod stream_table;
mod table_table;
mod unmatched;

use plan::logical::{JoinKind, Layout};
use plan::physical::Operator as PlanOperator;

use crate::operator::{Operator, Site};
use crate::row_codec::RowCodec;
use crate::stores::TableCodec;
use crate::{Error, Result};

use foreign_key::ForeignKeyJoinOp;
use stream_stream::StreamStreamJoinOp;
use stream_table::StreamTableJoinOp;
use table_table::TableTableJoinOp;

/// Builds the operator of a join node. Fails when the plan's layouts do not fit together.
pub(crate) fn build(site: &Site<'_>) -> Result<Box<dyn Operator>> {
    let node = site.node();
    let (left, right) = (&site.input(0)?.layout, &site.input(1)?.layout);
    let columns = left.key.len() + left.value.len() + right.key.len() + right.value.len();
    if node.layout.value.len() != columns {
        return Err(Error::Plan(format!(
            "{}: {} columns come from the inputs, {} are declared",
            node.name,
            columns,
            node.layout.value.len()
        )));
    }
    match &node.operator {
        PlanOperator::StreamTableJoin { kind, table_store } => Ok(Box::new(StreamTableJoinOp {
            is_left: *kind == JoinKind::Left,
            store: *table_store,
            codec: TableCodec::try_new(&right.key, &right.value)?,
        })),
        PlanOperator::TableTableJoin { kind, stores } => {
            let sides = Sides::try_new(left, right)?;
            Ok(Box::new(TableTableJoinOp { kind: *kind, stores: *stores, sides }))
        }
        PlanOperator::StreamStreamJoin { kind, within, stores } => {
            let sides = Sides::try_new(left, right)?;
            let window = node.layout.window;
            Ok(Box::new(StreamStreamJoinOp::try_new(*kind, *within, stores, sides, window)?))
        }
        PlanOperator::ForeignKeyJoin { kind, foreign_key, stores } => {
            Ok(Box::new(ForeignKeyJoinOp {
                is_left: *kind == JoinKind::Left,
                foreign_key: site.expressions([foreign_key])?,
                stores: *stores,
                sides: Sides::try_new(left, right)?,
            }))
        }
        _ => Err(Error::Plan(format!("{} is no join", node.name))),
    }
}

/// Codecs of the two sides.
pub(crate) struct Sides {
    /// Key and value of the left.
    left: SideCodec,
    /// Key and value of the right.
    right: SideCodec,
}

struct SideCodec {
    key: RowCodec,
    value: RowCodec,
}

impl SideCodec {
    fn try_new(layout: &Layout) -> Result<Self> {
        Ok(Self { key: RowCodec::try_new(&layout.key)?, value: RowCodec::try_new(&layout.value)? })
    }
}

impl Sides {
    fn try_new(left: &Layout, right: &Layout) -> Result<Self> {
        Ok(Self { left: SideCodec::try_new(left)?, right: SideCodec::try_new(right)? })
    }

    fn codec(&self, side: Side) -> &SideCodec {
        match side {
            Side::Left => &self.left,
            Side::Right => &self.right,
        }
    }
}

/// A side of a join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The first input.
    Left,
    /// The second input.
    Right,
}

impl Side {
    fn of_input(input: usize) -> Self {
        if input == 0 { Self::Left } else { Self::Right }
    }

    fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }

    fn index(self) -> usize {
        match self {
            Self::Left => 0,
            Self::Right => 1,
        }
    }

    /// Whether rows of this side without partner belong to the result.
    fn is_kept_by(self, kind: JoinKind) -> bool {
        match kind {
            JoinKind::Inner => false,
            JoinKind::Left => self == Self::Left,
            JoinKind::Right => self == Self::Right,
            JoinKind::Full => true,
        }
    }
}
